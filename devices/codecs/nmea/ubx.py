"""UBX: the binary frames that u-blox receivers send among the sentences. They are left out without blame.

    B5 62  class  id  length(2)  payload  checksum(2)      length with the low byte first

Source: u-blox, M8 receiver description, "UBX Frame Structure" and "UBX Checksum" (Fletcher's, of 8 bits).
"""

from itertools import accumulate

SYNC = b"\xb5\x62"
LARGEST = 2048
"""Bytes of a payload: more than is sent at the speeds of the profiles. A longer one is taken for damage."""
_HEADER, _CHECKSUM = 6, 2


def checksum(body: bytes) -> bytes:
    """Of what is between the two bytes of SYNC and the checksum."""
    return bytes((sum(body) & 0xFF, sum(accumulate(body)) & 0xFF))


def encode(kind: bytes, payload: bytes) -> bytes:
    """The frame of this class and id."""
    body = kind + len(payload).to_bytes(2, "little") + payload
    return SYNC + body + checksum(body)


class UbxFilter:
    """Takes the frames out of a stream of bytes."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What is of no frame. What may be the beginning of one is held back until it is decided."""
        rest, at = self._held + data, 0
        others: list[bytes] = []
        while (start := rest.find(SYNC[:1], at)) >= 0:
            others.append(rest[at:start])
            size = _size(rest[start : start + _HEADER + LARGEST + _CHECKSUM])
            at = start + size
            if not size:
                self._held = rest[start:]
                return b"".join(others)
            if size == 1:
                others.append(SYNC[:1])
        self._held = b""
        return b"".join((*others, rest[at:]))


def _size(part: bytes) -> int:
    """The size of the frame at the start of these bytes; 0: more is needed; 1: there is none."""
    if not SYNC.startswith(part[:2]):
        return 1
    if len(part) < _HEADER:
        return 0
    size = _HEADER + int.from_bytes(part[4:_HEADER], "little") + _CHECKSUM
    if size > _HEADER + LARGEST + _CHECKSUM:
        return 1
    if len(part) < size:
        return 0
    return size if checksum(part[2 : size - 2]) == part[size - 2 : size] else 1
