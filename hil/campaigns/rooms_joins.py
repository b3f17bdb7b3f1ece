"""Joining a room again and again: three are there, a newcomer sees them all, and goes; none is ever stuck."""

from collections.abc import Callable
from pathlib import Path

from hil.campaigns import rooms
from hil.campaigns.verdict import Verdict


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """So many one after the other. Raises NotReady."""
    return await rooms.run(folder, seed, rounds, say, kinds=("join",))
