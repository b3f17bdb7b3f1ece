"""Which gateways are there, and how far behind: from births, states, wills and blocks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from devices.wire.live import status
from devices.wire.messages import GatewayState

BEHIND_US = 5_000_000
"""A gateway whose oldest block without a receipt is older than this is behind."""
ASK_AGAIN_US = 5_000_000
"""How long a gateway may take to answer a request for its birth."""


@dataclass(slots=True)
class _Known:
    journal: bytes | None = None
    online: bool = False
    born: bool = False
    asked_us: int | None = None
    broker: int = 0
    """Where its state was heard last."""


class Presence:
    """Every gateway that was heard in this session of the controller."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def born(self, gateway: str, journal: bytes) -> None:
        """A birth came."""
        known = self._of(gateway)
        known.journal, known.born = journal, True

    def state(
        self, gateway: str, state: GatewayState, seen_us: int | None, broker: int = 0
    ) -> dict[str, Any] | None:
        """What a state changes in the hub's GATEWAY item; None for the will of an earlier start, and for what
        one broker still says of a gateway that is online at another.

        `seen_us`: when it was sent; None for a retained one, whose age nobody knows.
        """
        known = self._of(gateway)
        if not state.online and known.journal not in (None, state.journal):
            return None
        if known.online and known.broker != broker and (not state.online or seen_us is None):
            return None
        known.journal, known.online, known.broker = state.journal, state.online, broker
        change = _condition(state)
        return change if seen_us is None else {**change, "seen_ms": seen_us // 1000}

    def wants_birth(self, gateway: str, now_us: int) -> bool:
        """A block came: whether to ask for the birth that did not come in this session."""
        known = self._of(gateway)
        if known.born or (known.asked_us is not None and now_us - known.asked_us < ASK_AGAIN_US):
            return False
        known.asked_us = now_us
        return True

    def broker_lost(self, broker: int = 0) -> Iterable[str]:
        """It delivers no will any more. Returns the gateways that were online there: nobody knows now."""
        gone = [gateway for gateway, known in self._known.items() if known.online and known.broker == broker]
        for gateway in gone:
            self._known[gateway].online = False
        return gone

    def _of(self, gateway: str) -> _Known:
        return self._known.setdefault(gateway, _Known())


def _condition(state: GatewayState) -> dict[str, Any]:
    oldest = max((age for age in state.oldest_us if age is not None), default=None)
    if not state.online:
        # A will was written at connect: what it says of the journal was true then.
        return {"state": "offline", "lanes": None, "first_waves": []}
    behind = oldest is not None and oldest > BEHIND_US
    return {
        "state": "behind" if behind else "online",
        "pending_blocks": sum(state.pending),
        "oldest_ms": None if oldest is None else oldest // 1000,
        "clock": _clock(state),
        "counts": dict(state.counts or {}),
        **_live(state),
    }


def _live(state: GatewayState) -> dict[str, Any]:
    """What is live and what follows, where the gateway says it."""
    if state.lanes is None:
        return {"lanes": None, "first_waves": []}
    return status(state.pending, state.oldest_us, state.lanes, state.first)


def _clock(state: GatewayState) -> dict[str, Any] | None:
    if state.clock is None:
        return None
    error = state.clock.error_us
    return {"sync": state.clock.sync.name.lower(), "error_ms": None if error is None else error / 1000}
