"""A link that comes and goes: how soon what is live is stored again after each return, and what is caught up.

flaps = await flapped(wan, ward, flap_s=5, seconds=120)
flaps.problems()
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from hil.faults.wan import PERFECT, Wan

FRESH_S = 1.5
"""A reading of this age is live."""
SOON_S = 3.0
"""What is live has to be back so soon, in the median, after a link that stays so long."""
_LOOK_S = 0.1
_LONG_PHASES_S = 5.0


class Watched(Protocol):
    """What is looked at: a `RemoteWard`."""

    def behind(self) -> int:
        """Blocks that are known to be made and are not here."""
        ...

    def age_s(self) -> float:
        """The age of the newest reading."""
        ...

    def last_row(self) -> int:
        """How many readings are here."""
        ...


@dataclass(frozen=True, slots=True)
class Phase:
    """One time that the link was there. `fresh_after_s` is None when nothing was live in it."""

    fresh_after_s: float | None
    came: int
    """Readings that were stored in it."""
    delivered: int
    """Packets that the network carried up in it, and refused in the time before."""
    refused: int


@dataclass(slots=True)
class Flaps:
    """All of them, `flap_s` up and `flap_s` down each."""

    flap_s: float
    phases: list[Phase] = field(default_factory=list[Phase])

    @property
    def fired(self) -> bool:
        """Whether packets were refused in every pause and carried in every phase."""
        return bool(self.phases) and all(phase.refused and phase.delivered for phase in self.phases)

    def problems(self) -> list[str]:
        """What was not good enough, as sentences."""
        told: list[str] = []
        idle = sum(not phase.came for phase in self.phases)
        if idle > len(self.phases) * (0.1 if self.flap_s >= _LONG_PHASES_S else 0.5):
            told.append(f"nothing came in {idle} of {len(self.phases)} times that the link was up")
        if self.flap_s >= _LONG_PHASES_S and (late := self._late()) > len(self.phases) // 10:
            told.append(
                f"live readings were back later than {SOON_S:.0f} s in {late} of {len(self.phases)} times"
            )
        return told

    def _late(self) -> int:
        return sum(phase.fresh_after_s is None or phase.fresh_after_s > SOON_S for phase in self.phases)

    def __str__(self) -> str:
        back = [phase.fresh_after_s for phase in self.phases if phase.fresh_after_s is not None]
        if not back:
            return f"every {self.flap_s:g} s: never live in {len(self.phases)} times up"
        return (
            f"every {self.flap_s:g} s: live in {len(back)} of {len(self.phases)} times up, "
            f"after {median(back):.1f} s (median), {max(back):.1f} s (worst)"
        )


async def flapped(wan: Wan, ward: Watched, flap_s: float, seconds: float) -> Flaps:
    """Take the link away and give it back, `flap_s` each, for about `seconds`."""
    flaps = Flaps(flap_s)
    for _ in range(max(2, round(seconds / (2 * flap_s)))):
        before = await wan.counts()
        await wan.blackout()
        await asyncio.sleep(flap_s)
        flaps.phases.append(await _up(wan, ward, flap_s, before))
    return flaps


async def _up(wan: Wan, ward: Watched, flap_s: float, before: Counter[str]) -> Phase:
    refused = (await wan.counts() - before)["up-blacked-out"]
    loop, row, carried = asyncio.get_running_loop(), ward.last_row(), await wan.counts()
    began, fresh = loop.time(), None
    await wan.set(PERFECT)
    while (now := loop.time()) < began + flap_s:
        if fresh is None and ward.age_s() < FRESH_S:
            fresh = now - began
        await asyncio.sleep(_LOOK_S)
    delivered = (await wan.counts() - carried)["up-delivered"]
    return Phase(fresh, ward.last_row() - row, delivered, refused)
