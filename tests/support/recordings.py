"""Recordings as their page makes them: asked for, begun, sealed, sent.

page = await recorder(home, visit, nurse)          # nurse: a Sitting; everybody has agreed
await page.begin()
await page.send(b"pictures and sound", 0, 3000)
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from controller.telemedicine.recordings.model import FIRST
from controller.telemedicine.recordings.seal import Place
from tests.support.http import refusal
from tests.support.prescribed import send
from tests.support.visits import Sitting

MEDIA = "video/webm;codecs=vp8,opus"
SEALED = {"Content-Type": "application/octet-stream"}


def sealed(key: bytes, place: Place, data: bytes) -> bytes:
    """As recording/box.js does it."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, data, place.data)


@dataclass
class Page:
    """The page that records."""

    sitting: Sitting
    number: str
    key: bytes = b""
    run: int = 0
    n: int = 1
    before: bytes = FIRST
    boxes: list[tuple[Place, bytes]] = field(default_factory=list[tuple[Place, bytes]])

    @property
    def path(self) -> str:
        return f"{self.sitting.base}/recordings/{self.number}"

    @property
    def seat(self) -> int:
        return self.sitting.answer.seat

    async def begin(self) -> None:
        told = await send(self.sitting.session, "POST", f"{self.path}/runs", seat=self.seat)
        self.key, self.run, self.n = base64.b64decode(told["key"]), told["run"], told["next"]
        self.before = bytes.fromhex(told["before"])

    def make(self, data: bytes, from_ms: int, to_ms: int, **other: Any) -> tuple[Place, bytes]:
        """The next chunk, or another than that."""
        told = {"recording": self.number, "n": self.n, "run": self.run, "before": self.before, **other}
        place = Place(from_ms=from_ms, to_ms=to_ms, **told)
        return place, sealed(self.key, place, data)

    def address(self, place: Place, **other: Any) -> dict[str, Any]:
        span = {"from_ms": place.from_ms, "to_ms": place.to_ms}
        query = {"seat": self.seat, "run": place.run, **span, "before": place.before.hex(), **other}
        return {"url": f"{self.path}/chunks/{place.n}", "params": query}

    async def send(self, data: bytes, from_ms: int, to_ms: int) -> int:
        """Make the next one and send it."""
        place, box = self.make(data, from_ms, to_ms)
        heard = await self.put(self.sitting.session, place, box)
        self.n, self.before = self.n + 1, hashlib.sha256(box).digest()
        self.boxes.append((place, box))
        return heard

    async def put(self, session: aiohttp.ClientSession, place: Place, box: bytes) -> int:
        async with session.post(**self.address(place), data=box, headers=SEALED) as response:
            assert response.status == 200, await response.text()
            return (await response.json())["heard"]

    async def refused(self, place: Place, box: bytes, **other: Any) -> tuple[int, str]:
        """What a chunk is answered that must not be kept."""
        session, told = other.pop("session", self.sitting.session), self.address(place, **other)
        return await refusal(session, "POST", told["url"], params=told["params"], data=box, headers=SEALED)

    async def why(self, place: Place, box: bytes) -> str:
        """Why it must not be kept."""
        async with self.sitting.session.post(**self.address(place), data=box, headers=SEALED) as response:
            assert response.status == 409
            return (await response.json())["error"]["message"]

    async def stop(self) -> None:
        await send(self.sitting.session, "POST", f"{self.path}/stop")

    async def keep(self) -> None:
        await send(self.sitting.session, "POST", f"{self.path}/kept", chunks=self.n - 1)


async def asked(sitting: Sitting) -> Page:
    """Somebody on the staff asks."""
    body = {"seat": sitting.answer.seat, "media": MEDIA}
    made = await send(sitting.session, "POST", f"{sitting.base}/recordings", **body)
    return Page(sitting, made["recording"])


async def say(sitting: Sitting, page: Page, said: str = "permit") -> None:
    """What somebody in the room says of it."""
    body = {"recording": page.number, "seat": sitting.answer.seat, "said": said}
    await send(sitting.session, "POST", f"{sitting.base}/recording/said", **body)
