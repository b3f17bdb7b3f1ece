"""Visits over HTTP: booked by a nurse, entered by a link, and a seat in the room.

visit = await booked(home)
phone = await entered(home, await link(home, visit))
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from yarl import URL

from controller.api import rooms_schemas as rooms
from controller.api import visits_schemas as schemas
from tests.support.home import Home
from tests.support.http import client, get
from tests.support.prescribed import send

VISITS = "/api/visits"
OWN_ROOM = "/api/visit/room"


async def booked(home: Home, **more: Any) -> schemas.VisitAnswer:
    """Of 4713 with anna, in ten minutes."""
    start_ms = home.controller.clock.utc_us() // 1000 + 600_000
    body = {"patient": "4713", "host": "anna", "start_ms": start_ms, "reason": "cough", **more}
    return schemas.VisitAnswer.model_validate(await send(home.nina, "POST", VISITS, **body))


async def link(home: Home, visit: schemas.VisitAnswer, **more: Any) -> schemas.LinkAnswer:
    body = {"guest": "patient", **more}
    made = await send(home.nina, "POST", f"{VISITS}/{visit.visit.number}/links", **body)
    return schemas.LinkAnswer.model_validate(made)


async def entered(home: Home, made: schemas.LinkAnswer) -> aiohttp.ClientSession:
    """A browser that came in by the link."""
    phone = await home.stack.enter_async_context(client(home.controller))
    await send(phone, "POST", "/api/visit/session", link=URL(made.address).fragment, code=made.code)
    return phone


async def find(home: Home, visit: schemas.VisitAnswer) -> schemas.VisitAnswer:
    return schemas.VisitAnswer.model_validate(await get(home.nina, f"{VISITS}/{visit.visit.number}"))


def over(visit: schemas.VisitAnswer) -> dict[str, str]:
    return {"If-Match": f'"{visit.visit.revision}"'}


def room_of(visit: schemas.VisitAnswer) -> str:
    return f"{VISITS}/{visit.visit.number}/room"


async def agreed(phone: aiohttp.ClientSession) -> aiohttp.ClientSession:
    await send(phone, "POST", "/api/visit/consents", scope="video", said="permit")
    return phone


@dataclass
class Sitting:
    """A page in a room, as a program."""

    session: aiohttp.ClientSession
    base: str
    answer: rooms.SeatAnswer

    def body(self, first: int, *said: dict[str, Any], **more: Any) -> dict[str, Any]:
        held = {"seat": self.answer.seat, "epoch": self.answer.epoch, "confirms": 0}
        return {**held, "first": first, "said": list(said), **more}

    async def say(self, first: int, *said: dict[str, Any]) -> int:
        heard = await send(self.session, "POST", f"{self.base}/said", **self.body(first, *said))
        return heard["heard"]

    @asynccontextmanager
    async def told(self, after: int | None = None) -> AsyncIterator[AsyncIterator[tuple[int, Any]]]:
        """The open stream: (number, message)."""
        asked = {"seat": self.answer.seat, "after": self.answer.told if after is None else after}
        async with self.session.get(f"{self.base}/events", params=asked) as response:
            assert response.status == 200, await response.text()
            yield _messages(response)

    @asynccontextmanager
    async def vitals(self) -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
        """The open stream of vital signs: (kind, data)."""
        async with self.session.get(f"{self.base}/vitals", params={"seat": self.answer.seat}) as response:
            assert response.status == 200, await response.text()
            yield _vitals(response)


async def sit(session: aiohttp.ClientSession, base: str, instance: str = "x" * 32) -> Sitting:
    """Takes a seat."""
    answer = await send(session, "POST", f"{base}/seats", instance=instance)
    return Sitting(session, base, rooms.SeatAnswer.model_validate(answer))


async def _messages(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[int, Any]]:
    block = b""
    async for line in response.content:
        block += line
        if line != b"\n":
            continue
        if block.startswith(b"id: "):
            number, text = block.strip().split(b"\n")
            yield int(number.removeprefix(b"id: ")), orjson.loads(text.removeprefix(b"data: "))
        block = b""


async def _vitals(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    while not response.content.at_eof():
        lines = [await response.content.readline() for _ in range(3)]
        if lines[0]:
            kind, data = lines[0].strip().decode(), lines[1].strip()
            yield kind.removeprefix("event: "), orjson.loads(data.removeprefix(b"data: "))
