"""PhysioNet's records, as far as this needs them: header(5), signal(5), annot(5) of physionet.org.

record = read_record(folder, "100")
record.signals["MLII"]          # values in the signal's own steps, rate, unit a step
read_beats(folder / "100.atr")  # sample numbers of the beats that cardiologists marked
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hil.errors import HilError

_BEATS = frozenset((*range(1, 14), 25, 34, 35, 38, 41))
"""Annotation codes of beats (ecgcodes.h): normal, bundle branch block, ectopic, paced, …"""
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63
_MAT_HEADER = 24


@dataclass(frozen=True, slots=True)
class Signal:
    """`samples` at `rate` a second; a step is 1/`gain` of the unit."""

    samples: "array[int]"
    rate: int
    gain: float


@dataclass(frozen=True, slots=True)
class Record:
    """`notes`: what the header says further, as "False alarm"."""

    name: str
    signals: dict[str, Signal]
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return min(len(one.samples) / one.rate for one in self.signals.values())


@dataclass(frozen=True, slots=True)
class _Line:
    """Of a header: one signal, of which each frame has `per_frame` samples."""

    file: str
    format: int
    per_frame: int
    gain: float
    name: str


def read_record(folder: Path, name: str) -> Record:
    """Raises HilError."""
    try:
        text = (folder / f"{name}.hea").read_text(encoding="ascii")
        lines = [line for line in text.splitlines() if line.strip()]
        first, *rest = [line for line in lines if not line.startswith("#")]
        rate = int(first.split()[2].split("/")[0])
        signals = [_line(line) for line in rest]
        columns = _columns((folder / signals[0].file).read_bytes(), signals)
    except (OSError, LookupError, ValueError) as error:
        raise HilError(f"{folder / name}: expected a record of PhysioNet: {error}") from error
    notes = tuple(line[1:].strip() for line in lines if line.startswith("#"))
    found = {
        one.name: Signal(samples, rate * one.per_frame, one.gain)
        for one, samples in zip(signals, columns, strict=True)
    }
    return Record(name, found, notes)


def _line(text: str) -> _Line:
    """FILE FORMAT[xN][:SKEW][+OFFSET] GAIN[(BASELINE)][/UNIT] … NAME."""
    file, form, gain, *_, name = text.split()
    kind = form.split("+")[0].split(":")[0].split("x")
    steps = float(gain.split("/")[0].split("(")[0])
    return _Line(file, int(kind[0]), int(kind[1]) if len(kind) > 1 else 1, steps, name)


def _columns(data: bytes, signals: Sequence[_Line]) -> "list[array[int]]":
    if signals[0].format == 212:
        samples = array("h", twelve_bits(data))
    elif signals[0].format == 16:
        samples = array("h", data[_MAT_HEADER:] if signals[0].file.endswith(".mat") else data)
    else:
        raise ValueError(f"expected format 16 or 212, got {signals[0].format}")
    frame, start, found = sum(one.per_frame for one in signals), 0, list["array[int]"]()
    for one in signals:
        columns = [samples[start + n :: frame] for n in range(one.per_frame)]
        shortest = min(map(len, columns))
        found.append(array("h", (column[i] for i in range(shortest) for column in columns)))
        start += one.per_frame
    return found


def twelve_bits(data: bytes) -> Iterator[int]:
    """Format 212: two samples of 12 bits, two's complement, in three bytes."""
    for low, middle, high in struct.iter_unpack("3B", data[: len(data) // 3 * 3]):
        for sample in (low | (middle & 0x0F) << 8, high | (middle & 0xF0) << 4):
            yield sample - 4096 if sample > 2047 else sample


def read_beats(path: Path) -> list[int]:
    """The sample numbers of the beats. Raises HilError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise HilError(f"{path}: cannot be read ({error.strerror})") from error
    return list(beats_in(data))


def beats_in(data: bytes) -> Iterator[int]:
    """Of annotations in MIT format."""
    place, time = 0, 0
    while place + 2 <= len(data):
        (word,) = struct.unpack_from("<H", data, place)
        place, code, more = place + 2, word >> 10, word & 0x3FF
        if word == 0:
            return
        if code == _SKIP:
            high, low = struct.unpack_from("<HH", data, place)
            place, time = place + 4, time + (high << 16 | low)
        elif code == _AUX:
            place += more + more % 2
        elif code not in (_NUM, _SUB, _CHN):
            time += more
            if code in _BEATS:
                yield time
