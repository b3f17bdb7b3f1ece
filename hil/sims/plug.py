"""The plug of a simulated device: a FIFO that takes one word a line.

    echo off > data/plugs/ox-1          from a shell, a test or the demo

`off` switches the device off (a serial one is unplugged), `on` switches it on again; `sensor-off` and
`sensor-on` take the sensor from the patient and put it back; `garbage` makes it send bytes that mean nothing,
once; `measure` presses the button of a blood pressure monitor. At the serial oximeters `sick` makes the
patient's oxygen fall, and `well` ends that.
"""

import asyncio
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Self

from hil.errors import BadOrder


class Order(StrEnum):
    """What a device can be told."""

    OFF = "off"
    ON = "on"
    SENSOR_OFF = "sensor-off"
    SENSOR_ON = "sensor-on"
    GARBAGE = "garbage"
    MEASURE = "measure"
    SICK = "sick"
    WELL = "well"


def order(word: str) -> Order:
    """The order called `word`. Raises BadOrder."""
    try:
        return Order(word.strip())
    except ValueError:
        raise BadOrder(f"{word.strip()!r} is no order; there are: {', '.join(Order)}") from None


class Words:
    """The FIFO at `path`: `take` is called with each line, `refuse` with what is wrong with it (BadOrder)."""

    def __init__(self, path: Path, take: Callable[[str], None], refuse: Callable[[str], None]) -> None:
        self._path = path
        self._take = take
        self._refuse = refuse
        self._unread = b""

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        os.mkfifo(self._path, 0o600)
        # Opened for writing, too: otherwise it reads as ended whenever no writer has it open.
        self._fd = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        *words, self._unread = (self._unread + os.read(self._fd, 4096)).split(b"\n")
        for word in words:
            try:
                self._take(word.decode(errors="replace"))
            except BadOrder as error:
                self._refuse(f"{self._path}: {error}")


class Plug(Words):
    """The FIFO of a device: `obey` is called with each order."""

    def __init__(self, path: Path, obey: Callable[[Order], None], refuse: Callable[[str], None]) -> None:
        super().__init__(path, lambda word: obey(order(word)), refuse)
