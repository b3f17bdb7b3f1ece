"""What is measured on records, in lines: beats against annotations, and alarms of standstill.

True standstills are not in these records: they are made by a flat line in ECG and pulse at once. False ones
are made by a flat line in the ECG alone, beside what the records have of their own.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.alarms.rhythm.beats import Beats
from gateway.alarms.rhythm.slope import QRS
from hil.bench.rhythm.alarms import METRICS, Cut, Raised, raised
from hil.bench.rhythm.records import Record, Signal, read_beats, read_record
from hil.errors import HilError

NEAR_S = 0.15
"""ANSI/AAMI EC57: so near a found beat is an annotated one."""
_SHORT_S, _LONG_S = 8, 20
_EVERY_S, _FIRST_S = 60, 30
_SOON_S = 10
"""PhysioNet/CinC Challenge 2015: within so long an alarm has to come."""


def lines(folder: Path) -> Iterator[str]:
    """All of it. Raises HilError."""
    names = sorted(path.stem for path in folder.glob("*.hea"))
    if not names:
        raise HilError(f"{folder}: expected PhysioNet's records (*.hea), found none")
    records = [read_record(folder, name) for name in names]
    for record in records:
        yield from _beats(record, folder / f"{record.name}.atr")
    for record in records:
        yield from _as_it_is(record)
    pulsing = [one for one in records if _of(one, "ecg") and _of(one, "pleth", "abp")]
    yield from _standstills(pulsing)
    yield f"{len(records)} records, {len(pulsing)} of them with a pulse: too few for a claim about patients."


def _of(record: Record, *kinds: str) -> list[str]:
    found = [METRICS[name] for name in record.signals if name in METRICS]
    return [metric for metric in found if metric.startswith(kinds)]


def _beats(record: Record, annotations: Path) -> Iterator[str]:
    """Sensitivity and positive predictive value, one to one."""
    if not annotations.exists():
        yield f"{record.name}: no annotations, so beats are not counted"
        return
    wanted = read_beats(annotations)
    for name, signal in record.signals.items():
        if not METRICS.get(name, "").startswith("ecg"):
            continue
        begin = time.process_time()
        found = found_beats(signal)
        cpu_us = (time.process_time() - begin) * 1e6 / (len(signal.samples) / signal.rate)
        good = matched(found, wanted, round(NEAR_S * signal.rate))
        yield (
            f"{record.name} {name}: {len(wanted)} beats, {len(found)} found, sensitivity "
            f"{100 * good / len(wanted):.2f} %, PPV {100 * good / max(len(found), 1):.2f} %, "
            f"{cpu_us:.0f} µs of processor a second at {signal.rate} Hz"
        )


def found_beats(signal: Signal) -> list[int]:
    """The sample numbers, fed as a device gives them."""
    beats, size = Beats(QRS, signal.rate, 1 / signal.gain), round(signal.rate / 4)
    starts = range(0, len(signal.samples), size)
    return [one for start in starts for one in beats.add(signal.samples[start : start + size])]


def matched(found: Sequence[int], wanted: Sequence[int], near: int) -> int:
    """How many pairs there are, each of one found and one wanted."""
    pairs = i = j = 0
    while i < len(found) and j < len(wanted):
        if abs(found[i] - wanted[j]) <= near:
            pairs, i, j = pairs + 1, i + 1, j + 1
        elif found[i] < wanted[j]:
            i += 1
        else:
            j += 1
    return pairs


def _as_it_is(record: Record) -> Iterator[str]:
    without, with_rule = (raised(record, by_pulse=rule) for rule in (False, True))
    verdict = "".join(f" ({note.lower()})" for note in record.notes if "alarm" in note.lower())
    yield f"{record.name}{verdict}: without the pulse {_said(without)}; with it {_said(with_rule)}"


def _said(found: Sequence[Raised]) -> str:
    return ", ".join(f"{one.code} at {one.second:.0f} s" for one in found) or "no alarm"


def _standstills(records: Sequence[Record]) -> Iterator[str]:
    kinds = (
        ("true: ECG and pulse flat", _LONG_S, True),
        (f"false: ECG flat for {_SHORT_S} s, pulse goes on", _SHORT_S, False),
        (f"false: ECG flat for {_LONG_S} s, pulse goes on", _LONG_S, False),
    )
    for what, seconds, is_true in kinds:
        for by_pulse in (False, True):
            late = [
                each
                for record in records
                for begin in range(_FIRST_S, int(record.seconds) - _LONG_S, _EVERY_S)
                if (each := _late(record, begin, seconds, is_true, by_pulse)) is not None
            ]
            total = sum(len(range(_FIRST_S, int(one.seconds) - _LONG_S, _EVERY_S)) for one in records)
            soon = sum(each <= _SOON_S for each in late)
            worst = f", the last after {max(late):.1f} s" if late else ""
            rule = "with the pulse" if by_pulse else "without"
            yield f"{what}, {rule}: {soon} of {total} told within {_SOON_S} s, {len(late)} at all{worst}"


def _late(record: Record, begin: int, seconds: int, is_true: bool, by_pulse: bool) -> float | None:
    """Seconds from the cut to the alarm. Only the minute around it is played."""
    start = max(begin - _FIRST_S, 0)
    part = _part(record, start, begin + seconds + 5)
    flat = _of(record, "ecg", "pleth", "abp") if is_true else _of(record, "ecg")
    cut = Cut(begin - start, begin - start + seconds, flat)
    found = [one for one in raised(part, by_pulse=by_pulse, cut=cut) if one.code == "asystole"]
    after = [one.second - cut.begin_s for one in found if one.second >= cut.begin_s]
    return min(after, default=None)


def _part(record: Record, begin: int, end: int) -> Record:
    signals = {
        name: Signal(one.samples[begin * one.rate : end * one.rate], one.rate, one.gain)
        for name, one in record.signals.items()
    }
    return Record(record.name, signals, record.notes)
