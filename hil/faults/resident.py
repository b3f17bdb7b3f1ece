"""How much memory processes hold over a time, and whether that is bounded and has an end.

async with resident({"controller": pid}) as held:     # looks twice a second
    ...
held.problems({"controller": 100_000_000})            # above the first look at the most; and it stops growing
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

_EVERY_S = 0.5
_STEADY_SHARE, _STEADY_BYTES = 1.05, 8_000_000
"""The last third may be above the second by so much: allocators give back late, and round up."""
_LEAST = 9
"""Looks: of fewer, nothing can be said."""


@dataclass(slots=True)
class Held:
    """Resident set sizes in bytes, by process."""

    sizes: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def look(self, pids: Mapping[str, int]) -> None:
        """Once more. A process that is gone is passed over: others say that it died."""
        for name, pid in pids.items():
            with suppress(psutil.NoSuchProcess):
                size = psutil.Process(pid).memory_info().rss
                self.sizes.setdefault(name, []).append(size)

    def growth(self, name: str) -> int:
        """By how many bytes it was above the first look, at the most."""
        sizes = self.sizes[name]
        return max(sizes) - sizes[0]

    def problems(self, most: Mapping[str, int]) -> Iterator[str]:
        """Who grew by more than `most` bytes."""
        for name in self.sizes:
            if self.growth(name) > most[name]:
                yield f"{name} grew by {_mb(self.growth(name))}, {_mb(most[name])} are allowed"

    def growing(self) -> Iterator[str]:
        """Who held more in the last third of the time until now than in the second."""
        for name, sizes in self.sizes.items():
            if len(sizes) >= _LEAST and _grows(sizes):
                yield f"{name} still grows: {', '.join(map(_mb, _thirds(sizes)))} in the thirds of the time"

    def __str__(self) -> str:
        return ", ".join(f"{name} +{_mb(self.growth(name))}" for name in self.sizes)


def _thirds(sizes: list[int]) -> tuple[int, int, int]:
    """The most in each third."""
    third = len(sizes) // 3
    return max(sizes[:third]), max(sizes[third:-third]), max(sizes[-third:])


def _grows(sizes: list[int]) -> bool:
    _, second, last = _thirds(sizes)
    return last > max(second * _STEADY_SHARE, second + _STEADY_BYTES)


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


@asynccontextmanager
async def resident(pids: Mapping[str, int]) -> AsyncIterator[Held]:
    """Look at these processes inside the block."""
    held = Held()
    held.look(pids)
    looking = asyncio.create_task(_keep_looking(held, pids))
    try:
        yield held
    finally:
        looking.cancel()
        await asyncio.wait({looking})
        held.look(pids)


async def _keep_looking(held: Held, pids: Mapping[str, int]) -> None:
    while True:
        await asyncio.sleep(_EVERY_S)
        held.look(pids)
