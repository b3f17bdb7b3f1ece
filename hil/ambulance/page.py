"""The crew's tablet in the real-time excerpt: logged in at the box's page over HTTP, watching its events.

async with CrewPage("http://127.0.0.1:8090", "kim", pin) as page:
    await page.log_in()
    await page.tell("mark", {"code": "intubation", "text": ""})
    page.alarm("ox-a", "spo2-low")          # as it is shown now
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

from hil.errors import NotReady
from hil.sims.emitted import now_ns

Json = dict[str, Any]
_AGAIN_S, _PATIENCE_S = 0.1, 60.0
_ADDED_TO = ("values", "waves")
"""Events that bring what is new; all others bring the whole of their part."""


class CrewPage:
    """Of the box at `address`. What it shows stays shown while the box is away, as on a tablet."""

    def __init__(self, address: str, name: str, pin: str) -> None:
        self._address = address
        self._person = {"name": name, "pin": pin}
        self.shown: Json = {}
        """The snapshot, kept up to date by events; without values."""
        self.snapshots = 0
        """How often the page began anew: first, and after each start of the box."""
        self.first_shown: dict[str, int] = {}
        """When each alarm, by its id, was first seen here: nanoseconds since the host's boot."""
        self._values: dict[tuple[str, str], Json] = {}

    async def __aenter__(self) -> Self:
        # Cookies of an address that is no name are kept only if one says so.
        jar = aiohttp.CookieJar(unsafe=True)
        patience = aiohttp.ClientTimeout(total=None, sock_connect=5)
        self._http = aiohttp.ClientSession(cookie_jar=jar, timeout=patience)
        self._follower: asyncio.Task[None] | None = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._follower:
            self._follower.cancel()
            await asyncio.wait({self._follower})
        await self._http.close()

    async def log_in(self) -> None:
        """As soon as the box answers; from then on the page is open. Raises NotReady."""
        await self._ask("POST", "/api/login", self._person)
        self._follower = asyncio.create_task(self._follow())

    async def tell(self, kind: str, detail: Json) -> Json:
        """The case, once the box has it in its journal. Raises NotReady."""
        return (await self._ask("POST", f"/api/case/{kind}", detail))["case"]

    async def see(self, number: int) -> None:
        """The crew has seen that alarm. Raises NotReady."""
        await self._ask("POST", f"/api/alarms/{number}/seen", {})

    async def trend(self, metric: str) -> dict[int, list[float]]:
        """What the box keeps of the last minutes: [low, high, mean] by the beginning, ms. Raises NotReady."""
        told = await self._ask("GET", f"/api/trends?metrics={metric}&minutes=10", None)
        steps = enumerate(told["series"][metric])
        return {told["from_ms"] + n * told["step_ms"]: step for n, step in steps if step is not None}

    @property
    def case(self) -> Json:
        """The patient on board, as it is shown."""
        return self.shown.get("case", {})

    @property
    def devices(self) -> set[str]:
        """Those on board, as they are shown."""
        return {one["id"] for one in self.shown.get("devices", [])}

    def alarm(self, device: str, code: str) -> Json | None:
        """The alarm, if it is shown as not over."""
        alarms = self.shown.get("alarms", [])
        found = (one for one in alarms if (one["device"], one["code"]) == (device, code) and not one["over"])
        return next(found, None)

    def alarms_of(self, device: str) -> list[Json]:
        """All that are shown of it."""
        return [one for one in self.shown.get("alarms", []) if one["device"] == device]

    def value(self, device: str, metric: str) -> float | None:
        """The newest, as it is shown; None: none is."""
        return self._values.get((device, metric), {}).get("value")

    async def _ask(self, method: str, path: str, body: Json | None) -> Json:
        """Again until the box is there. Raises NotReady: it refuses, or does not come."""
        origin = {"Origin": self._address}
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while True:
                    with suppress(aiohttp.ClientConnectionError):
                        async with self._http.request(
                            method, self._address + path, json=body, headers=origin
                        ) as answer:
                            text = await answer.text()
                            if not answer.ok:
                                raise NotReady(f"{method} {path}: {answer.status} {text:.200}")
                            return json.loads(text or "{}")
                    await asyncio.sleep(_AGAIN_S)
        except TimeoutError:
            raise NotReady(f"{method} {path}: no answer within {_PATIENCE_S:.0f} s") from None

    async def _follow(self) -> None:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._http.get(self._address + "/api/live") as answer:
                    answer.raise_for_status()
                    async for kind, data in events(answer.content):
                        self._take(kind, data)
            await asyncio.sleep(_AGAIN_S)

    def _take(self, kind: str, data: Json) -> None:
        if kind == "snapshot":
            self.snapshots += 1
            self._values = {}
        for one in data.pop("values", ()):
            self._values[one["device"], one["metric"]] = one
        if kind not in _ADDED_TO:
            self.shown |= data
        for alarm in data.get("alarms", ()):
            self.first_shown.setdefault(alarm["id"], now_ns())


async def events(content: aiohttp.StreamReader) -> AsyncIterator[tuple[str, Json]]:
    """Each event's name and data (Server-Sent Events, WHATWG HTML, 9.2), as this box writes them."""
    unread = b""
    async for some in content.iter_any():
        *whole, unread = (unread + some).split(b"\n\n")
        for event in whole:
            fields = dict(line.split(b": ", 1) for line in event.split(b"\n") if b": " in line)
            yield fields[b"event"].decode(), json.loads(fields[b"data"])
