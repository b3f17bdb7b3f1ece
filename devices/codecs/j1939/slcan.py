"""SLCAN (LAWICEL): the adapter's text, and the CAN frames in it.

    T18FEEE0087D46FFFFFFFFFFFF CR    29-bit identifier, 8 bytes; with Z1 four more digits: milliseconds
    t12320AFF CR                      11-bit identifier, 2 bytes
    x                                 CANDapter's word for T
    r, R                              remote frames: no data
    CR  done, BELL  refused           answers to commands; V1013, NA123: version, serial number

Source: LAWICEL AB, CANUSB manual, 2.1; hardbyte/python-can, interfaces/slcan.py and its tests; CANable and
USBtin command lists (lower-case digits; time stamps of 8 digits; frames of CAN FD as b, B, d, D).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from devices.codecs.health import BadByteCounter

LONGEST = 256
"""Characters of a line that are kept: the longest frame of CAN FD has 147."""
_END = re.compile(rb"([\r\n\x07])")
"""LF only in logs, in place of CR or after it."""
_FRAME = re.compile(rb"(?:t([0-9A-Fa-f]{3})|[Tx]([0-9A-Fa-f]{8}))([0-8])([0-9A-Fa-f]*)")
_OTHERS = re.compile(rb"[zZ]|[rRbBdD][0-9A-Fa-f]+|F[0-9A-Fa-f]{2}")
_ABOUT = re.compile(rb"([VNv]?)([ -~]{1,80})")
_TIME_STAMPS = (0, 4, 8)


@dataclass(frozen=True, slots=True)
class CanFrame:
    """A data frame."""

    identifier: int
    data: bytes
    is_extended: bool = True
    """Whether the identifier has 29 bits, as J1939's do."""

    def encode(self, time_ms: int | None = None) -> bytes:
        """The adapter's line, with its clock if `time_ms` is given."""
        head = f"T{self.identifier:08X}" if self.is_extended else f"t{self.identifier:03X}"
        stamp = "" if time_ms is None else f"{time_ms % 60_000:04X}"
        return f"{head}{len(self.data)}{self.data.hex().upper()}{stamp}\r".encode("ascii")


@dataclass(frozen=True, slots=True)
class Refused:
    """The last command."""


@dataclass(frozen=True, slots=True)
class About:
    """What the adapter says of itself."""

    name: str
    """V: version, N: serial number; empty: any other text."""
    text: str


class LineReader:
    """Finds the adapter's lines in a stream of bytes."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._line = b""

    def feed(self, data: bytes) -> Iterator[CanFrame | Refused | About]:
        """What `data` completes."""
        parts = _END.split(self._line + data)
        self._line = parts.pop()[-LONGEST - 1 :]
        for line, end in zip(parts[::2], parts[1::2], strict=True):
            found = self._read(line[-LONGEST - 1 :].strip(b" "))
            if found is not None:
                yield found
            if end == b"\x07":
                yield Refused()

    def _read(self, line: bytes) -> CanFrame | About | None:
        if not line or _OTHERS.fullmatch(line):
            return None
        frame = _FRAME.fullmatch(line)
        if frame:
            return self._frame(frame[1], frame[2], int(frame[3]), frame[4])
        about = _ABOUT.fullmatch(line)
        if about is None or line[:1] in b"tTrR":
            self._bad.count("length" if len(line) > LONGEST else "framing")
            return None
        return About(about[1].decode("ascii").upper(), about[2].decode("ascii").strip())

    def _frame(self, short: bytes | None, long: bytes | None, size: int, digits: bytes) -> CanFrame | None:
        identifier = int(long or short or b"0", 16)
        if len(digits) - 2 * size not in _TIME_STAMPS:
            self._bad.count("length")
            return None
        if identifier > (0x1FFFFFFF if long else 0x7FF):
            self._bad.count("range")
            return None
        return CanFrame(identifier, bytes.fromhex(digits[: 2 * size].decode("ascii")), long is not None)
