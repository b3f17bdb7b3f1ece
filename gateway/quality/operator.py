"""The operator of the mobile network, as the gateway calls it.

operator = Operator(config, clock, SystemRandom())
told = await operator.perform(Create())        # the sessions that the answer names
"""

import json
import logging
import ssl
from random import Random
from typing import Any
from uuid import UUID

from gateway.clock import Clock
from gateway.errors import QualityRefused, Unreachable
from gateway.quality import wire
from gateway.quality.config import QualityConfig
from gateway.quality.https import Answer, ask
from gateway.quality.session import Create, Delete, Extend, Find, Look, Request
from gateway.quality.token import Tokens
from gateway.quality.wire import SessionInfo

TIMEOUT_S = 10.0
_UNAUTHENTICATED = 401

log = logging.getLogger(__name__)


class Operator:
    """At `config.operator`; its certificate is judged by the system's roots, or by those in `config.ca`."""

    def __init__(self, config: QualityConfig, clock: Clock, random: Random) -> None:
        self._config, self._random = config, random
        self._tls: ssl.SSLContext | None = None
        self._tokens = Tokens(config.client_id, config.secret_file, self._token, clock.now)

    async def perform(self, request: Request) -> tuple[SessionInfo, ...]:
        """Raises QualityRefused, or Unreachable: it may have been done."""
        answer = await self._call(request)
        match request:
            case Delete():
                return ()
            case Find():
                return wire.sessions_to(self._config, answer.body)
            case _:
                return (wire.session_info(answer.body),)

    async def _call(self, request: Request) -> Answer:
        answer = await self._ask(request)
        if answer.status == _UNAUTHENTICATED:  # it may have been revoked before its end
            self._tokens.forget()
            answer = await self._ask(request)
        if answer.status // 100 == 2:
            return answer
        code = wire.error_code(answer.body)
        raise QualityRefused(answer.status, code, answer.retry_after_s)

    async def _ask(self, request: Request) -> Answer:
        method, path, body = self._spelled(request)
        correlator = str(UUID(int=self._random.getrandbits(128), version=4))
        token = await self._tokens.token()
        headers = {"Authorization": f"Bearer {token}", "x-correlator": correlator}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = b"" if body is None else json.dumps(body).encode()
        url = f"{self._config.operator}{wire.BASE}{path}"
        answer = await ask(method, url, data, headers, tls=self._judge(), timeout_s=TIMEOUT_S)
        log.debug("%s: %d, x-correlator %s", type(request).__name__, answer.status, correlator)
        return answer

    def _spelled(self, request: Request) -> tuple[str, str, dict[str, Any] | None]:
        match request:
            case Find():
                return "POST", "/retrieve-sessions", {"device": wire.device(self._config)}
            case Create():
                return "POST", "/sessions", wire.create(self._config)
            case Look(session):
                return "GET", f"/sessions/{session}", None
            case Extend(session, by_s):
                return "POST", f"/sessions/{session}/extend", {"requestedAdditionalDuration": by_s}
            case Delete(session):
                return "DELETE", f"/sessions/{session}", None

    async def _token(self, body: bytes, headers: dict[str, str]) -> Answer:
        tls = self._judge()
        return await ask("POST", self._config.token_url, body, headers, tls=tls, timeout_s=TIMEOUT_S)

    def _judge(self) -> ssl.SSLContext:
        """Raises Unreachable: `ca` cannot be used."""
        if self._tls is None:
            try:
                self._tls = ssl.create_default_context(cafile=self._config.ca)
            except OSError as error:  # ssl.SSLError is one
                raise Unreachable(f"quality.ca: {error}: give a file of certificates in PEM") from error
        return self._tls
