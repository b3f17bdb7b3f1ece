"""An I2C bus with the methods of MicroPython's `machine.I2C`, simulated chips on it, and what goes wrong.

    bus = Bus({0x57: chip})
    bus.fault = Fault.DATA_LOW

Source: NXP UM10204 rev. 7, 3.1: data low acknowledges, and is read as zeros; an address that nobody
acknowledges, and a clock that never rises, are errors of the controller (MicroPython: ENODEV, ETIMEDOUT).
"""

import errno
import random
from collections.abc import Mapping
from enum import Enum, auto
from typing import Protocol


class Chip(Protocol):
    """Something with registers."""

    def read(self, register: int, size: int) -> bytes:
        """`size` bytes from `register` on."""
        ...

    def write(self, register: int, data: bytes) -> None:
        """Take bytes from `register` on."""
        ...


class Fault(Enum):
    """What is wrong with the bus."""

    NONE = auto()
    UNPLUGGED = auto()
    DATA_LOW = auto()
    DATA_HIGH = auto()
    CLOCK_LOW = auto()
    NOISE = auto()
    """Each byte read has a wrong bit now and then."""


_ERRORS = {
    Fault.UNPLUGGED: errno.ENODEV,
    Fault.DATA_HIGH: errno.ENODEV,
    Fault.CLOCK_LOW: errno.ETIMEDOUT,
}


class Bus:
    """One bus. `noise` is how often a byte is wrong; the same for the same seed."""

    def __init__(self, chips: Mapping[int, Chip], noise: float = 0.2, seed: int = 1) -> None:
        self.fault = Fault.NONE
        self._chips = chips
        self._noise = noise
        self._draw = random.Random(seed)

    def readfrom_mem(self, address: int, register: int, size: int) -> bytes:
        """As `machine.I2C.readfrom_mem`. Raises OSError."""
        self._check(address)
        if self.fault is Fault.DATA_LOW:
            return bytes(size)
        data = self._chips[address].read(register, size)
        return bytes(map(self._damaged, data)) if self.fault is Fault.NOISE else data

    def writeto_mem(self, address: int, register: int, data: bytes) -> None:
        """As `machine.I2C.writeto_mem`. Raises OSError."""
        self._check(address)
        if self.fault is not Fault.DATA_LOW:
            self._chips[address].write(register, data)

    def _check(self, address: int) -> None:
        if self.fault in _ERRORS:
            raise OSError(_ERRORS[self.fault], "simulated")
        if address not in self._chips and self.fault is not Fault.DATA_LOW:
            raise OSError(errno.ENODEV, "nobody has this address")

    def _damaged(self, byte: int) -> int:
        wrong = self._draw.random() < self._noise
        return byte ^ (1 << self._draw.randrange(8)) if wrong else byte
