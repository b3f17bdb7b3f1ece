"""Public records of rhythms, prepared for the simulators: PhysioNet's, in a folder that the engineer names.

The project contains none. An excerpt is the first two minutes; of a record of the CinC Challenge 2015, whose
alarm is at 300 s, what is around it. Beats are those that cardiologists marked, where a `.atr` is beside it;
else those of the pulse that was recorded with it (hil/sims/beats.py); else those that the gateway's own
detector finds, which is no independent truth. The source says which.
"""

from collections.abc import Sequence
from pathlib import Path

from hil.bench.rhythm.alarms import METRICS
from hil.bench.rhythm.records import Record, Signal, read_beats, read_record
from hil.bench.rhythm.table import found_beats
from hil.errors import HilError
from hil.sims.beats import find_beats
from hil.sims.rhythms import Rhythm, save

_SECONDS = 120.0
_ALARM_FROM_S = 270.0
_MOST = 32_767
_TOP = 10_000


def prepare(records: Path, into: Path) -> dict[str, str]:
    """Each record of `records` with an ECG, for simulators to play. Returns the sources. Raises HilError."""
    names = sorted(path.stem for path in records.glob("*.hea"))
    found = {one.name: one for name in names if (one := _rhythm(records, name))}
    if not found:
        raise HilError(f"{records}: expected PhysioNet's records with an ECG (*.hea), found none")
    for one in found.values():
        save(into, one)
    return {one.name: one.source for one in found.values()}


def _rhythm(records: Path, name: str) -> Rhythm | None:
    record = read_record(records, name)
    ecg = _first(record, "ecg")
    if ecg is None:
        return None
    begin, end = _excerpt(record)
    shown, pulse = _cut(ecg[1], begin, end), _first(record, "pleth", "abp")
    beating = _cut(pulse[1], begin, end) if pulse else None
    annotations = records / f"{name}.atr"
    if annotations.exists():
        marked = (one / shown.rate - begin for one in read_beats(annotations))
        beats, how = [one for one in marked if 0 <= one < end - begin], "beats as marked by cardiologists"
    elif beating:
        found = find_beats(beating.samples, beating.rate)
        beats, how = [one / beating.rate for one in found], "beats as found in the pulse"
    else:
        found = found_beats(shown)
        beats, how = [one / shown.rate for one in found], "beats as the gateway's detector finds them"
    signals = f"{ecg[0]} and {pulse[0]}" if pulse else f"{ecg[0]}, no pulse recorded"
    about = f"PhysioNet record {name}{_notes(record)}, {begin:.0f}-{end:.0f} s, {signals}, {how}"
    waves = _microvolts(shown), beats, _scaled(beating, shown.rate) if beating else ()
    return Rhythm(name, about, end - begin, shown.rate, *waves)


def _first(record: Record, *kinds: str) -> tuple[str, Signal] | None:
    named = ((name, one) for name, one in record.signals.items() if METRICS.get(name, "").startswith(kinds))
    return next(named, None)


def _excerpt(record: Record) -> tuple[float, float]:
    """From and to, seconds."""
    begin = _ALARM_FROM_S if _notes(record) and record.seconds > _ALARM_FROM_S else 0.0
    return begin, min(record.seconds, begin + _SECONDS)


def _cut(signal: Signal, begin: float, end: float) -> Signal:
    return Signal(
        signal.samples[round(begin * signal.rate) : round(end * signal.rate)], signal.rate, signal.gain
    )


def _microvolts(ecg: Signal) -> list[int]:
    """Its own mean is taken off: records differ in their baseline."""
    mean = sum(ecg.samples) / len(ecg.samples)
    exact = ((one - mean) * 1000 / ecg.gain for one in ecg.samples)
    return [max(-_MOST, min(_MOST, round(one))) for one in exact]


def _scaled(pulse: Signal, rate: float) -> list[int]:
    """From its least to its most, at the rate of the ECG."""
    samples: Sequence[int] = pulse.samples
    least, most = min(samples), max(samples)
    step = pulse.rate / rate
    count = int(len(samples) / step)
    return [round(_TOP * (samples[int(n * step)] - least) / max(most - least, 1)) for n in range(count)]


def _notes(record: Record) -> str:
    """What a challenge's record says of its alarm."""
    is_of_challenge = any("alarm" in note.lower() for note in record.notes)
    return f" ({', '.join(record.notes)})" if is_of_challenge else ""
