"""What a bad cable, a weak radio or a hostile neighbour does to a stream; each by a seed, and repeatable."""

from collections.abc import Callable, Sequence
from random import Random

from devices.capture import Chunk
from devices.model.observation import Instant

Damage = Callable[[list[Chunk], Random], list[Chunk]]
_FLOOD = 10
"""Times the stream's own bytes, in the same time."""


def _data(chunk: Chunk, data: bytes) -> Chunk:
    return Chunk(chunk.at, chunk.source, data)


def flipped(stream: list[Chunk], random: Random) -> list[Chunk]:
    """Single bits of a few chunks turn over."""
    hit = {random.randrange(len(stream)) for _ in range(random.randint(1, 5))}
    return [_data(one, _flip(one.data, random)) if n in hit else one for n, one in enumerate(stream)]


def _flip(data: bytes, random: Random) -> bytes:
    if not data:
        return data
    place, bit = random.randrange(len(data)), 1 << random.randrange(8)
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def truncated(stream: list[Chunk], random: Random) -> list[Chunk]:
    """A few chunks end early."""
    hit = {random.randrange(len(stream)) for _ in range(random.randint(1, 3))}
    cut = {n: random.randrange(len(stream[n].data) + 1) for n in hit}
    return [_data(one, one.data[: cut[n]]) if n in cut else one for n, one in enumerate(stream)]


def spliced(stream: list[Chunk], random: Random) -> list[Chunk]:
    """The stream goes on from somewhere else, times apart."""
    first, second = sorted(random.randrange(len(stream) + 1) for _ in range(2))
    return [*stream[:first], *stream[second:], *stream[first:second]]


def repeated(stream: list[Chunk], random: Random) -> list[Chunk]:
    """A chunk comes again and again."""
    place = random.randrange(len(stream))
    return [*stream[:place], *[stream[place]] * random.randint(2, 20), *stream[place:]]


def noisy(stream: list[Chunk], random: Random) -> list[Chunk]:
    """Random bytes come between."""
    place = random.randrange(len(stream))
    noise = _data(stream[place], random.randbytes(random.randint(1, 300)))
    return [*stream[:place], noise, *stream[place:]]


def flooded(stream: list[Chunk], random: Random) -> list[Chunk]:
    """Random bytes come at ten times the speed of the line."""
    return [part for one in stream for part in (one, _data(one, random.randbytes(_FLOOD * len(one.data))))]


def in_pieces(stream: list[Chunk], random: Random) -> list[Chunk]:
    """Every byte comes alone."""
    return [_data(one, one.data[n : n + 1]) for one in stream for n in range(len(one.data))]


ALL: dict[str, Damage] = {
    damage.__name__: damage for damage in (flipped, truncated, spliced, repeated, noisy, flooded, in_pieces)
}


def damaged(stream: Sequence[Chunk], kinds: Sequence[str], seed: int) -> list[Chunk]:
    """`stream` with damages of these kinds, one after the other; times never go back."""
    random, result = Random(seed), list(stream)
    for kind in kinds:
        if result:  # nothing of it may be left
            result = ALL[kind](result, random)
    latest = Instant(0)
    for n, chunk in enumerate(result):
        latest = max(latest, chunk.at)
        result[n] = Chunk(latest, chunk.source, chunk.data)
    return result
