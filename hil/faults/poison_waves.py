"""Waveforms that must not be taken, and compressed records that are none."""

import zlib

import cbor2

from hil.faults.rogue import group

_GOOD = group([[0, 1, 0, 60, 0, 0]] * 9)


def _deltas(count: int, bends: object) -> list[object]:
    return [7, 1, 0, 75000, [1, 0], [0, 0], count, bends, 0]


def _wave(rate: int, samples: object) -> list[object]:
    return [2, 1, 0, rate, [1, 0], [0, 0], samples, 0]


BAD_WAVES: dict[str, list[object]] = {
    "samples without a tag": _wave(75000, b"\x00\x00"),
    "samples as a list": _wave(75000, [1, 2, 3]),
    "a rate of 0": _wave(0, cbor2.CBORTag(77, b"\x00\x00")),
    "an odd count of sample bytes": _wave(75000, cbor2.CBORTag(77, b"\x00")),
    "deltas of fewer samples than they say": _deltas(3, b"\x00\x00"),
    "deltas of more samples than they say": _deltas(1, b"\x00\x00"),
    "deltas of a billion samples": _deltas(10**9, b"\x00\x00"),
    "deltas that leave 16 bits": _deltas(2, b"\xfe\xff\x03\x02"),
    "deltas that end within a number": _deltas(1, b"\x80"),
    "deltas with a number longer than it needs": _deltas(1, b"\x80\x00"),
    "deltas with a number of four bytes": _deltas(1, b"\x80\x80\x80\x01"),
    "deltas as text": _deltas(1, "0"),
}
BAD_DEFLATED: dict[str, bytes] = {
    "nothing": b"",
    "records that are not": _GOOD,
    "half a stream": zlib.compress(_GOOD, 9, -15)[:-2],
    "a stream and a byte more": zlib.compress(_GOOD, 9, -15) + b"\x00",
    "a stream with zlib's header": zlib.compress(_GOOD),
    "a bomb of 8 MB": zlib.compress(bytes(8_000_000), 9, -15),
}
