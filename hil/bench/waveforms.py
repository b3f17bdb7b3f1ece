"""ECG and pleth of a ward of beds through one gateway, beside the same with samples as plain int16."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import mean

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Waveform
from devices.wire.block import BlockClock, Sync
from devices.wire.records import Group
from hil.bench.waves import codecs
from hil.bench.waves.checked import Key
from hil.bench.waves.run import PROCESSES, WARM_S, Cost, run, ward
from hil.bench.waves.signals import CHUNK_S, ECG, RATES_HZ, chunk_samples, signal

Say = Callable[[str], None]

MOST_CPU, MOST_BYTES = 0.5, 1.5
"""What is allowed: of one core by all processes together, and bytes a sample on the wire."""
_TABLE_BLOCKS = 24
_CLOCK = BlockClock(bytes(16), 98_765_432_109, 1_790_000_000_000_000, Sync.NETWORK, 5000)


@dataclass(frozen=True, slots=True)
class Pair:
    """One run as the product does it, and one with plain samples right after or before it."""

    wardlink: Cost
    raw: Cost


@dataclass(frozen=True, slots=True)
class Load:
    """So many monitors; `records` is a folder with a real ECG for them, if there is one."""

    beds: int
    records: Path | None = None

    def signals(self, seconds: float) -> dict[Key, bytes]:
        """What they measure in `seconds`, by device and metric. Raises OSError."""
        return {
            (device.id, metric): signal(metric, device.seed, seconds, self.records)
            for device in ward(self.beds).devices
            for metric in RATES_HZ
        }


def _blocks(load: Load) -> list[list[Group]]:
    """The load's first blocks, as a gateway gathers them."""
    offered = load.signals(_TABLE_BLOCKS * CHUNK_S)
    return [
        [
            Group(
                DeviceId(device.id),
                LocationId(device.bed),
                [_wave(offered[device.id, metric], metric, number, device.seed) for metric in RATES_HZ],
            )
            for device in ward(load.beds).devices
        ]
        for number in range(_TABLE_BLOCKS)
    ]


def _wave(data: bytes, metric: str, number: int, seed: int) -> Waveform:
    size = 2 * chunk_samples(metric)
    samples = data[number * size : (number + 1) * size]
    ago_us = round(CHUNK_S * 1e6) + 12_345 * seed % 250_000
    at = Instant((_CLOCK.mono_us - ago_us) * 1000)
    return Waveform(metric, at, 1000 * RATES_HZ[metric], samples, Decimal("0.0025" if metric == ECG else 1))


async def measure(load: Load, folder: Path, seconds: float, rounds: int, say: Say) -> list[Pair]:
    """`rounds` interleaved pairs of runs, each measured for `seconds`."""
    offered = load.signals(seconds + WARM_S)
    pairs: list[Pair] = []
    for number in range(rounds):
        costs: dict[bool, Cost] = {}
        for raw in (False, True) if number % 2 else (True, False):
            name = "int16" if raw else "wardlink"
            say(f"round {number + 1}: {name}, {load.beds} beds for {seconds:.0f} s …")
            place = folder / f"{number}-{name}"
            costs[raw] = await run(place, load.beds, offered, seconds, raw=raw)
        pairs.append(Pair(costs[False], costs[True]))
    return pairs


def failures(pairs: Sequence[Pair]) -> list[str]:
    """What is not as it has to be."""
    found: list[str] = []
    for cost in (cost for pair in pairs for cost in (pair.wardlink, pair.raw)):
        checked = cost.checked
        if checked.different or cost.missing_blocks or not cost.events_right:
            found.append(f"samples changed or missing: {checked}, events right: {cost.events_right}")
    if mean(sum(pair.wardlink.cpu.values()) for pair in pairs) > MOST_CPU:
        found.append(f"more than {MOST_CPU:.0%} of one core")
    if mean(pair.wardlink.wire for pair in pairs) > MOST_BYTES:
        found.append(f"more than {MOST_BYTES} bytes a sample on the wire")
    return found


def table(pairs: Sequence[Pair]) -> Iterator[str]:
    """What the pairs measured, as a Markdown table."""
    yield "| what | Wardlink | plain int16, same run | ratio |"
    yield "|---|---:|---:|---:|"
    for name in PROCESSES:
        yield _row(f"{name}, % of one core", [(p.wardlink.cpu[name], p.raw.cpu[name]) for p in pairs], 100, 1)
    total = [(sum(p.wardlink.cpu.values()), sum(p.raw.cpu.values())) for p in pairs]
    yield _row("**all three, % of one core**", total, 100, 1)
    yield _row("**bytes a sample on the wire**", [(p.wardlink.wire, p.raw.wire) for p in pairs])
    yield _row("bytes a sample in the journal", [(p.wardlink.journal, p.raw.journal) for p in pairs])
    yield _row("bytes a sample in the store", [(p.wardlink.store, p.raw.store) for p in pairs])
    ours, plain = [pair.wardlink for pair in pairs], [pair.raw for pair in pairs]
    what = "last sample of a chunk → SSE event, p50 / p99 / max, ms"
    yield f"| {what} | {_delays(ours)} | {_delays(plain)} | – |"
    yield f"| samples offered / stored / different | {_samples(ours)} | {_samples(plain)} | – |"


def _row(what: str, values: Sequence[tuple[float, float]], times: float = 1, digits: int = 2) -> str:
    ours, raw = (times * mean(side) for side in zip(*values, strict=True))
    ratio = mean(one / other if other else 1.0 for one, other in values)
    return f"| {what} | {ours:.{digits}f} | {raw:.{digits}f} | {ratio:.2f} |"


def _delays(costs: Sequence[Cost]) -> str:
    ordered = sorted(delay for cost in costs for delay in cost.delays_ms)
    points = (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1])
    return " / ".join(f"{point:.0f}" for point in points)


def _samples(costs: Sequence[Cost]) -> str:
    checked = [cost.checked for cost in costs]
    sums = (
        sum(c.offered for c in checked),
        sum(c.stored for c in checked),
        sum(c.different for c in checked),
    )
    return " / ".join(f"{count:,}" for count in sums)


def ways(load: Load) -> list[codecs.Tried]:
    """Every way to write samples, on the same signals."""
    cut = _blocks(load)
    return [codecs.tried(way, cut, _CLOCK) for way in codecs.WAYS]
