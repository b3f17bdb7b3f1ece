"""As much of WebM as a player needs: its head, how long it is, and where it may go on after a gap.

Each block says when it is of, in ms from the file's begin: the browser takes that when it takes the picture
or the sound, however late it is encoded, written or sent.

WebM is Matroska (RFC 9559) in EBML (RFC 8794). A browser's MediaRecorder writes a head, and then clusters of
unknown size: whoever has a head can go on from any cluster that begins with a whole picture.
"""

import struct
from collections.abc import Iterator

_CLUSTER = bytes.fromhex("1f43b67501ffffffffffffffe7")
"""Its id, that its size is not known, and the id of its timestamp, its first element (RFC 9559, 5.1.3)."""
_INFO, _DURATION = bytes.fromhex("1549a966"), bytes.fromhex("448988")
_HEAD_BYTES = len(_CLUSTER) - 1
_TIMESTAMP = b"\xe7"
_SIMPLE_BLOCK, _GROUP, _BLOCK, _REFERENCE = b"\xa3", b"\xa0", b"\xa1", b"\xfb"
_VIDEO, _KEY = 0x81, 0x80
"""Browsers write the picture as track 1; the flag of a SimpleBlock (RFC 9559, 10.2)."""
_ONE_BYTE, _MOST = 0x80, 0x7E
"""A size of one byte has its highest bit set, and is not the one that means unknown (RFC 8794, 4)."""


def cluster(data: bytes) -> int | None:
    """Where the first cluster begins."""
    at = data.find(_CLUSTER)
    return None if at < 0 else at


def resumption(data: bytes) -> tuple[int, int] | None:
    """Where a player can go on that knows nothing of before, and when that is, in ms from the file's begin.

    It is the first cluster of which the first picture is whole. Browsers count in ms (TimestampScale)."""
    at = data.find(_CLUSTER)
    while at >= 0:
        inside = at + _HEAD_BYTES
        if _begins_whole(data, inside):
            _, begin, end = next(_elements(data, inside))
            return at, int.from_bytes(data[begin:end], "big")
        at = data.find(_CLUSTER, at + 1)
    return None


def last_moment(data: bytes) -> int | None:
    """Of when the last picture or sound is, in ms from the file's begin; None: no cluster begins here."""
    at = data.rfind(_CLUSTER)
    if at < 0:
        return None
    begun_ms, latest_ms = 0, 0
    for kind, begin, end in _elements(data, at + _HEAD_BYTES):
        if kind == _TIMESTAMP:
            begun_ms = int.from_bytes(data[begin:end], "big")
        elif (block := _block_at(data, kind, begin, end)) is not None and block + 3 <= len(data):
            latest_ms = max(latest_ms, int.from_bytes(data[block + 1 : block + 3], "big", signed=True))
    return begun_ms + latest_ms


def with_duration(head: bytes, ms: int) -> bytes:
    """`head` that says how long it is, which a browser that records does not know yet.

    One of a form that no browser of ours writes stays as it is: then the player does not know it.
    """
    at = head.find(_INFO)
    size = head[at + 4] if 0 <= at < len(head) - 4 else 0
    begin = at + 5
    info = head[begin : begin + size - _ONE_BYTE]
    added = _DURATION + struct.pack(">d", ms)
    is_whole = bool(size & _ONE_BYTE) and len(info) == size - _ONE_BYTE
    if not is_whole or len(info) + len(added) > _MOST or _DURATION[:2] in info:
        return head
    longer = bytes([size + len(added)])
    return head[: at + 4] + longer + info + added + head[begin + len(info) :]


def _begins_whole(data: bytes, at: int) -> bool:
    """Whether the first picture from `at` on needs none before it; False, too, if it is not in `data`."""
    for kind, begin, end in _elements(data, at):
        if kind == _SIMPLE_BLOCK and data[begin : begin + 1] == bytes([_VIDEO]):
            return end <= len(data) and bool(data[begin + 3] & _KEY)
        if kind == _GROUP:
            parts = {part: data[first : first + 1] for part, first, _ in _elements(data[:end], begin)}
            if parts.get(_BLOCK) == bytes([_VIDEO]):
                return end <= len(data) and _REFERENCE not in parts
        if kind == _CLUSTER[:4]:
            return False
    return False


def _block_at(data: bytes, kind: bytes, begin: int, end: int) -> int | None:
    """Where the block of an element is, if it has one: its track, then two bytes of when (RFC 9559, 10.1)."""
    if kind == _SIMPLE_BLOCK:
        return begin
    if kind == _GROUP:
        return next((first for part, first, _ in _elements(data[:end], begin) if part == _BLOCK), None)
    return None


def _elements(data: bytes, at: int) -> Iterator[tuple[bytes, int, int]]:
    """(id, begin, end) of what follows each other from `at` on, as far as it is EBML (RFC 8794, 4 to 6)."""
    while at < len(data):
        named = at + 9 - data[at].bit_length()
        if named >= len(data) or data[named] == 0:
            return
        begin = named + 9 - data[named].bit_length()
        size = int.from_bytes(data[named:begin], "big") & ((1 << 7 * (begin - named)) - 1)
        yield data[at:named], begin, begin + size
        at = begin + size
