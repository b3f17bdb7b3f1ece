"""What `./run bench rooms` measures and prints: rooms, the narrow network, and how late what is drawn is."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hil.bench.rooms import bench, drawing, table


def lines(
    root: Path, parties: Sequence[int] | None, seconds: float, say: Callable[[str], None], *, marks: bool
) -> Iterator[str]:
    """Of Markdown, in an empty folder. `marks`: of what is drawn alone. Raises NotReady."""
    if not marks:
        measured = bench.measure(root / "rooms", parties or bench.SIZES, seconds, say)
        yield from table.table(asyncio.run(measured))
        yield ""
    yield from drawing.table(asyncio.run(drawing.drawings(root / "drawing", say)))
