"""A ward with wrong clocks: waiting for what they do, and what must hold whatever they say."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hil import clockcheck
from hil.database import streams
from hil.errors import NotReady
from hil.faults.clocked_gateway import METRIC
from hil.faults.clocked_ward import ClockedWard
from hil.faults.other_clocks import steady_us, true_utc_us
from hil.until import until

_CLOSE_US = 900_000
_WAIT_S = (0.8, 1.6)
_PATIENCE_S = 180.0


@dataclass(slots=True)
class ClockLab:
    """What rounds ask of the ward, and what is true of it after each of them."""

    ward: ClockedWard
    rng: Random
    unheard: set[str] = field(default_factory=set[str])
    """Boots of which nobody could know when they were but the gateway's next boot: they had ended."""
    facts: dict[str, str] = field(default_factory=dict[str, str])
    _since_us: int = 0
    """All that was said before, in true time, is stored."""
    _after: int = 0
    """And all that was said since, is in rows after this one."""

    def begin(self) -> None:
        """A round begins."""
        self.ward.board.begin()

    async def recovered(self) -> None:
        """Wait until all that was said by now is stored, and the board shows what is said now."""
        newest, now_us = clockcheck.last_row(self.ward.database), steady_us()
        said = clockcheck.said(self.ward.emitted)
        there = [one for one in said if self._since_us <= one.steady_us < now_us]

        def holds() -> bool:
            return not clockcheck.lost(there, clockcheck.stored(self.ward.database, METRIC, self._after))

        await until("all that was said is stored", holds, _PATIENCE_S, every_s=0.5)
        self._since_us, self._after = now_us, newest
        await self.ward.board.sees_all()

    def checked(self) -> list[str]:
        """What does not hold of all that is stored now."""
        here = clockcheck.stored(self.ward.database, METRIC)
        there = clockcheck.said(self.ward.emitted)
        errors = clockcheck.errors_us(there, here, true_utc_us() - steady_us())
        tight = [us for one, us in errors if one.boot not in self.unheard]
        board, heard = self.ward.board, {one.boot for one in here} - self.unheard
        self.facts |= {
            "values": f"{len(here)} stored, of {len({one.boot for one in here})} boots",
            "times": f"{min(tight) / 1e3:.0f} to {max(tight) / 1e3:.0f} ms from the true ones",
            "ages": f"{board.judged} judged, the worst wrong by {board.worst_s:.2f} s more than the delay",
        }
        return [
            *clockcheck.surplus(there, here),
            *clockcheck.out_of_order(there, here),
            *clockcheck.at_wrong_times(errors, {boot: board.delays_s.get(boot, 0.0) for boot in heard}),
            *clockcheck.never_set(here),
        ]

    async def end(self) -> list[str]:
        """The devices fall silent: look at everything once more, the ledger by number, too."""
        self.ward.silence()

        def open_points() -> list[str]:
            there, here = clockcheck.said(self.ward.emitted), clockcheck.stored(self.ward.database, METRIC)
            ledger = [line for one in streams(self.ward.database) for line in one.problems()]
            return [*clockcheck.lost(there, here), *ledger]

        with contextlib.suppress(NotReady):
            await until("all that was said is stored", lambda: not open_points(), _PATIENCE_S, every_s=0.5)
        return [*open_points(), *self.checked(), *self.ward.deaths]

    async def pause(self) -> None:
        """Some time passes."""
        await asyncio.sleep(self.rng.uniform(*_WAIT_S))

    def is_said_in(self, boot: str) -> bool:
        """Whether a device has said anything in this boot of the gateway."""
        return any(one.boot == boot for one in clockcheck.said(self.ward.emitted))

    # what shows that a fault fired

    async def says(self, off_s: float, since_us: int) -> bool:
        """Whether rows said since `since_us` of true time come to have a UTC that is `off_s` off."""
        boot = self.ward.gateway_clocks.boot.hex()

        def holds() -> bool:
            found = self.utc_errors(boot, since_us)
            return any(us is not None and abs(us - off_s * 1e6) < _CLOSE_US for us in found)

        return await _comes(holds)

    def utc_errors(self, boot: str, since_us: int) -> list[int | None]:
        """How far from UTC the rows of `boot` said since then are; None: one has none."""
        true = {one.key: one.steady_us for one in clockcheck.said(self.ward.emitted) if one.boot == boot}
        offset_us = true_utc_us() - steady_us()
        rows = clockcheck.stored(self.ward.database, METRIC, self._after)
        return [
            None if one.utc_us is None else one.utc_us - offset_us - true[one.key]
            for one in rows
            if true.get(one.key, -1) >= since_us
        ]

    async def alert_is(self, code: str, *, active: bool) -> None:
        """Wait until the board shows the alert, or no longer does. Raises NotReady."""
        board = self.ward.board

        def holds() -> bool:
            return bool(board.last) and any(a["code"] == code for a in board.last["alerts"]) == active

        await until(f"alert {code} {'comes' if active else 'goes'}", holds, _PATIENCE_S)

    async def sync_is(self, sync: str) -> None:
        """Wait until the board's GATEWAY item says so of the gateway's clock. Raises NotReady."""

        def state(gateway: dict[str, Any]) -> str | None:
            return (gateway["clock"] or {}).get("sync")

        def holds() -> bool:
            return any(state(gateway) == sync for gateway in self.ward.board.last.get("gateways", []))

        await until(f"the board calls the gateway's clock {sync}", holds, _PATIENCE_S)

    def scale_off_s(self) -> float:
        """How far from UTC the board's time is."""
        now = self.ward.board.last.get("server_ms")
        return 0.0 if now is None else now / 1e3 - true_utc_us() / 1e6


async def _comes(holds: Callable[[], bool]) -> bool:
    try:
        await until("the wrong clock shows", holds, 30, every_s=0.5)
    except NotReady:
        return False
    return True
