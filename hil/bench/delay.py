"""How long a reading takes from the device's radio or serial line to an SSE event at a browser's side."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from hil.board import Board, live
from hil.errors import NotReady
from hil.sims.emitted import now_ns
from hil.stack import Stack
from hil.ward import NURSE, Folder, six_kinds

_READY_S = 60


@dataclass(frozen=True, slots=True)
class Delays:
    """What a ward of six beds did: delays in ms of what came by radio and by serial line.

    A serial packet takes a third of a second on its line, which is in its delay. `gateway_mb` is the gateway
    with the virtual radio in its process.
    """

    radio_ms: list[float]
    serial_ms: list[float]
    gateway_mb: float
    gateway_config: Path
    database: Path


async def measure(root: Path, seconds: float) -> Delays:
    """Run six beds; once all are live, listen to the events for `seconds`. Raises NotReady."""
    folder = Folder(root)
    async with Stack(folder, ward=six_kinds(6), port=0, tell=print) as stack:
        addresses = stack.addresses()
        assert addresses is not None
        await _all_live(addresses.http, stack.password)
        heard = await _listen(addresses.http, stack.password, seconds)
        assert stack.gateway.pid is not None
        megabytes = psutil.Process(stack.gateway.pid).memory_info().rss / 1e6
        await stack.stop_devices()
        database = folder.controller / "wardlink.sqlite"
        sent = _sent(folder)
    offset = time.time_ns() - now_ns()
    serial = {device.id for device in six_kinds(6).devices if not device.address}
    delays: dict[bool, list[float]] = {True: [], False: []}
    for item, at_ns in heard:
        if (delay := _delay_ms(item, at_ns, sent, offset)) is not None:
            delays[item["device"] in serial].append(delay)
    return Delays(delays[False], delays[True], megabytes, next(folder.gateway.glob("*.toml")), database)


async def _all_live(address: str, password: str) -> None:
    async with Board(address, NURSE, password) as board:
        for _ in range(_READY_S * 5):
            state = live(await board.snapshot())
            if state.live_beds == 6:
                return
            await asyncio.sleep(0.2)
    raise NotReady(f"six beds were not live after {_READY_S} s")


async def _listen(address: str, password: str, seconds: float) -> list[tuple[dict[str, Any], int]]:
    """Every value of the event stream for `seconds`, with when it arrived (CLOCK_BOOTTIME, ns)."""
    heard: list[tuple[dict[str, Any], int]] = []
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    async with aiohttp.ClientSession(address, cookie_jar=jar, timeout=aiohttp.ClientTimeout()) as http:
        login = {"user": NURSE, "password": password}
        (await http.post("/api/login", json=login, headers={"Origin": address})).raise_for_status()
        end = now_ns() + int(seconds * 1e9)
        async with http.get("/api/events") as events:
            async for data in _values(events):
                at = now_ns()
                heard += [(item, at) for item in data["items"]]
                if at > end:
                    break
    return heard


async def _values(events: aiohttp.ClientResponse) -> AsyncIterator[dict[str, Any]]:
    kind = ""
    async for raw in events.content:
        name, _, text = raw.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = text
        elif name == "data" and kind == "values":
            yield json.loads(text)


Sent = dict[tuple[str, str], list[tuple[int, float | None]]]


def _sent(folder: Folder) -> Sent:
    sent: Sent = {}
    for path in sorted(folder.emitted("x").parent.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            sent.setdefault((path.stem, entry["metric"]), []).append((entry["at"], entry["value"]))
    return sent


def _delay_ms(item: dict[str, Any], at_ns: int, sent: Sent, utc_less_boot_ns: int) -> float | None:
    """From the device's sending to the event at `at_ns`.

    The sending is the last of that value before the gateway's stamp of arrival (which is cut to whole
    milliseconds), however late the event came.
    """
    stamped_ns = (item["utc_ms"] + 1) * 1_000_000 - utc_less_boot_ns
    for sent_ns, value in reversed(sent.get((item["device"], item["metric"]), [])):
        if sent_ns <= stamped_ns and value == item["value"]:
            return (at_ns - sent_ns) / 1e6
    return None
