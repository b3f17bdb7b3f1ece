"""The numbers of the way of a reading, each beside a baseline of the same run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hil.bench import bare, delay, load, memory, size

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One measured number and what it is compared with."""

    what: str
    measured: str
    baseline: str


async def measure(folder: Path, seconds: float, rate: int, say: Say) -> list[Row]:
    """Run everything in `folder`, one part after the other."""
    say(f"delay: six beds for {seconds:.0f} s …")
    ward = await delay.measure(folder / "ward", seconds)
    say("delay: the bare pipe …")
    pipe = await bare.delays(folder / "pipe", rate=20, seconds=min(seconds, 10.0))
    say("memory …")
    resident = await memory.measure(folder / "memory", ward.gateway_config)
    say(f"throughput: {rate} readings/s for {seconds:.0f} s …")
    loaded = await load.measure(folder / "load", rate, seconds)
    say("throughput: one message, one commit a reading …")
    singly = await bare.throughput(folder / "singly", min(seconds, 8.0))
    return [
        *_delay_rows(ward, pipe),
        *_load_rows(loaded, rate, singly),
        *_memory_rows(ward, resident, loaded),
        *_size_rows(ward.database, loaded.database),
    ]


def _delay_rows(ward: delay.Delays, pipe: list[float]) -> Iterator[Row]:
    yield Row(
        "radio notification → SSE event, p50 / p99 / max, ms",
        _delays(ward.radio_ms),
        f"{_delays(pipe)} (JSON through the broker, kept nowhere)",
    )
    yield Row("readings in that measurement", f"{len(ward.radio_ms)} of six beds", f"{len(pipe)} at 20/s")
    yield Row("start of a serial packet (333 ms on its line) → SSE event, ms", _delays(ward.serial_ms), "–")


def _load_rows(loaded: load.Loaded, rate: int, singly: float) -> Iterator[Row]:
    yield Row(
        "readings/s, durable at both ends",
        f"{loaded.stored_per_s:.0f} (offered {rate}; {loaded.left_blocks} blocks behind at the end; "
        f"missing {loaded.missing}, twice {loaded.duplicated})",
        f"{singly:.0f} (JSON, QoS 1, one commit each, both ends in one process)",
    )
    yield Row(
        "CPU a reading under that load, µs: gateway / controller / broker",
        " / ".join(f"{loaded.cpu_us[name]:.0f}" for name in ("gateway", "controller", "broker")),
        "–",
    )


def _memory_rows(ward: delay.Delays, resident: memory.Resident, loaded: load.Loaded) -> Iterator[Row]:
    yield Row(
        "gateway resident, MB: BlueZ backend / virtual radio / under load",
        f"{resident.product_mb:.0f} / {ward.gateway_mb:.0f} / {loaded.gateway_mb:.0f}",
        f"{resident.bare_mb:.0f} (Python with an MQTT client)",
    )


def _size_rows(ward: Path, loaded: Path) -> Iterator[Row]:
    for where, database in (("six beds", ward), ("under load", loaded)):
        yield Row(
            f"bytes a reading on the wire, {where}",
            f"{size.block_bytes(database):.1f}",
            f"{size.json_bytes(database):.1f} (JSON, one message each)",
        )


def _delays(delays_ms: list[float]) -> str:
    ordered = sorted(delays_ms)
    points = (ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1])
    return " / ".join(f"{point:.0f}" for point in points)


def table(rows: list[Row]) -> Iterator[str]:
    """`rows` as a Markdown table."""
    yield "| what | Wardlink | baseline |"
    yield "|---|---|---|"
    yield from (f"| {row.what} | {row.measured} | {row.baseline} |" for row in rows)
