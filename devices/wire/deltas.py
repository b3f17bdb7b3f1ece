"""Waveform samples as the contract's `deltas`: differences of differences, small numbers in single bytes.

    data = to_deltas(samples)               # samples: int16, little-endian
    samples = from_deltas(data, count)      # raises Malformed

A physiological signal bends slowly: what a straight line through the last two samples leaves over is near
0. The first sample stands for itself, the second less the first, every other one less 2 × the one before it
plus the one before that. Each is zigzagged (0, -1, 1, -2 … are 0, 1, 2, 3 …) and written as LEB128: seven
bits a byte, the lowest first, the top bit where more follow.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from devices.errors import Malformed

_LONGEST = 3
"""Bytes of one number: second differences of int16 have 18 bits."""


def to_deltas(samples: bytes) -> bytes:
    """`samples` as deltas."""
    values = struct.unpack(f"<{len(samples) // 2}h", samples)
    steps = [b - a for a, b in pairwise(values)]
    bends = [b - a for a, b in pairwise(steps)]
    numbers = [n << 1 ^ n >> 31 for n in (*values[:1], *steps[:1], *bends)]
    return bytes(numbers) if max(numbers, default=0) < 0x80 else _leb128(numbers)


def from_deltas(data: bytes, count: int) -> bytes:
    """The `count` samples in `data`. Raises Malformed unless `data` is exactly what `to_deltas` makes."""
    numbers = data if data.isascii() else _from_leb128(data)
    if len(numbers) != count:
        raise Malformed(f"expected deltas of {count} samples, got {len(numbers)}")
    first, *rest = [n >> 1 ^ -(n & 1) for n in numbers] or [0]
    values = list(accumulate(accumulate(rest), initial=first))[:count]
    try:
        return struct.pack(f"<{count}h", *values)
    except struct.error as error:
        raise Malformed("expected deltas of samples within 16 bits") from error


def _leb128(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def _from_leb128(data: bytes) -> Sequence[int]:
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte > 0x7F:
            continue
        if shift > 7 * _LONGEST or (byte == 0 and shift > 7):
            raise Malformed(f"expected numbers of at most {_LONGEST} bytes and none longer than it needs")
        numbers.append(number)
        number = shift = 0
    if shift:
        raise Malformed("expected whole numbers, the deltas end within one")
    return numbers
