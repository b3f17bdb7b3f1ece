"""What a simulated device said that it sent: the other end's record, to check the store against.

One JSON object a line: `{"n": 17, "metric": "hr", "value": 62, "at": 81234567890}`. `n` counts from 0 in each
run of the simulator; `value` is null where the device sent that it has none, and a list of samples (or nulls)
for a packet of a waveform; `at` is CLOCK_BOOTTIME in nanoseconds, the clock that the gateway stamps arrivals
with, just before the bytes were sent.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID


def now_ns() -> int:
    """CLOCK_BOOTTIME in nanoseconds."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def boot_id() -> bytes:
    """16 bytes that name this boot of the host: CLOCK_BOOTTIME counts from it."""
    return UUID(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()).bytes


class Emitted:
    """The record of one device in `path`, which grows over the device's runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def sent(self, at_ns: int, values: Mapping[str, float | Sequence[int | None] | None]) -> None:
        """Write down what one packet said."""
        for metric, value in values.items():
            line = {"n": self._count, "metric": metric, "value": value, "at": at_ns}
            self._file.write(json.dumps(line) + "\n")
            self._count += 1
        self._file.flush()
