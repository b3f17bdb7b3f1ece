"""Good messages with one twist of the encoding each: it alone is why they must not be taken.

Two readers of such a message could disagree on what it says (RFC 8949, section 5.6), or be kept busy by it.
"""

from collections.abc import Callable
from typing import Any

import cbor2
import google_crc32c

from hil.faults.hostile_cbor import HOSTILE
from hil.faults.rogue import group

JOURNAL = b"another."
"""Of no gateway; so no number of it is owed."""
RECORDS = group([[0, 1, 0, 60, 0, 0]])
HEADER: dict[int, Any] = {1: 1, 2: JOURNAL, 3: 1, 4: 0, 5: {1: bytes(16), 2: 1, 3: None, 4: 0, 5: None}}
STATE: dict[int, Any] = {1: 1, 2: True, 3: JOURNAL, 4: None, 5: [0] * 4, 6: [0] * 4, 7: [None] * 4, 8: {}}
BIRTH: dict[int, Any] = {1: 1, 2: JOURNAL, 3: "rogue", 4: [{1: "hr-9", 2: "polar-h10", 3: None, 4: [1]}]}

Twist = Callable[[Any], bytes]


def _items(item: Any) -> list[bytes]:
    """The keys and values of a map, or the elements of an array, encoded."""
    inner = [part for pair in item.items() for part in pair] if isinstance(item, dict) else item
    return [cbor2.dumps(part) for part in inner]


def _head(item: Any, more: int = 0) -> bytes:
    """The first byte of a short map or array, with so many items more."""
    return bytes([(0xA0 if isinstance(item, dict) else 0x80) + len(item) + more])


def _endless(item: Any) -> bytes:
    """A length that is not told."""
    return (b"\xbf" if isinstance(item, dict) else b"\x9f") + b"".join(_items(item)) + b"\xff"


def _longer_head(item: Any) -> bytes:
    """A length of 2^64 - 1."""
    return (b"\xbb" if isinstance(item, dict) else b"\x9b") + b"\xff" * 8 + b"".join(_items(item))


TWISTS: dict[str, Twist] = {
    "but for its end": _endless,
    "and a byte more": lambda item: cbor2.dumps(item) + b"\x00",
    "and the same again": lambda item: cbor2.dumps(item) * 2,
    "less its last byte": lambda item: cbor2.dumps(item)[:-1],
    "said to be much longer": _longer_head,
    "said to be CBOR": lambda item: b"\xd9\xd9\xf7" + cbor2.dumps(item),
    "that may be shared": lambda item: b"\xd8\x1c" + cbor2.dumps(item),
    "in 5,000 arrays": lambda item: b"\x81" * 5_000 + cbor2.dumps(item),
}
MAP_TWISTS: dict[str, Twist] = {
    "a key twice": lambda item: _head(item, 1) + b"".join([*_items(item), *_items(item)[:2]]),
    "a key twice, otherwise": lambda item: _head(item, 1) + b"".join([*_items(item), b"\x02\x41\x00"]),
    "a key twice in a longer form": lambda item: _head(item, 1) + b"".join([*_items(item), b"\x18\x01\x01"]),
    "a bignum as a key": lambda item: _head(item) + b"\xc2\x41\x01" + b"".join(_items(item)[1:]),
    "a bignum for a number": lambda item: _head(item) + b"\x01\xc2\x41\x01" + b"".join(_items(item)[2:]),
    "a float for a number": lambda item: _head(item) + b"\x01\xf9\x3c\x00" + b"".join(_items(item)[2:]),
}


def block(header: bytes) -> list[object]:
    """The three parts of a block with that header."""
    return [header, RECORDS, google_crc32c.value(header + RECORDS)]


def _twisted(item: Any, twists: dict[str, Twist]) -> dict[str, bytes]:
    return {f"a good one {name}": twist(item) for name, twist in twists.items()}


TWISTED = {
    "block": _twisted(block(cbor2.dumps(HEADER)), TWISTS),
    "header": _twisted(HEADER, TWISTS | MAP_TWISTS),
    "records": _twisted(cbor2.loads(RECORDS), TWISTS),
    "state": _twisted(STATE, TWISTS | MAP_TWISTS),
    "birth": _twisted(BIRTH, TWISTS | MAP_TWISTS),
}


def hostile(what: str) -> dict[str, bytes]:
    """By name, CBOR that must not be taken for a `what`."""
    return HOSTILE | TWISTED[what]
