"""The quality of the connection as it is asked for while the gateway runs, and what is told of it.

quality = Quality(config.quality, clock, tell, alarm)
quality.heard(who, alert)          # every alert
quality.happened(event)            # every event of the gateway itself
await quality.run()

Nothing waits for it, and what fails of it is an event and an alert of low priority.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from random import Random, SystemRandom

from devices.model.crew import StayAction
from devices.model.observation import Alert, DeviceEvent, EventKind
from devices.model.orders import Arguments
from devices.model.quality_on_demand import Standing
from gateway.clock import Clock
from gateway.errors import ApiRefused, Unreachable
from gateway.gather import Who
from gateway.orders.commands import Tell
from gateway.quality.config import QualityConfig
from gateway.quality.need import Need
from gateway.quality.operator import Operator
from gateway.quality.session import QosSession, Request

LOOK_S = 0.5
_LAST_S = 1.0
"""For so long the end of the gateway waits for the end of the session."""
_BAD = {Standing.REFUSED, Standing.UNREACHABLE}

log = logging.getLogger(__name__)


class Quality:
    """`config` None: nothing is asked for. `alarm` is told why there is none that is wanted, or ""."""

    def __init__(
        self,
        config: QualityConfig | None,
        clock: Clock,
        tell: Tell,
        alarm: Callable[[str], None],
        random: Random | None = None,
    ) -> None:
        self._config, self._clock, self._tell, self._alarm = config, clock, tell, alarm
        self._need = Need(config.minutes_after * 60 if config else 0)
        self._session = QosSession(config.duration_s if config else 1)
        self._operator = Operator(config, clock, random or SystemRandom()) if config else None
        self._told: tuple[Standing | None, str, str] = None, "", ""

    def heard(self, who: Who, alert: Alert) -> None:
        """An alert of `who` began or ended."""
        self._need.heard(who, alert)

    async def watched(self, arguments: Arguments) -> None:
        """The command WATCHED: a physician who looks on needs the waveforms now."""
        self._need.watched(str(arguments["vehicle"]), bool(arguments["by"]), self._clock.now())

    def happened(self, event: DeviceEvent) -> None:
        """An event of the gateway itself: the stay of a patient on board may have ended."""
        if event.kind == EventKind.PATIENT and event.detail["action"] == StayAction.END:
            self._need.arrived()

    async def notified(self, arguments: Arguments) -> None:
        """The command LOOK_AT_QUALITY. Whoever caused it, the operator is asked and nothing is believed."""
        self._session.notified(str(arguments["session"]), self._clock.now())

    async def run(self) -> None:
        """Until cancelled: then the session is given back, if that is quick. Raises NotKept."""
        if self._operator is None:
            await asyncio.Event().wait()
        try:
            while True:
                self._session.want(self._need.wanted(self._clock.now()))
                if request := self._session.next(self._clock.now()):
                    await self._ask(request)
                await self._say()
                if self._session.next(self._clock.now()) is None:
                    await asyncio.sleep(LOOK_S)
        except asyncio.CancelledError:
            await self._give_back()
            raise

    async def _ask(self, request: Request) -> None:
        assert self._operator is not None
        asked = self._clock.now()
        try:
            told = await self._operator.perform(request)
            self._session.answered(request, told, asked, self._clock.now())
        except ApiRefused as error:
            log.warning("%s is refused: %s", type(request).__name__, error)
            self._session.refused(request, error, self._clock.now())
        except Unreachable as error:
            log.warning("%s had no answer: %s", type(request).__name__, error)
            self._session.lost(request, "the operator does not answer", self._clock.now())
        except asyncio.CancelledError:
            self._session.lost(request, "cancelled", self._clock.now())
            raise

    async def _say(self) -> None:
        """Tell it, if it is news. Raises NotKept."""
        standing, why = self._session.standing, self._session.why
        news = standing, why, self._session.told
        bad = self._session.wanted and standing in _BAD
        self._alarm(f"{standing}: {why}" if bad else "")
        if standing is None or news == self._told:
            return
        assert self._config is not None
        assert self._operator is not None
        log.info("quality %s: %s %s", self._config.qos_profile, standing, why)
        told: dict[str, str | int] = {"state": str(standing), "profile": self._config.qos_profile}
        reason: dict[str, str | int] = {"why": why[:200]} if why else {}
        sink = {"session": news[2], "sink": self._operator.mark} if news[2] else {}
        await self._tell(DeviceEvent(EventKind.QUALITY, self._clock.now(), told | reason | sink))
        self._told = news

    async def _give_back(self) -> None:
        """What is not given back ends with its duration, or is found at the next start."""
        self._session.want(False)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                while not self._session.is_clear and (request := self._session.next(self._clock.now())):
                    await self._ask(request)
