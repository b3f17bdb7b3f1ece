"""Frames of Fresenius syringe pumps: modules in a base (Orchestra), or one pump alone (Module DPS).

    STX  address  message  sum  ETX        sum = FF − (address + message) mod 256, two hexadecimal digits

The base is address 0, its modules are 1 and on; a pump alone has none. What comes is address, status (C
correct, I incorrect, E and M spontaneous) and, after a semicolon each, values: an identifier and its digits.
Between frames: ENQ asks whether the host lives (DC4 says so), ACK, and NAK with a digit.
Source: jaj42/infupy, fresenius.py, written from the maker's document, which was not at hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from devices.codecs.health import BadByteCounter

STX, ETX, ENQ, ACK, DC4, NAK = 0x02, 0x03, 0x05, 0x06, 0x14, 0x15
LONGEST = 96
"""Characters of a frame: a message has 80 at most."""


class Signal(Enum):
    """What comes between frames."""

    ENQUIRY = ENQ
    REFUSAL = NAK


def checksum(content: bytes) -> bytes:
    """The two digits that follow `content`."""
    return b"%02X" % (0xFF - sum(content) % 0x100)


def encode(address: str, message: str) -> bytes:
    """A frame, of the host or of a pump."""
    content = (address + message).encode("ascii")
    return bytes((STX,)) + content + checksum(content) + bytes((ETX,))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a pump or a base says."""

    address: str
    """A digit; empty for a pump alone."""
    status: str
    values: tuple[str, ...]

    @classmethod
    def decode(cls, content: str) -> "Reply":
        """The reply in a frame's content, without the sum."""
        head, *values = content.split(";")
        address, status = (head[:1], head[1:]) if head[:1].isdigit() else ("", head)
        return cls(address, status, tuple(value for value in values if value))

    def encode(self) -> bytes:
        """Its frame."""
        return encode(self.address, ";".join((self.status, *self.values)))

    def variables(self) -> dict[str, str]:
        """The values by identifier, a letter."""
        return {value[0]: value[1:] for value in self.values}


class FrameReader:
    """Finds frames, and what comes between them, in a stream."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._content: bytearray | None = None
        self._is_refused = False
        self.wrong = 0
        """Frames whose sum was wrong: each is owed a NAK."""

    def feed(self, data: bytes) -> Iterator[Reply | Signal]:
        """Each reply and signal that `data` completes."""
        for octet in data:
            if self._is_refused:
                self._is_refused = False
                yield Signal.REFUSAL
                if 0x30 <= octet <= 0x39:
                    continue
            yield from self._take(octet)

    def _take(self, octet: int) -> Iterator[Reply | Signal]:
        match octet:
            case 0x05:
                yield Signal.ENQUIRY
            case 0x15:
                self._is_refused = True
            case 0x06:
                return
            case 0x02:
                if self._content is not None:
                    self._bad.count("framing")
                self._content = bytearray()
            case 0x03 if self._content is not None:
                content, self._content = bytes(self._content), None
                yield from self._complete(content)
            case _ if self._content is not None and len(self._content) < LONGEST:
                self._content.append(octet)
            case _:
                self._bad.count("framing")
                self._content = None

    def _complete(self, content: bytes) -> Iterator[Reply]:
        if content[-2:].upper() != checksum(content[:-2]):
            self._bad.count("checksum")
            self.wrong += 1
        else:
            yield Reply.decode(content[:-2].decode("ascii", "replace"))
