"""How late what one draws is on the others' pictures: from the pointer's own time to the frame with the ink.

One person draws with a real pointer, every other page reads its canvas back in each frame: what is counted is
what could be seen, at most one frame late. With each stroke an empty message goes by the same channel, beside
which to read the rest: what it takes is the machine's and the network's, the difference is the product's.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hil.bench.rooms.hall import Camera, Hall, Party, hall
from hil.bench.site import percentiles
from hil.errors import NotReady

SIZES = (2, 4)
COUNT = 200
"""Marks in each room: fewer than a room keeps."""
_PLAIN = '[telemedicine]\nsfu = "auto"\n'
_COLUMNS, _ROWS = 20, 10
_APART = 77
"""Cells from one mark to the next: the name that comes to one when it is done is not taken for the next."""
_FAR_PX, _SETTLE_S, _PATIENCE_S = 12, 3.0, 20.0
_BESIDE = {"pen": (0, 0), "text": (14, -12)}
"""Where the ink of a point begins, in pixels from it (web/public/room/marks/paint.js)."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """In a room of so many, in ms, on each other page."""

    parties: int
    stroke_ms: list[float] = field(default_factory=list[float])
    """While it is drawn: from the pointer's first move."""
    words_ms: list[float] = field(default_factory=list[float])
    """A mark that is done: from where the pointer was let go."""
    empty_ms: list[float] = field(default_factory=list[float])
    """An empty message by the same channel, from page to page."""


async def drawings(
    root: Path, say: Callable[[str], None], sizes: Sequence[int] = SIZES, count: int = COUNT
) -> list[Drawing]:
    """In an empty folder. Raises NotReady."""
    found: list[Drawing] = []
    for size in sizes:
        async with hall(root / str(size), _PLAIN) as here:
            found.append(await _drawing(here, size, count))
            say(f"{size} parties: {count} marks drawn")
    return found


def table(found: Sequence[Drawing]) -> Iterator[str]:
    """Of Markdown: p50 / p95 / greatest."""
    yield "| parties | a stroke, while it is drawn, ms | a mark that is done, ms | an empty message, ms |"
    yield "|---|---|---|---|"
    for one in found:
        cells = (_times(times) for times in (one.stroke_ms, one.words_ms, one.empty_ms))
        yield f"| {one.parties} | {' | '.join(cells)} |"


def _times(values: Sequence[float]) -> str:
    return " / ".join(f"{one:.0f}" for one in percentiles(values, 50, 95, 100)) if values else "–"


async def _drawing(here: Hall, size: int, count: int) -> Drawing:
    """In a browser of its own."""
    made = Drawing(size)
    async with here.browser() as chromium:
        parties = [await here.party(chromium, Camera()) for _ in range(size)]
        for party in parties:
            await party.enter()
        await asyncio.gather(*(party.seen(size - 1) for party in parties))
        first, others = parties[0], parties[1:]
        await first.page.locator(".tile.me .draw-on").click()
        await asyncio.sleep(_SETTLE_S)
        seat = await _seat(first, others)
        for party in parties:
            await party.take()
        for number in range(count):
            tool = "text" if number % 2 else "pen"
            late = await _mark(first, others, seat, (tool, number))
            (made.words_ms if number % 2 else made.stroke_ms).extend(late)
        for party in others:
            made.empty_ms.extend((await party.take())["empty"])
        for party in parties:
            await party.leave()
    return made


async def _seat(one: Party, others: Sequence[Party]) -> int:
    """Its seat: the one that the others see and it does not."""
    seen = {seat for other in others for seat in await other.page.evaluate("wardlinkProbe.seats()")}
    return (seen - set(await one.page.evaluate("wardlinkProbe.seats()"))).pop()


async def _mark(drawer: Party, others: Sequence[Party], seat: int, what: tuple[str, int]) -> list[float]:
    """How late one is on each other page."""
    (tool, number), page = what, drawer.page
    cell = number * _APART % (_COLUMNS * _ROWS)
    x = 0.2 + 0.6 * (cell % _COLUMNS) / _COLUMNS
    y = 0.3 + 0.4 * (cell // _COLUMNS) / _ROWS
    await page.evaluate("one => document.querySelector(`.marks .tools [data-do=${one}]`).click()", tool)
    if tool == "text":
        await page.locator(".marks input[name=label]").fill("x")
    place = [seat, x, y, *_BESIDE[tool]]
    await asyncio.gather(*(one.page.evaluate("a => wardlinkStrokes.watch(...a)", place) for one in others))
    left, top = await page.evaluate("a => wardlinkStrokes.place(...a)", [x, y])
    await page.mouse.move(left, top)
    await page.evaluate("one => wardlinkStrokes.arm(one)", "pointerup" if tool == "text" else "pointermove")
    await page.mouse.down()
    if tool == "pen":
        await page.mouse.move(left + _FAR_PX, top)
    await page.mouse.up()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            seen = await asyncio.gather(*(one.page.evaluate("wardlinkStrokes.seen") for one in others))
    except TimeoutError:
        how = [await one.how() for one in (drawer, *others)]
        raise NotReady(f"expected mark {number} on every page within {_PATIENCE_S:.0f} s; {how}") from None
    at: float = await page.evaluate("wardlinkStrokes.at")
    return [one - at for one in seen]
