"""The ways to write samples that were tried: bytes on the wire, and processor time each way.

Each way writes the samples of a record, and may compress the records of a whole block. All keep every bit.
"""

import struct
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import cbor2

from devices.model.metrics import by_name
from devices.model.observation import Waveform
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, pack_clock
from devices.wire.checksum import crc32c
from devices.wire.deltas import from_deltas, to_deltas
from devices.wire.records import Group, decimal_pair

PUBLISH_BYTES = 7 + len(topics.up("ward-a", "wave"))
"""Of MQTT 3.1.1 (3.3): fixed header with a length of two bytes, topic and its length, packet identifier."""
_RAW = -zlib.MAX_WBITS
_REPEATS = 7

Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Way:
    """How samples are written and read, and the records of a block squeezed and loosened."""

    name: str
    write: Change
    read: Callable[[bytes, int], bytes]
    squeeze: Change = bytes
    loosen: Change = bytes


@dataclass(frozen=True, slots=True)
class Tried:
    """A way's bytes a sample on the wire, and ns a sample to write and to read."""

    name: str
    bytes: float
    write_ns: float
    read_ns: float


def seal_raw(journal: bytes, lane: Lane, number: int, clock: BlockClock, groups: Iterable[Group]) -> bytes:
    """A block of waveforms with plain samples and no compression."""
    return _sealed(journal, lane, number, clock, _packed(groups, clock, _plain))


def _sealed(journal: bytes, lane: Lane, number: int, clock: BlockClock, records: bytes) -> bytes:
    about: dict[int, Any] = {1: 1, 2: journal, 3: lane, 4: number, 5: pack_clock(clock)}
    header = cbor2.dumps(about)
    return cbor2.dumps([header, records, crc32c(header + records)])


def _packed(groups: Iterable[Group], clock: BlockClock, write: Change) -> bytes:
    """The contract's records, but for the waveforms' samples as `write` has them."""
    return cbor2.dumps(
        [{1: g.device, 2: g.location, 3: [_record(w, clock, write) for w in _waves(g)]} for g in groups]
    )


def _waves(group: Group) -> Iterator[Waveform]:
    return (record for record in group.records if isinstance(record, Waveform))


def _record(wave: Waveform, clock: BlockClock, write: Change) -> list[Any]:
    dt = wave.at // 1000 - clock.mono_us
    scale, offset = list(decimal_pair(wave.scale)), list(decimal_pair(wave.offset))
    about = [by_name(wave.metric).number, dt, wave.rate_mhz, scale, offset]
    if write is _plain:
        return [2, *about, cbor2.CBORTag(77, wave.samples), wave.quality]
    return [7, *about, len(wave), write(wave.samples), wave.quality]


# ways to write the samples of a record


def _plain(samples: bytes, _: int = 0) -> bytes:
    """As a Waveform has them."""
    return samples


def _numbers(samples: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(samples) // 2}h", samples)


def _first(samples: bytes) -> bytes:
    values = _numbers(samples)
    return _leb128([n << 1 ^ n >> 31 for n in (*values[:1], *(b - a for a, b in pairwise(values)))])


def _leb128(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    for number in numbers:
        rest = number
        while rest > 0x7F:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def _from_first(data: bytes, count: int) -> bytes:
    numbers: list[int] = []
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number >> 1 ^ -(number & 1))
            number = shift = 0
    return struct.pack(f"<{count}h", *accumulate(numbers))


def _planes(samples: bytes) -> bytes:
    """The first differences' low bytes, then their high bytes."""
    values = _numbers(samples)
    steps = [n << 1 ^ n >> 31 for n in (*values[:1], *(b - a for a, b in pairwise(values)))]
    data = struct.pack(f"<{len(steps)}I", *steps)
    return data[::4] + data[1::4] + data[2::4]


def _from_planes(data: bytes, count: int) -> bytes:
    low, middle, high = (data[i * count : (i + 1) * count] for i in range(3))
    steps = (a | b << 8 | c << 16 for a, b, c in zip(low, middle, high, strict=True))
    return struct.pack(f"<{count}h", *accumulate(n >> 1 ^ -(n & 1) for n in steps))


def _rice(samples: bytes) -> bytes:
    """First differences in Rice's code (Golomb 1966, Rice 1979), its parameter in front."""
    values = _numbers(samples)
    steps = [n << 1 ^ n >> 31 for n in (*values[:1], *(b - a for a, b in pairwise(values)))]
    k = min(range(16), key=lambda k: sum(n >> k for n in steps) + k * len(steps))
    bits = "".join("0" * (n >> k) + f"1{n & (1 << k) - 1:0{k}b}"[: 1 + k] for n in steps)
    bits += "0" * (-len(bits) % 8)
    return bytes([k]) + int(bits, 2).to_bytes(len(bits) // 8, "big")


def _from_rice(data: bytes, count: int) -> bytes:
    k, bits, place = data[0], bin(int.from_bytes(b"\1" + data[1:], "big"))[3:], 0
    steps: list[int] = []
    for _ in range(count):
        one = bits.index("1", place)
        n = one - place << k | int(bits[one + 1 : one + 1 + k] or "0", 2)
        steps.append(n >> 1 ^ -(n & 1))
        place = one + 1 + k
    return struct.pack(f"<{count}h", *accumulate(steps))


def _zlib(level: int) -> tuple[Change, Change]:
    return lambda data: zlib.compress(data, level, _RAW), lambda data: zlib.decompress(data, _RAW)


def _each(write: Change, read: Callable[[bytes, int], bytes]) -> tuple[Change, Callable[[bytes, int], bytes]]:
    """Each record's samples compressed by themselves."""
    squeeze, loosen = _zlib(6)
    return lambda samples: squeeze(write(samples)), lambda data, count: read(loosen(data), count)


WAYS = (
    Way("int16 as it is", _plain, _plain),
    Way("int16, block by DEFLATE", _plain, _plain, *_zlib(6)),
    Way("first differences, LEB128", _first, _from_first),
    Way("first differences, LEB128, each record by DEFLATE", *_each(_first, _from_first)),
    Way("first differences, LEB128, block by DEFLATE level 1", _first, _from_first, *_zlib(1)),
    Way("first differences, LEB128, block by DEFLATE", _first, _from_first, *_zlib(6)),
    Way("first differences in planes of bytes, block by DEFLATE", _planes, _from_planes, *_zlib(6)),
    Way("first differences, Rice", _rice, _from_rice),
    Way("first differences, Rice, block by DEFLATE", _rice, _from_rice, *_zlib(6)),
    Way("second differences, LEB128", to_deltas, from_deltas),
    Way("second differences, LEB128, block by DEFLATE level 1", to_deltas, from_deltas, *_zlib(1)),
    Way("**second differences, LEB128, block by DEFLATE**", to_deltas, from_deltas, *_zlib(6)),
)


def tried(way: Way, blocks: Sequence[Sequence[Group]], clock: BlockClock) -> Tried:
    """What `way` makes of `blocks`."""
    waves = [wave.samples for groups in blocks for group in groups for wave in _waves(group)]
    total = sum(map(len, waves)) // 2
    written = [way.write(samples) for samples in waves]
    records = [_packed(groups, clock, way.write) for groups in blocks]
    small = [way.squeeze(data) for data in records]
    back = [way.read(data, len(samples) // 2) for data, samples in zip(written, waves, strict=True)]
    if back != waves or [way.loosen(data) for data in small] != records:
        raise AssertionError(f"{way.name} changes samples")
    size = sum(len(_sealed(bytes(8), Lane.WAVE, 1000, clock, data)) + PUBLISH_BYTES for data in small)
    write_s = _timed(lambda: [*map(way.write, waves)]) + _timed(lambda: [*map(way.squeeze, records)])
    counts = [len(samples) // 2 for samples in waves]
    read_s = _timed(lambda: [*map(way.loosen, small)]) + _timed(lambda: [*map(way.read, written, counts)])
    return Tried(way.name, size / total, write_s * 1e9 / total, read_s * 1e9 / total)


def _timed(work: Callable[[], object]) -> float:
    """The least processor time of some repetitions, seconds: the others were disturbed."""
    times: list[float] = []
    for _ in range(_REPEATS):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return min(times)


def table(rows: Iterable[Tried]) -> Iterator[str]:
    """`rows` as a Markdown table."""
    yield "| samples written as | bytes a sample | ns a sample to write | to read |"
    yield "|---|---:|---:|---:|"
    for row in rows:
        yield f"| {row.name} | {row.bytes:.2f} | {row.write_ns:.0f} | {row.read_ns:.0f} |"
