"""The registers of a MAX30102. Source: Maxim 19-7740 rev. 1 (10/18), "Register Maps and Descriptions"."""

from collections import deque
from collections.abc import Iterator

_DEPTH = 32
_STATUS, _WRITE, _LOST, _READ, _DATA, _FIFO, _MODE, _PART = 0x00, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0xFF
_RESET, _SHUTDOWN, _SPO2 = 0x40, 0x80, 0x03
_ROLL_OVER = 0x10
_MOST_LOST = 0x1F


class Max30102:
    """A chip under a finger that gives `light`: (red, infrared), 50 a second when it is configured so."""

    def __init__(self, light: Iterator[tuple[int, int]], rate_hz: int = 50) -> None:
        self._light = light
        self._rate_hz = rate_hz
        self._rest_s = 0.0
        self.power_up()

    def power_up(self) -> None:
        """The supply came back: every register has its value after reset, and PWR_RDY is set."""
        self._registers = dict.fromkeys(range(0x00, 0x22), 0)
        self._registers[_STATUS] = 0x01
        self._fifo: deque[bytes] = deque()
        self._write = self._read = self._lost = 0
        self._rest = b""

    def pass_time(self, seconds: float) -> None:
        """Convert for so long."""
        self._rest_s += seconds
        count, self._rest_s = int(self._rest_s * self._rate_hz), self._rest_s % (1 / self._rate_hz)
        mode = self._registers[_MODE]
        for red, infrared in [next(self._light) for _ in range(count)]:
            if mode & 0x07 == _SPO2 and not mode & _SHUTDOWN:
                self._put(red.to_bytes(3, "big") + infrared.to_bytes(3, "big"))

    def _put(self, sample: bytes) -> None:
        if len(self._fifo) == _DEPTH:
            self._lost = min(_MOST_LOST, self._lost + 1)
            if not self._registers[_FIFO] & _ROLL_OVER:
                return
            self._fifo.popleft()
            self._read = (self._read + 1) % _DEPTH
        self._fifo.append(sample)
        self._write = (self._write + 1) % _DEPTH

    def read(self, register: int, size: int) -> bytes:
        """See `Chip`. The address does not advance at the FIFO's data."""
        if register == _DATA:
            return bytes(self._byte() for _ in range(size))
        return bytes(self._value(register + offset) for offset in range(size))

    def _byte(self) -> int:
        if not self._rest:
            if not self._fifo:
                return 0
            self._rest = self._fifo.popleft()
            self._read = (self._read + 1) % _DEPTH
            self._lost = 0
        first, self._rest = self._rest[0], self._rest[1:]
        return first

    def _value(self, register: int) -> int:
        if register == _PART:
            return 0x15
        if register == _STATUS:
            status, self._registers[_STATUS] = self._registers[_STATUS], 0
            return status
        pointers = {_WRITE: self._write, _LOST: self._lost, _READ: self._read}
        return pointers.get(register, self._registers.get(register, 0))

    def write(self, register: int, data: bytes) -> None:
        """See `Chip`. Writing 0 to the pointers empties the FIFO."""
        for offset, byte in enumerate(data):
            at = register + offset
            if at == _MODE and byte & _RESET:
                self.power_up()
                self._registers[_STATUS] = 0
            elif at in (_WRITE, _LOST, _READ):
                self._point(at, byte)
            else:
                self._registers[at] = byte

    def _point(self, register: int, value: int) -> None:
        if register == _WRITE:
            self._write = value
        elif register == _LOST:
            self._lost = value
        else:
            self._read = value
        if self._write == self._read:
            self._fifo.clear()
            self._rest = b""
