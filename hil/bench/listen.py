"""A plain HTTP client at the event stream, for a benchmark: what came, when, and how much of it.

async with listening(here) as heard:
    watched = await heard.watch({"controller": here.controller}, seconds)
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aiohttp
import orjson

from hil.bench.site import Site, Used, used
from hil.sims.emitted import now_ns
from hil.ward import NURSE

_LONGEST_LINE = 256 * 1024 * 1024
"""A snapshot of a large site is one line."""


class Came(NamedTuple):
    """A value that came at `at_ns` (CLOCK_BOOTTIME), measured at `utc_ms` by its gateway's clock."""

    bed: str
    device: str
    metric: str
    value: float | None
    utc_ms: int
    at_ns: int


@dataclass(slots=True)
class Heard:
    """All that came so far."""

    values: list[Came] = field(default_factory=list[Came])
    events: int = 0
    size: int = 0
    """Bytes."""
    snapshots: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """(when, bytes) of every whole picture."""

    def take(self, kind: str, text: bytes) -> None:
        """An event has come."""
        at = now_ns()
        self.events += 1
        self.size += len(text)
        if kind in ("snapshot", "registry"):
            self.snapshots.append((at, len(text)))
        elif kind == "values":
            self.values += [_came(item, at) for item in orjson.loads(text)["items"]]

    async def watch(self, pids: Mapping[str, int], seconds: float) -> "Span":
        """Look at these processes, and at what came, before and after `seconds`."""
        began, before, events, size = now_ns(), _used(pids), self.events, self.size
        await asyncio.sleep(seconds)
        ended, after = now_ns(), _used(pids)
        passed = (ended - began) / 1e9
        rates = {
            name: Used((after[name].cpu_s - before[name].cpu_s) / passed, after[name].megabytes)
            for name in pids
        }
        return Span(began, ended, rates, (self.events - events) / passed, (self.size - size) / passed)

    def delays_ms(self, span: "Span") -> list[float]:
        """From measuring, in the span, to the event; UTC in events is cut to whole milliseconds."""
        utc_less_boot_ns = time.time_ns() - now_ns()
        measured = ((one.utc_ms * 1_000_000 + 500_000 - utc_less_boot_ns, one.at_ns) for one in self.values)
        return span.within((at, (came - at) / 1e6) for at, came in measured)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of CLOCK_BOOTTIME, ns. `used` by process: CPU in seconds a second, MB at its end."""

    began_ns: int
    ended_ns: int
    used: dict[str, Used]
    events_per_s: float
    bytes_per_s: float

    def within(self, delays: Iterable[tuple[int, float]]) -> list[float]:
        """Those delays of (when measured, delay) that began in the span."""
        return [ms for at, ms in delays if self.began_ns <= at < self.ended_ns]


def _used(pids: Mapping[str, int]) -> dict[str, Used]:
    return {name: used(pid) for name, pid in pids.items()}


@asynccontextmanager
async def listening(here: Site) -> AsyncIterator[Heard]:
    """What is heard of `here` inside the block."""
    heard = Heard()
    task = asyncio.create_task(_listen(here.http, here.password, heard))
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait({task})


def _came(item: dict[str, Any], at_ns: int) -> Came:
    return Came(item["bed"], item["device"], item["metric"], item["value"], item["utc_ms"], at_ns)


async def _listen(address: str, password: str, heard: Heard) -> None:
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    options = {"timeout": aiohttp.ClientTimeout(), "read_bufsize": _LONGEST_LINE}
    async with aiohttp.ClientSession(address, cookie_jar=jar, **options) as http:
        login = {"user": NURSE, "password": password}
        (await http.post("/api/login", json=login, headers={"Origin": address})).raise_for_status()
        async with http.get("/api/events") as answer:
            async for kind, text in _events(answer):
                heard.take(kind, text)


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, bytes]]:
    kind = ""
    async for raw in answer.content:
        name, _, text = raw.rstrip(b"\n").partition(b": ")
        if name == b"event":
            kind = text.decode()
        elif name == b"data":
            yield kind, text
