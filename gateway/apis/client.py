"""An API that a gateway is a client of.

client = Client(config, clock.now, SCOPES)
answer = await client.call("GET", "https://api.example/things")      # 2xx, or an error
"""

import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from devices.model.observation import Instant
from gateway.apis.config import ApiAccess
from gateway.apis.https import Answer, ask
from gateway.apis.token import Tokens, error_code
from gateway.errors import ApiRefused, Unreachable

TIMEOUT_S = 10.0
_UNAUTHENTICATED = 401


class Client:
    """With the rights of `access`, limited to `scopes` ("": as the server has it)."""

    def __init__(self, access: ApiAccess, now: Callable[[], Instant], scopes: str = "") -> None:
        self._access = access
        self._tls: ssl.SSLContext | None = None
        self._tokens = Tokens(access.client_id, access.secret_file, scopes, self._token, now)

    async def call(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """`body` goes as JSON. Raises ApiRefused, or Unreachable: it may have been done."""
        answer = await self._ask(method, url, body, headers or {})
        if answer.status == _UNAUTHENTICATED:  # it may have been revoked before its end
            self._tokens.forget()
            answer = await self._ask(method, url, body, headers or {})
        if answer.status // 100 == 2:
            return answer
        raise ApiRefused(answer.status, error_code(answer.body), answer.retry_after_s)

    async def _ask(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        kind = {} if body is None else {"Content-Type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        shown = {**headers, **kind, "Authorization": f"Bearer {await self._tokens.token()}"}
        return await ask(method, url, data, shown, tls=self._judge(), timeout_s=TIMEOUT_S)

    async def _token(self, body: bytes, headers: dict[str, str]) -> Answer:
        url, tls = self._access.token_url, self._judge()
        return await ask("POST", url, body, headers, tls=tls, timeout_s=TIMEOUT_S)

    def _judge(self) -> ssl.SSLContext:
        """Raises Unreachable: `ca` cannot be used."""
        if self._tls is None:
            try:
                self._tls = ssl.create_default_context(cafile=self._access.ca)
            except OSError as error:  # ssl.SSLError is one
                raise Unreachable(
                    f"{self._access.ca}: {error}: give a file of certificates in PEM"
                ) from error
        return self._tls
