"""Runs of samples as records of WFDB: format 16, a header, gaps as segments of their own (PhysioNet, WFDB
Applications Guide, header(5) and signal(5)).

    for record in records("s7_ecg-ii", runs): ...      # files by name: bytes

One record is one signal of one device with one rate, scale and offset. Samples stay as they were measured:
-32768 is no sample there and here. A gap is a segment `~`; one that is no whole number of samples is rounded
to the nearest, counted from the record's beginning: nothing adds up. Nobody is named in a header.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from controller.clock import utc_text
from controller.history.reading import Run
from devices.model.metrics import METRICS

JOINED_S = 0.05
"""A run that begins so close to the end of the one before goes on with it."""
ADC_BITS = 16
_ONE_WORD = {ord(" "): "_", ord("["): None, ord("]"): None}
"""Units as PhysioNet's records have them, mmHg and not UCUM's mm[Hg]: its reader stops at a bracket, and
takes what follows for the name of the signal."""


@dataclass(slots=True)
class _Segment:
    first: int
    """Its place in the record, in samples."""
    samples: bytearray

    @property
    def end(self) -> int:
        return self.first + len(self.samples) // 2


@dataclass(slots=True)
class _Record:
    began: Run
    segments: list[_Segment]

    def place(self, run: Run) -> int:
        """Where its first sample lies, counted from the beginning of the record."""
        return round((run.at_us - self.began.at_us) * run.rate_mhz / 1e9)


def records(name: str, runs: Iterable[Run]) -> Iterator[dict[str, bytes]]:
    """The files of each record of these runs: of one metric and device, in order of time."""
    for number, record in enumerate(_gathered(runs), 1):
        yield _files(f"{name}-{number}", record)


def _gathered(runs: Iterable[Run]) -> Iterator[_Record]:
    """A run of another rate, scale or offset, or that lies before what there is, begins another record."""
    record: _Record | None = None
    for run in runs:
        if record is None or not _add(record, run):
            if record is not None:
                yield record
            record = _Record(run, [_Segment(0, bytearray(run.samples))])
    if record is not None:
        yield record


def _add(record: _Record, run: Run) -> bool:
    began, last = record.began, record.segments[-1]
    same = (began.rate_mhz, began.scale, began.offset) == (run.rate_mhz, run.scale, run.offset)
    gap, near = record.place(run) - last.end, max(1, round(JOINED_S * run.rate_mhz / 1000))
    if not same or gap < -near:
        return False
    if gap <= near:
        last.samples += run.samples
    else:
        record.segments.append(_Segment(record.place(run), bytearray(run.samples)))
    return True


def _files(name: str, record: _Record) -> dict[str, bytes]:
    held = record.segments
    if len(held) == 1:
        return _segment(name, record, held[0])
    files = dict[str, bytes]()
    listed = list[str]()
    for number, one in enumerate(held, 1):
        if number > 1:
            listed.append(f"~ {one.first - held[number - 2].end}")
        listed.append(f"{name}_{number} {one.end - one.first}")
        files |= _segment(f"{name}_{number}", record, one)
    layout = f"{name}_0"
    files[f"{layout}.hea"] = _header(f"{layout} 1 {_rate(record)} 0", [_signal("~", record, b"")])
    told = f"{name}/{len(listed) + 1} 1 {_rate(record)} {held[-1].end} {_moment(record.began.at_us)}"
    files[f"{name}.hea"] = _header(told, [f"{layout} 0", *listed])
    return files


def _segment(name: str, record: _Record, one: _Segment) -> dict[str, bytes]:
    at_us = record.began.at_us + round(one.first * 1e9 / record.began.rate_mhz)
    told = f"{name} 1 {_rate(record)} {one.end - one.first} {_moment(at_us)}"
    signal = _signal(f"{name}.dat", record, bytes(one.samples))
    return {f"{name}.hea": _header(told, [signal]), f"{name}.dat": bytes(one.samples)}


def _signal(file: str, record: _Record, samples: bytes) -> str:
    """`FILE FORMAT GAIN(BASELINE)/UNITS BITS ZERO FIRST CHECKSUM BLOCK DESCRIPTION`."""
    run = record.began
    unit = METRICS[run.metric].unit if run.metric in METRICS else "1"
    values = memoryview(samples).cast("h")
    first, checksum = (values[0], _signed(sum(values))) if values else (0, 0)
    gain = f"{1 / run.scale!r}({round(-run.offset / run.scale)})/{unit.translate(_ONE_WORD)}"
    return f"{file} 16 {gain} {ADC_BITS} 0 {first} {checksum} 0 {run.metric}"


def _header(told: str, lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in (told, *lines)).encode("ascii")


def _rate(record: _Record) -> str:
    return f"{record.began.rate_mhz / 1000:g}"


def _moment(at_us: int) -> str:
    """`HH:MM:SS.ffffff DD/MM/YYYY`, UTC."""
    date, _, time = utc_text(at_us).removesuffix("Z").partition("T")
    year, month, day = date.split("-")
    return f"{time} {day}/{month}/{year}"


def _signed(value: int) -> int:
    """The last 16 bits, as a signed number: a checksum of signal(5)."""
    return (value + 0x8000) % 0x10000 - 0x8000
