"""What rooms do: 2 to 8 parties, from each to each and by the server, and two over a narrow way, governed and
not.

Everything goes through the real controller and its pages. Each camera's picture says when it was drawn, so
that glass to glass is measured and not believed. All pages are in one browser on one machine, and share its
processors with the controller: compare within a run.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from hil.bench.rooms.hall import Camera, Hall, Party, hall
from hil.bench.rooms.relay import relay
from hil.errors import NotReady
from hil.faults.wan import Conditions

SIZES = (2, 4, 6, 8)
RATES_KBIT = (800, 300, 120)
NARROW = Camera(640, 360, 15, relay=True)
_DELAY_S, _QUEUE_BYTES = 0.01, 40_000
_SETTLE_S, _FREE_S, _PART_S = 4.0, 8.0, 5.0
_VITALS_HZ, _MARKS = 10, 40
_WAYS = {
    "mesh": '[telemedicine]\nsfu = "auto"\nmesh = 12\n',
    "sfu": '[telemedicine]\nsfu = "auto"\nmesh = 1\n',
}
"""The same rooms twice: all pages connect each to each, and all by the server."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Gathering:
    """A room of so many parties, in ms. `server`: pictures go by it, else from each to each."""

    parties: int
    server: bool
    joined_ms: list[float]
    """Of each newcomer: from the press to the pictures of all who were there."""
    frames_per_s: float
    """Of each picture."""
    freezes: int
    glass_ms: list[float]
    reckoned_ms: list[float]
    """The same as the pages themselves reckon it, at the end."""
    vital_ms: list[float]
    back_ms: list[float]
    """A mark there and back."""
    unread: int


@dataclass(frozen=True, slots=True)
class Narrow:
    """Two parties over a way of so many kbit/s each way (0: free), in `_PART_S`: both pages together."""

    governed: bool
    kbit: int
    part: str
    """"free", "first" seconds of it or "later" ones."""
    vital_ms: list[float]
    told: int
    """Messages that were sent."""
    frames_per_s: float
    lines: int
    """Height of the smaller picture at the end."""
    freezes: int
    glass_ms: list[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything."""

    fps: int
    gatherings: list[Gathering]
    failed: list[str]
    """Rooms in which somebody never saw all, and how."""
    narrow: list[Narrow]


async def measure(root: Path, sizes: Sequence[int], seconds: float, say: Say) -> Measured:
    """In an empty folder; a room that does not come about is told, and not an end. Raises NotReady."""
    gatherings: list[Gathering] = []
    failed: list[str] = []
    async with AsyncExitStack() as stack:
        rooms: list[tuple[Hall, Browser]] = []
        for name, way in _WAYS.items():
            here = await stack.enter_async_context(hall(root / name, way))
            rooms.append((here, await stack.enter_async_context(here.browser())))
        for size in sizes:
            for (here, chromium), way in zip(rooms, _WAYS, strict=True):
                try:
                    gatherings.append(await gathering(here, chromium, size, seconds))
                except NotReady as error:
                    failed.append(f"{size} parties by {way}: {error}")
                    say(failed[-1])
                else:
                    say(f"{size} parties by {way}: joined in {max(gatherings[-1].joined_ms):.0f} ms at most")
    found = await narrow_both(root / "narrow", say)
    return Measured(Camera().fps, gatherings, failed, found)


async def gathering(here: Hall, chromium: Browser, size: int, seconds: float) -> Gathering:
    """So many parties, one after the other, watched for `seconds`. Raises NotReady: somebody sees not all."""
    parties: list[Party] = []
    try:
        return await _watched(here, chromium, parties, size, seconds)
    finally:
        for party in parties:
            await party.leave()


async def _watched(
    here: Hall, chromium: Browser, parties: list[Party], size: int, seconds: float
) -> Gathering:
    joined: list[float] = []
    for number in range(size):
        party = await here.party(chromium, Camera())
        parties.append(party)
        await party.enter()
        if number:
            joined.append(await party.seen(number))
    await asyncio.gather(*(party.seen(size - 1) for party in parties))
    for party in parties:
        await party.tell_vitals(_VITALS_HZ)
    await asyncio.sleep(_SETTLE_S)
    before = await _taken(parties)
    for _ in range(_MARKS):
        await parties[0].page.evaluate("wardlinkProbe.mark()")
        await asyncio.sleep(seconds / _MARKS)
    after = await _taken(parties)
    passed = sum(b["at"] - a["at"] for a, b in zip(before, after, strict=True)) / size / 1000
    frames = sum(b["frames"] - a["frames"] for a, b in zip(before, after, strict=True))
    return Gathering(
        size,
        after[0]["pairs"] == 0,
        joined,
        frames / passed / size / (size - 1),
        sum(b["freezes"] - a["freezes"] for a, b in zip(before, after, strict=True)),
        _all(after, "ages"),
        _all(after, "reckoned"),
        _all(after, "vital"),
        _all(after, "back"),
        sum(b["unread"] - a["unread"] for a, b in zip(before, after, strict=True)),
    )


async def narrow_both(root: Path, say: Say, rates: Sequence[int] = RATES_KBIT) -> list[Narrow]:
    """The same two parties, governed and not, over the same rates. Raises NotReady."""
    found: list[Narrow] = []
    async with AsyncExitStack() as stack:
        link, section = await stack.enter_async_context(relay(root / "relay"))
        here = await stack.enter_async_context(hall(root / "site", section))
        chromium = await stack.enter_async_context(here.browser())
        for governed in (False, True):
            camera = Camera(NARROW.width, NARROW.height, NARROW.fps, relay=True, governed=governed)
            link.conditions = Conditions(delay_s=_DELAY_S, queue_bytes=_QUEUE_BYTES)
            parties = [await here.party(chromium, camera) for _ in range(2)]
            for party in parties:
                await party.enter()
            await asyncio.gather(*(party.seen(1) for party in parties))
            for party in parties:
                await party.tell_vitals(_VITALS_HZ)
            await asyncio.sleep(_FREE_S)
            found.append(await _part(parties, governed, 0, "free"))
            for kbit in rates:
                rate = Conditions(delay_s=_DELAY_S, rate_bps=1000 * kbit, queue_bytes=_QUEUE_BYTES)
                link.conditions = rate
                for part in ("first", "later"):
                    found.append(await _part(parties, governed, kbit, part))
                say(f"{'governed' if governed else 'not governed'}, {kbit} kbit/s: measured")
                link.conditions = Conditions(delay_s=_DELAY_S, queue_bytes=_QUEUE_BYTES)
                await asyncio.sleep(_FREE_S)
            for party in parties:
                await party.leave()
    return found


async def _part(parties: Sequence[Party], governed: bool, kbit: int, part: str) -> Narrow:
    before = await _taken(parties)
    await asyncio.sleep(_PART_S)
    after = await _taken(parties)
    passed = sum(b["at"] - a["at"] for a, b in zip(before, after, strict=True)) / 1000
    return Narrow(
        governed,
        kbit,
        part,
        _all(after, "vital"),
        round(passed * _VITALS_HZ),
        sum(b["frames"] - a["frames"] for a, b in zip(before, after, strict=True)) / passed,
        min(one["heights"][0] for one in after),
        sum(b["freezes"] - a["freezes"] for a, b in zip(before, after, strict=True)),
        _all(after, "ages"),
    )


async def _taken(parties: Sequence[Party]) -> list[dict[str, Any]]:
    return [await party.take() for party in parties]


def _all(taken: Sequence[dict[str, Any]], name: str) -> list[float]:
    return [value for one in taken for value in one[name]]
