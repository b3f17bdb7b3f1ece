"""Whether a device is there: said when it changes, and only then; and tried again for ever."""

import asyncio
from collections.abc import Awaitable, Callable

from devices.model.observation import DeviceEvent, EventKind, Instant
from gateway.clock import Clock
from gateway.errors import LinkError
from gateway.links import Deliver


class Presence:
    """Delivers CONNECTED{`pairing`}, DISCONNECTED{`why`: a code, `message`: what to do}, once per change."""

    def __init__(self, clock: Clock, deliver: Deliver) -> None:
        self._clock = clock
        self._deliver = deliver
        self._said: str | None = None

    async def attend(
        self, once: Callable[[], Awaitable[None]], pause_s: Callable[[LinkError], float]
    ) -> None:
        """Until cancelled: run `once`, say why it failed, wait `pause_s` seconds, and again."""
        while True:
            try:
                await once()
            except LinkError as error:
                self.disconnected(error)
                await asyncio.sleep(pause_s(error))

    def connected(self, at: Instant | None = None, pairing: str | None = None) -> None:
        """The device speaks, since `at` (default: now); `pairing`: none, encrypted or bonded, if known."""
        if self._changes_to(""):
            detail: dict[str, str | int] = {} if pairing is None else {"pairing": pairing}
            self._deliver([DeviceEvent(EventKind.CONNECTED, at or self._clock.now(), detail)])

    def disconnected(self, error: LinkError) -> None:
        """The device is away because of `error`."""
        if self._changes_to(error.why):
            detail = {"why": error.why, "message": str(error)}
            self._deliver([DeviceEvent(EventKind.DISCONNECTED, self._clock.now(), detail)])

    def _changes_to(self, said: str) -> bool:
        changed, self._said = said != self._said, said
        return changed
