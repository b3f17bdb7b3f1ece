"""MEDIBUS: commands and responses, and how they and the realtime data share one line.

    ESC code argument… SUM CR      a command; either side may send one at any time
    SOH code data…     SUM CR      its response, with the command's code

SUM is the sum of all bytes before it, modulo 256, in two hexadecimal digits. Bytes from 0x80 are realtime
data and may stand between any two others; XON and XOFF may, too. A command may stand within a response.
Source: Draeger, RS 232 MEDIBUS Protocol Definition, revision 6.00 (and 4.03): Structure of Commands,
Structure of Responses, Responding to corrupt Commands; checked against mdpnp/mdpnp (devices/draeger) and
xeonfusion/VSCaptureDrgVent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from devices.codecs.health import BadByteCounter

_ESC, _SOH, _CR = 0x1B, 0x01, 0x0D
_RUN = re.compile(rb"[\x80-\xff]+|[^\x11\x13\x80-\xff]+")
_LONGEST = 4096
NAK = 0x15
"""The code of the response to a command that came damaged."""


class Code(IntEnum):
    """Commands, by the protocol's own names."""

    ALARMS_3 = 0x23
    DATA_1 = 0x24
    LOW_LIMITS_1 = 0x25
    HIGH_LIMITS_1 = 0x26
    ALARMS_1 = 0x27
    DATE_TIME = 0x28
    SETTINGS = 0x29
    TEXT_MESSAGES = 0x2A
    DATA_2 = 0x2B
    LOW_LIMITS_2 = 0x2C
    HIGH_LIMITS_2 = 0x2D
    ALARMS_2 = 0x2E
    NOP = 0x30
    TIME_CHANGED = 0x49
    ICC = 0x51
    """Initialise communication."""
    IDENTIFICATION = 0x52
    REALTIME_CONFIGURATION = 0x53
    CONFIGURE_REALTIME = 0x54
    STOP = 0x55
    REALTIME_CHANGED = 0x56


@dataclass(frozen=True, slots=True)
class Frame:
    """A command or a response whose sum is right."""

    code: int
    data: bytes = b""
    is_command: bool = False

    def encode(self) -> bytes:
        """The frame's bytes."""
        body = bytes((_ESC if self.is_command else _SOH, self.code)) + self.data
        return body + f"{sum(body) & 0xFF:02X}\r".encode("ascii")


def command(code: int, argument: bytes = b"") -> bytes:
    """The bytes of a command."""
    return Frame(code, argument, is_command=True).encode()


def response(code: int, data: bytes = b"") -> bytes:
    """The bytes of the response to a command."""
    return Frame(code, data).encode()


def _decode(octets: bytes) -> Frame | str:
    """The frame in `octets` (without CR), or why there is none: `framing` or `checksum`."""
    if len(octets) < 4:
        return "framing"
    body, told = octets[:-2], octets[-2:]
    if told.upper() != f"{sum(body) & 0xFF:02X}".encode("ascii"):
        return "checksum"
    return Frame(body[1], body[2:], is_command=body[0] == _ESC)


def split(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """The runs of slow bytes, of commands and responses, and of fast ones, of realtime data; whether fast."""
    for match in _RUN.finditer(data):
        yield match[0], match[0][0] >= 0x80


class FrameReader:
    """Finds frames among slow bytes; what stands between them is one bad piece."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._open: list[bytearray] = []
        self._stray = False

    def feed(self, slow: bytes) -> Iterator[Frame]:
        """The frames that `slow` completes."""
        for octet in slow:
            if octet in (_SOH, _ESC):
                self._begin(octet)
            elif not self._open:
                self._count_stray(octet)
            elif octet == _CR:
                yield from self._end()
            else:
                self._add(octet)

    def _begin(self, octet: int) -> None:
        """A response drops all that is open; a command drops an open command, but not an open response."""
        while self._open and (octet == _SOH or self._open[-1][0] == _ESC):
            self._open.pop()
            self._bad.count("framing")
        self._open.append(bytearray((octet,)))
        self._stray = False

    def _count_stray(self, octet: int) -> None:
        if not self._stray and octet not in b"\r\n\0":
            self._stray = True
            self._bad.count("framing")

    def _add(self, octet: int) -> None:
        self._open[-1].append(octet)
        if len(self._open[-1]) > _LONGEST:
            self._open.clear()
            self._bad.count("length")

    def _end(self) -> Iterator[Frame]:
        frame = _decode(bytes(self._open.pop()))
        if isinstance(frame, Frame):
            yield frame
        else:
            self._bad.count(frame)
