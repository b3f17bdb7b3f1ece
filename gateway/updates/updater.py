"""The release that this gateway is to run: fetched beside it, tried when nobody is monitored, then judged.

Wanted is what the configuration from afar says (`software-release`): a box that was dark for a week gets the
newest and needs none between. The launcher does what a running gateway cannot do to itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import SOFTWARE_RELEASE
from devices.model.software import Progress
from gateway.clock import Clock
from gateway.errors import UpdateError
from gateway.links.backoff import Backoff
from gateway.orders.commands import Tell
from gateway.orders.kept import ConfigurationFile
from gateway.updates.place import Place

LOOK_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 60.0, 3600.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Updater:
    """`place` is None for a gateway that does not run from slots.

    `busy` names a device that measures a patient now, or is empty; `online` says whether a controller gives
    receipts; `receipted` waits until it has given them for all alerts and events so far; `alarm` is told
    which release failed and why, and with 0 that none has.
    """

    place: Place | None
    configuration: ConfigurationFile
    clock: Clock
    tell: Tell
    busy: Callable[[], str]
    online: Callable[[], bool]
    receipted: Callable[[], Awaitable[None]]
    alarm: Callable[[int, str], None]
    look_s: float = LOOK_S
    _told: tuple[int, int, str, str] | None = None
    """Revision, release, progress and reason that were last told."""
    _tried: int = -1
    """The revision for which the waits below were begun."""
    _not_before: int = 0
    _backoff: Backoff = field(default_factory=lambda: Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S))

    async def run(self) -> None:
        """Until cancelled. Raises NotKept, OSError: it is to be started again."""
        if self.place is not None and self.place.on_trial:
            await self._prove(self.place)
        while True:
            await self._step()
            await asyncio.sleep(self.look_s)

    @property
    def _revision(self) -> int:
        configuration = self.configuration.configuration
        return 0 if configuration is None else configuration.revision

    async def _prove(self, place: Place) -> None:
        """Healthy is: connected, the journal takes a record, and the controller has receipted it."""
        await self._say(place.release, Progress.TRIAL)
        await self.receipted()
        try:
            await asyncio.to_thread(place.slots.confirm, place.slot)
        except UpdateError as error:
            log.error("release %d: %s", place.release, error)
            return  # the launcher is about to end this process
        place.on_trial = False
        self.alarm(0, "")
        await self._say(place.release, Progress.INSTALLED)

    async def _step(self) -> None:
        wanted = int(self.configuration.settings.get(SOFTWARE_RELEASE, 0))
        if not wanted or (self.place is not None and wanted == self.place.release):
            self.alarm(0, "")  # nobody waits any more for one that failed
            return
        if self._tried != self._revision:
            self._tried, self._not_before = self._revision, 0
            self._backoff.reset()
        try:
            await self._towards(self._usable(wanted), wanted)
        except UpdateError as error:
            if error.why == "unhealthy":
                self.alarm(wanted, str(error))
                await self._say(wanted, Progress.FAILED, str(error))
            else:
                self._not_before = self.clock.now() + int(self._backoff.failed() * 1e9)
                await self._say(wanted, Progress.REFUSED, f"{error.why}: {error}")

    def _usable(self, wanted: int) -> Place:
        """Where `wanted` may be installed. Raises UpdateError."""
        place = self.place
        if place is None:
            raise UpdateError("no-slots", "this gateway was not installed with slots: see its how-to")
        if wanted < place.release:
            raise UpdateError("older", f"expected a release after {place.release}, got {wanted}")
        for failure in place.slots.state().failures:
            if (failure.release, failure.asked) == (wanted, self._revision):
                raise UpdateError("unhealthy", f"{failure.why}: configure it anew to try it once more")
        return place

    async def _towards(self, place: Place, wanted: int) -> None:
        """One step to the trial. Raises UpdateError."""
        if place.filled() != wanted:
            if self.clock.now() < self._not_before:
                return
            if self.clock.block_clock().utc_us is None:
                raise UpdateError("clock", "this box does not know the time, nor whether what it gets is old")
            log.info("release %d is fetched", wanted)
            await place.fill(wanted)
            self._backoff.reset()
        if name := self.busy():
            await self._say(wanted, Progress.FILLED, f"it waits: {name} measures a patient")
        elif not self.online():
            await self._say(wanted, Progress.FILLED, "it waits for the controller, by which it is judged")
        else:
            log.info("release %d is tried: the launcher starts it", wanted)
            await asyncio.to_thread(place.slots.ask_for_trial, self._revision)

    async def _say(self, release: int, progress: Progress, why: str = "") -> None:
        """Tell it, if it is news. Raises NotKept."""
        news = self._revision, release, str(progress), why
        if news == self._told:
            return
        log.info("release %d: %s %s", release, progress, why)
        reason = {"why": why[:200]} if why else {}
        detail: dict[str, str | int] = {"release": release, "progress": str(progress), **reason}
        await self.tell(DeviceEvent(EventKind.SOFTWARE, self.clock.now(), detail))
        self._told = news
