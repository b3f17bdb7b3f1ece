"""A serial line bit by bit: what a receiver makes of it that listens at another rate. Pure."""

from collections.abc import Iterator

_BITS = 10
"""A start bit (0), eight of data from the lowest, a stop bit (1)."""


def heard(data: bytes, sent_baud: int, heard_baud: int) -> bytes:
    """The bytes that a UART at `heard_baud`, 8N1, makes of `data`, sent without a pause at `sent_baud`.

    It waits for a falling edge and looks at the middle of each of its own bits. A stop bit that is not there
    is an error of framing; the byte is given all the same, as most drivers do. Then it waits for an edge.
    """
    return bytes(_received(data, sent_baud / heard_baud))


def _received(data: bytes, ratio: float) -> Iterator[int]:
    """`ratio`: how many bits are sent while the receiver takes one."""
    edges = _falling(data)
    at = 0.0
    for edge in edges:
        if edge < at:
            continue
        bits = [_level(data, edge + (n + 1.5) * ratio) for n in range(8)]
        yield sum(bit << n for n, bit in enumerate(bits))
        at = edge + (_BITS - 0.5) * ratio


def _falling(data: bytes) -> Iterator[int]:
    """The places, in bits, where the line falls."""
    before = 1
    for place in range(len(data) * _BITS):
        level = _level(data, place)
        if before and not level:
            yield place
        before = level


def _level(data: bytes, place: float) -> int:
    """The line at a place in bits; it rests at 1."""
    number, bit = divmod(int(place), _BITS)
    if not 0 <= number < len(data) or bit == _BITS - 1:
        return 1
    return data[number] >> bit - 1 & 1 if bit else 0
