"""The SPI of an ADS1292R. Source: Texas Instruments SBAS502C (2020), "SPI" and "Register Map".

chip = Ads1292r()
driver = Driver(chip, chip.select)
"""

from enum import Enum, auto

_ID = 0x73
_RESET_VALUES = bytes((_ID, 0x02, 0x80, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x0C))
_RESET, _START, _STOP, _CONTINUOUS, _STOP_CONTINUOUS = 0x06, 0x08, 0x0A, 0x10, 0x11
_REFERENCE_UV = 2_420_000
_GAINS = {0: 6, 1: 1, 2: 2, 3: 3, 4: 4, 5: 8, 6: 12}
_MOST = 0x7FFFFF


class Line(Enum):
    """What is wrong with the chip's data output."""

    GOOD = auto()
    LOW = auto()
    HIGH = auto()


class Ads1292r:
    """A chip, and the bus it is alone on, with the methods of MicroPython's `machine.SPI`."""

    def __init__(self) -> None:
        self.line = Line.GOOD
        self.microvolts = 0.0
        """Between the electrodes of channel 2."""
        self.respiration = 0
        """The code of channel 1."""
        self.leads_off = 0
        """LOFF_STAT: right leg, 2N, 2P, 1N, 1P, from the highest bit."""
        self._registers = bytearray(_RESET_VALUES)
        self._selected = False
        self._continuous = True
        self._running = False
        self._answer = b""

    def select(self, level: int) -> None:
        """Chip select: 0 begins a command, 1 ends it."""
        self._selected = level == 0
        self._answer = b""

    def write(self, data: bytes) -> None:
        """As `machine.SPI.write`."""
        if not self._selected or self.line is not Line.GOOD:
            return
        command, simple = data[0], len(data) == 1
        if simple:
            self._obey(command)
        elif not self._continuous and command & 0xE0 == 0x40:
            self._store(command & 0x1F, data[2 : 3 + data[1]])
        elif not self._continuous and command & 0xE0 == 0x20:
            self._answer = bytes(self._registers[command & 0x1F :][: data[1] + 1])

    def _obey(self, command: int) -> None:
        if command == _RESET:
            self._registers[:] = _RESET_VALUES
            self._continuous = True
        elif command in (_START, _STOP):
            self._running = command == _START
        elif command in (_CONTINUOUS, _STOP_CONTINUOUS):
            self._continuous = command == _CONTINUOUS

    def _store(self, first: int, data: bytes) -> None:
        """The identity and the lead-off status are read-only; of LOFF bit 4 is always 1."""
        for register, byte in enumerate(data, start=first):
            if register not in (0x00, 0x08):
                self._registers[register] = byte | (0x10 if register == 0x03 else 0)

    def read(self, size: int) -> bytes:
        """As `machine.SPI.read`."""
        if self.line is not Line.GOOD or not self._selected:
            return (b"\x00" if self.line is Line.LOW else b"\xff") * size
        answer = self._answer or (self._sample() if self._continuous and self._running else b"")
        return (answer + bytes(size))[:size]

    def readinto(self, buffer: bytearray) -> None:
        """As `machine.SPI.readinto`."""
        buffer[:] = self.read(len(buffer))

    def _sample(self) -> bytes:
        gain = _GAINS[self._registers[0x05] >> 4 & 7]
        code = round(self.microvolts * gain * _MOST / _REFERENCE_UV)
        watched = 0x10 | self._registers[0x07] & 0x0F
        status = 0xC00000 | (self.leads_off & watched) << 15
        codes = (max(-_MOST - 1, min(_MOST, one)) for one in (self.respiration, code))
        return status.to_bytes(3, "big") + b"".join(one.to_bytes(3, "big", signed=True) for one in codes)
