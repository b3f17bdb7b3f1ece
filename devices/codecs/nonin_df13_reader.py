"""Nonin's packets and answers beside data format 13: the messages in a stream of bytes.

    [00] 02 00 0D LENGTH(2) data SUM 03     a measurement, SUM of the data mod 256
    02 F2|F3|F4 SIZE data 03                an answer: time, revisions, a name (whose last byte is a SUM)
    06, 15                                  ACK, NAK

Source: as of `nonin_df13`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from devices.codecs.health import BadByteCounter
from devices.codecs.nonin_packet import ACK, NAK

_NULL, _STX, _ETX = 0x00, 0x02, 0x03
MEASUREMENT, TIME, REVISIONS, NAME = 0x0D, 0xF2, 0xF3, 0xF4
_SIZES = {MEASUREMENT: range(14, 33), TIME: range(6, 7), REVISIONS: range(2, 3), NAME: range(3, 33)}
"""How many bytes of data a message can have, by its code."""
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose form, and sum if it has one, are right. ACK and NAK have no data."""

    code: int
    data: bytes = b""

    def encode(self) -> bytes:
        """The message as the device sends it; the sum of a NAME is part of its data."""
        if self.code in (ACK, NAK):
            return bytes((self.code,))
        if self.code != MEASUREMENT:
            return bytes((_STX, self.code, len(self.data), *self.data, _ETX))
        head = bytes((_NULL, _STX, 0, MEASUREMENT)) + len(self.data).to_bytes(2, "big")
        return head + self.data + bytes((sum(self.data) % 256, _ETX))


_First = tuple[int, Message | str]
"""How many bytes to take (0: more are needed), and what they are: a message, a fault, or "" for nothing."""
_MORE: _First = 0, ""


class MessageReader:
    """Finds messages; counts the bytes that belong to none."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes."""
        self._buffer += data
        while self._buffer:
            size, found = _first(bytes(self._buffer[:_LONGEST]))
            if size == 0:
                return
            if isinstance(found, Message):
                yield found
            elif found:
                self._bad.count(found)
            del self._buffer[:size]

    def waits(self) -> bool:
        """Whether there is a message that has only begun."""
        return bool(self._buffer)

    def give_up(self) -> Iterator[Message]:
        """What has begun comes to no end: the messages behind its first byte."""
        while self._buffer:
            self._bad.count("framing")
            del self._buffer[0]
            yield from self.feed(b"")


def _first(start: bytes) -> _First:
    """What is at `start`."""
    if start[0] in (ACK, NAK):
        return 1, Message(start[0])
    if start[0] == _NULL and len(start) > 1:
        return 1, "" if start[1] == _STX else "framing"
    if start[0] not in (_NULL, _STX):
        return 1, "framing"
    if len(start) < 2:
        return _MORE
    return _measurement(start) if start[1] == 0 else _answer(start)


def _measurement(start: bytes) -> _First:
    if len(start) < 5:
        return _MORE
    size = int.from_bytes(start[3:5], "big")
    if start[2] != MEASUREMENT:
        return 1, "framing"
    if size not in _SIZES[MEASUREMENT]:
        return 1, "length"
    data, tail = start[5 : 5 + size], start[5 + size : 7 + size]
    return _ended(MEASUREMENT, data, tail, bytes((sum(data) % 256, _ETX)))


def _answer(start: bytes) -> _First:
    if start[1] == MEASUREMENT or start[1] not in _SIZES:
        return 1, "framing"
    if len(start) < 3:
        return _MORE
    size = start[2]
    if size not in _SIZES[start[1]]:
        return 1, "length"
    data, tail = start[3 : 3 + size], start[3 + size : 4 + size]
    if start[1] == NAME and len(data) == size and data[-1] != sum(data[:-1]) % 256:
        return 1, "checksum"
    return _ended(start[1], data, tail, bytes((_ETX,)))


def _ended(code: int, data: bytes, tail: bytes, right_tail: bytes) -> _First:
    """The message, if it is whole and its tail is right."""
    if len(tail) < len(right_tail):
        return _MORE
    if tail[-1] != _ETX:
        return 1, "framing"
    if tail != right_tail:
        return 1, "checksum"
    return (5 if code == MEASUREMENT else 3) + len(data) + len(tail), Message(code, data)
