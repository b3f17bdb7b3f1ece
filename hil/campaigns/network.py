"""Six beds stream over a bad network: delay, loss, narrow link, reordering, half-open connections, blackouts.

Passes with nothing lost, nothing twice, nothing invented; after a blackout, over a link of 64 to 256 kbit/s
with a round trip of 40 to 600 ms, with the newest reading on time while the backlog drains beside it with at
least 80% of the link; and over a link that comes and goes, with live readings in every time that it is there.
Needs root: gateway and controller are in a network namespace of their own (`hil.faults.namespace`).
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from hil.campaigns.flaps import Flaps, flapped
from hil.campaigns.running_ward import RunningWard, add_to_last
from hil.campaigns.verdict import Verdict
from hil.database import connected
from hil.errors import NotReady
from hil.faults.namespace import in_namespace, setting
from hil.faults.wan import HOSPITAL, PERFECT, Conditions, Wan
from hil.faults.weather import FLAPPING, KINDS, NARROW, Weather, draw
from hil.sims.emitted import boot_id, now_ns
from hil.until import until

LEAST_SHARE, LATEST_S = 0.8, 2.0
_PATIENCE_S, _SETTLE_S = 60.0, 1.0
_LONGER = 3
"""A blackout must last for more of a backlog than a narrow link takes at once."""
_BEHIND = 8
"""Blocks that may be on the way when nothing is behind."""
_RATES, _DELAYS_S = (64e3, 256e3), (0.02, 0.3)
_FLAPS_S, _TIMES = (1.0, 2.0, 5.0, 5.0, 10.0), 1.5
"""How long the link is there, and away; at 12 s a condition it is 9 times there: 1.5 minutes at 5 s."""
_NEWEST = """SELECT max(mono_us) FROM observation AS row JOIN boot ON boot.id = row.boot
WHERE boot.boot = ?"""


class RemoteWard(RunningWard):
    """A ward whose gateway reaches the controller over the `Wan` only, by MPTCP if told so."""

    def __init__(self, root: Path, beds: int, *, mptcp: bool = False) -> None:
        super().__init__(root, beds)
        (config,) = self.folder.gateway.glob("*.toml")
        text = config.read_text(encoding="utf-8").replace("mqtts://127.0.0.1", f"mqtts://{HOSPITAL}")
        if mptcp:
            text = text.replace("[controller]\n", "[controller]\nmptcp = true\n")
        config.write_text(text, encoding="utf-8")

    def behind(self) -> int:
        """Blocks that are known to be made and are not here."""
        return sum(last - first + 1 for one in self.streams() for first, last in one.missing())

    def age_s(self) -> float:
        """The age of the newest reading that is stored: a backlog's rows are many and come in between."""
        with closing(connected(self.database)) as db:
            (newest_us,) = db.execute(_NEWEST, (boot_id(),)).fetchone()
        return math.inf if newest_us is None else now_ns() / 1e9 - newest_us / 1e6


@dataclass(slots=True)
class Drain:
    """How a backlog went over a narrow link: shares of the link, ages of the newest reading."""

    rate_bps: float
    delay_s: float
    shares: list[float] = field(default_factory=list[float])
    ages_s: list[float] = field(default_factory=list[float])

    def problems(self) -> list[str]:
        """What was not good enough, as sentences."""
        told: list[str] = []
        if self.shares and (share := median(self.shares)) < LEAST_SHARE:
            told.append(f"the backlog drained with {share:.0%} of {self.rate_bps / 1000:.0f} kbit/s")
        if self.ages_s and median(self.ages_s) > LATEST_S:
            told.append(f"live readings came {median(self.ages_s):.1f} s late beside the backlog")
        return told

    def __str__(self) -> str:
        if not self.shares:
            return "none"
        return (
            f"{median(self.shares):.0%} of {self.rate_bps / 1000:.0f} kbit/s, "
            f"round trip {2000 * self.delay_s:.0f} ms, for {len(self.shares)} s, "
            f"newest reading {median(self.ages_s):.2f} s old"
        )


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    hold_s: float = 12.0,
    kinds: tuple[str, ...] = tuple(KINDS),
) -> Verdict:
    """`rounds` rounds in an empty `folder`, each condition for `hold_s`. Raises NotReady without root."""
    return await in_namespace(lambda: _Campaign(seed, say, hold_s).run(folder, rounds, kinds))


class _Campaign:
    def __init__(self, seed: int, say: Callable[[str], None], hold_s: float) -> None:
        self._verdict = Verdict("network", seed)
        self._rng = Random(seed)
        self._say = say
        self._hold_s = hold_s
        self._drains: list[Drain] = []
        self._flaps: list[Flaps] = []
        self._slowest_s = 0.0

    async def run(self, folder: Path, rounds: int, kinds: tuple[str, ...]) -> Verdict:
        # Whatever the host uses: Reno, as the usual CUBIC, fills any queue, so it is the hardest company.
        setting("tcp_congestion_control", "reno")
        order = _order(self._rng, kinds, rounds)
        async with Wan(self._verdict.seed) as wan, RemoteWard(folder, beds=6) as ward:
            for kind in order:
                problems = await self._round(wan, ward, draw(self._rng, kind))
                told = self._verdict.rounds[-1]
                self._say(
                    f"{len(self._verdict.rounds)}/{rounds}: {told.fault}: {'; '.join(problems) or 'ok'}"
                )
            add_to_last(self._verdict, await ward.end())
            self._verdict.facts |= self._facts(await wan.counts(), ward)
        return self._verdict

    async def _round(self, wan: Wan, ward: RemoteWard, weather: Weather) -> list[str]:
        before, told = await wan.counts(), len(ward.told)
        narrow = weather.name == NARROW
        was_used = True
        problems: list[str] = []
        if weather.name == FLAPPING:
            flaps = await self._flapped(wan, ward)
            was_used, problems = flaps.fired, flaps.problems()
        else:
            await weather.come(wan, self._hold_s * (_LONGER if narrow else 1))
        healed = now_ns()
        try:
            if narrow:
                drain = await self._drained(wan, ward)
                was_used = bool(drain.shares)
                problems += drain.problems()
            await wan.set(PERFECT)
            await ward.live_again(weather.name)
            await ward.caught_up(weather.name)
        except NotReady as error:
            problems.append(str(error))
        took_s = (now_ns() - healed) / 1e9
        fired = was_used and weather.fired(await wan.counts() - before)
        self._slowest_s = max(self._slowest_s, took_s)
        problems += [line for line in ward.told[told:] if " ended (" in line]
        self._verdict.round(f"{weather.name}, all there {took_s:.1f} s after", fired=fired, problems=problems)
        return problems

    async def _flapped(self, wan: Wan, ward: RemoteWard) -> Flaps:
        flap_s = self._rng.choice(_FLAPS_S)
        self._flaps.append(await flapped(wan, ward, flap_s, self._hold_s * flap_s * _TIMES))
        return self._flaps[-1]

    async def _drained(self, wan: Wan, ward: RemoteWard) -> Drain:
        """Let the backlog over a narrow link; look once a second, from when the link is found again."""
        drain = Drain(round(self._rng.uniform(*_RATES)), self._rng.uniform(*_DELAYS_S))
        self._drains.append(drain)
        row = ward.last_row()
        await wan.set(Conditions(delay_s=drain.delay_s, rate_bps=drain.rate_bps))
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE_S
        await until("the narrow link is used", lambda: ward.last_row() > row, _PATIENCE_S)
        await asyncio.sleep(_SETTLE_S)
        while ward.behind() > _BEHIND and loop.time() < end:
            at, before = loop.time(), await wan.counts()
            await asyncio.sleep(1)
            carried = (await wan.counts() - before)["up-link-bytes"]
            if ward.behind() > _BEHIND:
                drain.shares.append(carried * 8 / (loop.time() - at) / drain.rate_bps)
                drain.ages_s.append(ward.age_s())
        return drain

    def _facts(self, counts: dict[str, int], ward: RemoteWard) -> dict[str, str]:
        names = ("packets", "lost", "reordered", "overflowed", "blacked-out", "orphaned", "connections")
        both = {name: counts.get(f"up-{name}", 0) + counts.get(f"down-{name}", 0) for name in names}
        return {
            "network": ", ".join(f"{count} {name}" for name, count in both.items()),
            "drains": "; ".join(map(str, self._drains)),
            "flapping": "; ".join(map(str, self._flaps)),
            "slowest recovery": f"{self._slowest_s:.1f} s",
            **ward.facts(),
        }


def _order(rng: Random, kinds: Sequence[str], rounds: int) -> list[str]:
    """Every kind once, in any order, before one comes again."""
    turns = math.ceil(rounds / len(kinds))
    return [kind for _ in range(turns) for kind in rng.sample(kinds, len(kinds))][:rounds]
