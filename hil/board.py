"""What the nurse's board is told, for a program: signs in, and asks for a snapshot.

async with Board("http://127.0.0.1:8080", "nurse", password) as board:
    state = live(await board.snapshot())
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from hil.ambulance.page import events
from hil.errors import NotReady

_TIMEOUT_S = 5.0
_QUIET_S = 10.0
"""Of events: the time is told each second."""


class Board:
    """A signed-in session at `address`. Its calls raise NotReady while the controller does not answer."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._login = {"user": user, "password": password}
        self._signed_in = False
        self._cookies: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        # The cookie is Secure and for an IP address, and the address may change: it is sent by hand.
        jar = aiohttp.DummyCookieJar()
        timeout = aiohttp.ClientTimeout(_TIMEOUT_S)
        self._http = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def snapshot(self) -> dict[str, Any]:
        """The whole state, as the board's first event has it."""
        return await self.get("/api/snapshot")

    async def get(self, path: str) -> dict[str, Any]:
        """The answer to GET `path`."""
        try:
            if not self._signed_in:
                await self._sign_in()
            async with self._http.get(self.address + path, cookies=self._cookies) as answer:
                self._signed_in = answer.status != 401
                answer.raise_for_status()
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReady(f"{self.address}{path}: {error}") from error

    async def events(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """What the board's page is told, from a snapshot on, until the connection ends."""
        patience = aiohttp.ClientTimeout(total=None, sock_connect=_TIMEOUT_S, sock_read=_QUIET_S)
        try:
            if not self._signed_in:
                await self._sign_in()
            async with self._http.get(
                self.address + "/api/events", cookies=self._cookies, timeout=patience
            ) as answer:
                self._signed_in = answer.status != 401
                answer.raise_for_status()
                async for event in events(answer.content):
                    yield event
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotReady(f"{self.address}/api/events: {error}") from error

    async def _sign_in(self) -> None:
        # Only a page of the controller's own origin may sign in.
        origin = {"Origin": self.address}
        async with self._http.post(self.address + "/api/login", json=self._login, headers=origin) as answer:
            answer.raise_for_status()
            self._cookies = {one.key: one.value for one in answer.cookies.values()}
        self._signed_in = True


@dataclass(frozen=True, slots=True)
class Live:
    """How the ward is, in a few numbers."""

    beds: int
    live_beds: int
    devices: int
    connected_devices: int
    gateways: dict[str, str]
    pending_blocks: int


def live(snapshot: dict[str, Any]) -> Live:
    """The numbers of a snapshot; a bed is live while one of its values is younger than its metric's limit."""
    now, metrics = snapshot["server_ms"], snapshot["metrics"]
    fresh = {
        value["bed"]
        for value in snapshot["values"]
        if value["value"] is not None
        and now - value["at_ms"] <= 1000 * metrics[value["metric"]]["stale_after_s"]
    }
    return Live(
        beds=len(snapshot["beds"]),
        live_beds=len(fresh - {None}),
        devices=len(snapshot["devices"]),
        connected_devices=sum(device["connected"] is True for device in snapshot["devices"]),
        gateways={gateway["id"]: gateway["state"] for gateway in snapshot["gateways"]},
        pending_blocks=sum(gateway["pending_blocks"] or 0 for gateway in snapshot["gateways"]),
    )
