"""`./run bench imaging`: both servers, started anew in an empty folder, and ended."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from hil.bench.imaging import growth, material, pairs
from hil.bench.imaging.pairs import Say
from hil.bench.imaging.sides import orthanc, ours


async def compared(folder: Path, rounds: int, say: Say) -> tuple[list[pairs.Row], list[str]]:
    """The rows and, ready to be shown, their table. Raises NotReady."""
    made = await asyncio.to_thread(material.make)
    async with ours(folder / "ours") as mine, orthanc(folder / "orthanc") as theirs:
        say(f"{theirs.name} {theirs.version}, {len(made.ct.files)} CT, {len(made.mr.files)} MR, a cine")
        rows = await asyncio.to_thread(pairs.measure, mine, theirs, made, rounds, say)
        return rows, list(pairs.table(rows, mine, theirs))


async def grown(folder: Path, sizes: Sequence[int], say: Say) -> list[growth.Size]:
    """Our index at each of `sizes`. Raises NotReady."""
    async with ours(folder / "growth") as mine:
        return await asyncio.to_thread(growth.measure, mine, sizes, say)
