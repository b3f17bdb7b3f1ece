"""The operator of the mobile network, as the gateway calls it.

operator = Operator(config, clock, SystemRandom())
told = await operator.perform(Create())        # the sessions that the answer names
"""

import logging
from random import Random
from typing import Any
from uuid import UUID

from devices.model.quality_on_demand import sink_mark
from gateway.apis.client import Client
from gateway.apis.https import Answer
from gateway.clock import Clock
from gateway.quality import wire
from gateway.quality.config import QualityConfig
from gateway.quality.session import Create, Delete, Extend, Find, Look, Request
from gateway.quality.wire import SessionInfo, Sink

_SINK_US = 7 * 86_400_000_000
"""No session lasts longer."""

log = logging.getLogger(__name__)


class Operator:
    """At `config.operator`; its certificate is judged by the system's roots, or by those in `config.ca`."""

    def __init__(self, config: QualityConfig, clock: Clock, random: Random) -> None:
        self._config, self._clock, self._random = config, clock, random
        self.mark = ""
        """Of the sink that was asked for last (`sink_mark`)."""
        self._client = Client(config, clock.now, wire.SCOPES)

    async def perform(self, request: Request) -> tuple[SessionInfo, ...]:
        """Raises ApiRefused, or Unreachable: it may have been done."""
        answer = await self._call(request)
        match request:
            case Delete():
                return ()
            case Find():
                return wire.sessions_to(self._config, answer.body)
            case _:
                return (wire.session_info(answer.body),)

    async def _call(self, request: Request) -> Answer:
        method, path, body = self._spelled(request)
        correlator = str(UUID(int=self._random.getrandbits(128), version=4))
        url = f"{self._config.operator}{wire.BASE}{path}"
        answer = await self._client.call(method, url, body, {"x-correlator": correlator})
        log.debug("%s: %d, x-correlator %s", type(request).__name__, answer.status, correlator)
        return answer

    def _spelled(self, request: Request) -> tuple[str, str, dict[str, Any] | None]:
        match request:
            case Find():
                return "POST", "/retrieve-sessions", {"device": wire.device(self._config)}
            case Create():
                return "POST", "/sessions", wire.create(self._config, self._sink())
            case Look(session):
                return "GET", f"/sessions/{session}", None
            case Extend(session, by_s):
                return "POST", f"/sessions/{session}/extend", {"requestedAdditionalDuration": by_s}
            case Delete(session):
                return "DELETE", f"/sessions/{session}", None

    def _sink(self) -> Sink | None:
        """A new one; None: there is none, or this box does not know until when its token would be good."""
        self.mark, utc_us = "", self._clock.block_clock().utc_us
        if self._config.sink is None or utc_us is None:
            return None
        token = f"{self._random.getrandbits(256):064x}"
        self.mark = sink_mark(token)
        return Sink(self._config.sink, token, utc_us + _SINK_US)
