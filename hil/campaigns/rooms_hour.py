"""A long consultation: four pages in a room in which nothing happens, and nobody's memory grows."""

from collections.abc import Callable
from pathlib import Path

from hil.campaigns import rooms
from hil.campaigns.verdict import Verdict

_MINUTE_S = 60.0


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """So many minutes. Raises NotReady."""
    return await rooms.run(folder, seed, rounds, say, kinds=("hold",), hold_s=_MINUTE_S)
