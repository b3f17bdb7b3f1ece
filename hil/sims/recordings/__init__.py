"""Recorded pleths that loop, with their beats; SOURCES.md says where they come from.

    recordings()["rest"].at(12.25)      # the sample 12.25 s into the endless loop, 0 to 1

`index.json` holds for each file its rate, beats and SHA-256, and what it was made from; `make` made it all.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

_FULL_SCALE = 65535


@dataclass(frozen=True)
class Recording:
    """One pleth whose end joins its beginning.

    `samples` are 0 to 65535 at `rate_hz`; `beats` are the indices of the systolic peaks, in order.
    """

    name: str
    rate_hz: int
    samples: Sequence[int]
    beats: Sequence[int]

    @property
    def length_s(self) -> float:
        """The length of one turn of the loop."""
        return len(self.samples) / self.rate_hz

    def at(self, time_s: float) -> float:
        """The signal at `time_s` of the endless loop, 0 to 1, interpolated between samples."""
        position = time_s * self.rate_hz
        index, part = int(position // 1), position % 1
        left = self.samples[index % len(self.samples)]
        right = self.samples[(index + 1) % len(self.samples)]
        return (left + (right - left) * part) / _FULL_SCALE

    @cached_property
    def beat_times(self) -> Sequence[float]:
        """The beats of one turn, in seconds from its beginning."""
        return [beat / self.rate_hz for beat in self.beats]


@cache
def recordings() -> Mapping[str, Recording]:
    """All recordings by name."""
    folder = resources.files(__name__)
    index = json.loads(folder.joinpath("index.json").read_text(encoding="utf-8"))
    return {
        name: Recording(
            name, entry["rate_hz"], unpacked(folder.joinpath(entry["file"]).read_bytes()), entry["beats"]
        )
        for name, entry in index.items()
    }


def packed(samples: Sequence[int]) -> bytes:
    """Samples as they are stored: unsigned 16 bit, little-endian."""
    return struct.pack(f"<{len(samples)}H", *samples)


def unpacked(data: bytes) -> Sequence[int]:
    """The samples of `packed` bytes."""
    return struct.unpack(f"<{len(data) // 2}H", data)
