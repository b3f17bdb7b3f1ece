"""`./run bench ecg`: what the ECG plug-in finds, on annotated records or, without any, on synthetic ones."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from controller.imaging.plugins.ecg.beats import Signal
from hil.bench.ecg.annotations import Annotations, read_annotations
from hil.bench.ecg.counted import Counts, count_beats, count_windows, share
from hil.bench.ecg.made import bigeminal, fibrillating, sinus
from hil.bench.rhythm.records import Record, read_record
from hil.errors import HilError

WINDOWS_S = (30, 10)
"""A monitor's, and a twelve-lead's."""
_TUNED = (
    *(101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122, 124),
    *(201, 203, 205, 207, 208, 209, 215, 220, 223, 230),
)
TUNED = frozenset(map(str, _TUNED))
"""DS1 of de Chazal et al. (2004): the records of MIT-BIH on which the thresholds were chosen."""
PACED = frozenset(["102", "104", "107", "217"])
"""Of MIT-BIH: left out by ANSI/AAMI EC57 when rhythms are judged."""
_ECG = ("ML", "I", "V", "ECG", "D", "a")
"""How names of signals begin that are an ECG's."""
_PULSES = ("ABP", "ART", "PLETH", "RESP", "CVP", "PAP")


@dataclass(frozen=True, slots=True)
class Annotated:
    """A record whose beats, and perhaps rhythms, are known."""

    name: str
    leads: list[Signal]
    rate: float
    told: Annotations


def lines(folder: Path | None) -> Iterator[str]:
    """All of it. Raises HilError."""
    if folder is None:
        yield "SYNTHETIC records (no --records): they show that nothing is broken; nothing about patients."
        yield from _told("synthetic", made())
        return
    records = list(read(folder))
    yield f"{len(records)} annotated records of {folder}"
    yield from _told("all records", records)
    if fresh := [one for one in records if one.name not in TUNED | PACED]:
        yield from _told("of them those on which nothing was tuned (not DS1), without paced ones", fresh)


def read(folder: Path) -> Iterator[Annotated]:
    """The records with annotations. Raises HilError."""
    names = sorted(path.stem for path in folder.glob("*.hea") if path.with_suffix(".atr").exists())
    if not names:
        raise HilError(f"{folder}: expected PhysioNet's records (*.hea beside *.atr), found none")
    for name in names:
        record = read_record(folder, name)
        if leads := _leads(record):
            rate = next(iter(record.signals.values())).rate
            yield Annotated(name, leads, rate, read_annotations(folder / f"{name}.atr"))


def _leads(record: Record) -> list[Signal]:
    found = [
        np.asarray(one.samples, dtype=np.float64) / one.gain
        for name, one in record.signals.items()
        if name.startswith(_ECG) and not name.startswith(_PULSES)
    ]
    shortest = min(map(len, found), default=0)
    return [one[:shortest] for one in found]


def made(seconds: float = 120.0) -> list[Annotated]:
    """Four of each kind, always the same."""
    found = list[Annotated]()
    for n in range(4):
        for kind, rhythm in ((sinus, "N"), (bigeminal, "B"), (fibrillating, "AFIB")):
            one = kind(np.random.default_rng([7, n]), seconds, 60.0 + 20 * n)
            told = Annotations(one.beats, [(0, rhythm)])
            found.append(Annotated(f"{kind.__name__}-{n}", [one.signal], one.rate, told))
    return found


def _told(what: str, records: list[Annotated]) -> Iterator[str]:
    yield f"{what}: {len(records)} records"
    kinds = {"first lead": 1} | ({"all leads": 99} if any(len(one.leads) > 1 for one in records) else {})
    for kind, most in kinds.items():
        begin = time.process_time()
        counts = [count_beats(one.name, one.leads[:most], one.rate, one.told) for one in records]
        yield f"  beats, {kind}: {_both(counts)}; {time.process_time() - begin:.1f} s of processor"
        worst = sorted(counts, key=lambda one: one.hits * 2 - one.wanted - one.found)[:3]
        said = (f"{one.name} ({one.wanted - one.hits} missed, {one.found - one.hits} false)" for one in worst)
        yield f"    the worst: {', '.join(said)}"
    for seconds in WINDOWS_S:
        windows = [count_windows(one.name, one.leads[0], one.rate, one.told, seconds) for one in records]
        yield f"  atrial fibrillation, {seconds} s: {_both(windows)}, specificity {share(windows, 'silent')}"


def _both(counts: list[Counts]) -> str:
    return f"sensitivity {share(counts, 'wanted')}, PPV {share(counts, 'found')}"
