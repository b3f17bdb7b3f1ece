"""How fast each codec decodes, as a multiple of what its device can send; beside a reader that only sums up.

The line rate of a serial device is that of its port, filled without a pause; of any other device, its own.
"""

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import typer

from devices.capture import Chunk, codecs_of, settle
from devices.model.observation import Instant
from devices.profiles import AnyLink, Profile, SerialLink, profiles
from hil.fuzz.streams import streams
from hil.sims.loopback import can_converse, converse
from hil.sims.patient import Patient
from hil.sims.simulated import simulators

REQUIRED = 50
_STREAM_S = 20.0
_ENOUGH_S = 0.25
"""Of processor time, for one codec."""
_PATIENT = 3


class Row(NamedTuple):
    """One profile: `times` the line rate, and of the bare reader; `us` of processor time a byte."""

    profile: str
    times: float
    bare_times: float
    us: float


@dataclass(frozen=True, slots=True)
class Load:
    """What one device sends in `seconds` at its line rate."""

    link: AnyLink
    chunks: Sequence[Chunk]
    seconds: float

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(len(chunk.data) for chunk in self.chunks)


def rows() -> Iterator[Row]:
    """Every profile, one after the other."""
    for one in profiles().values():
        load = _load(one)
        ours, bare = _rate(load, _decode), _rate(load, _check_sums)
        yield Row(one.name, load.seconds / ours, load.seconds / bare, ours / load.size * 1e6)


def _load(one: Profile) -> Load:
    chunks, seconds = _stream(one)
    if isinstance(one.link, SerialLink):
        bits = 1 + one.link.bytesize + (one.link.parity != "N") + one.link.stopbits
        seconds = sum(len(chunk.data) for chunk in chunks) * bits / one.link.baudrate
    return Load(one.link, chunks, seconds)


def _stream(one: Profile) -> tuple[Sequence[Chunk], float]:
    """(chunks, seconds) of its simulator, or else of its longest capture."""
    sim = simulators()[one.name](Patient(_PATIENT)) if one.name in simulators() else None
    if sim and can_converse(sim):
        return converse(one.link, sim, _STREAM_S).chunks, _STREAM_S
    longest = max(streams(one), key=len)
    return longest, max(1.0, (longest[-1].at - longest[0].at) / 1e9)


def _rate(load: Load, work: Callable[[Load], None]) -> float:
    """Seconds of processor time for one passage of the load."""
    turns, spent = 0, 0.0
    while spent < _ENOUGH_S:
        began = time.process_time()
        work(load)
        spent += time.process_time() - began
        turns += 1
    return spent / turns


def _decode(load: Load) -> None:
    codecs = codecs_of(load.link)
    for chunk in load.chunks:
        codec = codecs[chunk.source]
        codec.receive_data(chunk.data, chunk.at)
        due = codec.next_timer()
        if due is not None and due <= chunk.at:
            codec.handle_timer(Instant(chunk.at))
        settle(codec, chunk.at)


def _check_sums(load: Load) -> None:
    """The least that any reader of frames does, in C."""
    for chunk in load.chunks:
        zlib.crc32(chunk.data)


def table(measured: Sequence[Row]) -> Iterator[str]:
    """A Markdown table, the slowest first."""
    yield f"| profile | × line rate (≥ {REQUIRED}) | bare sums | µs a byte |"
    yield "|---|---:|---:|---:|"
    for row in sorted(measured, key=lambda row: row.times):
        flag = "" if row.times >= REQUIRED else " **too slow**"
        yield f"| {row.profile} | {row.times:,.0f}{flag} | {row.bare_times:,.0f} | {row.us:.2f} |"


def command() -> None:
    """Every codec against its device's line rate; exit with 1 when one is too slow."""
    measured = list(rows())
    for line in table(measured):
        typer.echo(line)
    if any(row.times < REQUIRED for row in measured):
        raise typer.Exit(1)
