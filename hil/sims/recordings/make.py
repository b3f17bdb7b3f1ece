"""Make the recordings anew from heartpy's package data: `python -m hil.sims.recordings.make`.

It needs heartpy 1.2.7 installed (its files only: `pip install --no-deps heartpy==1.2.7`), and nothing else.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

import typer

from hil.sims.beats import find_beats
from hil.sims.recordings import packed

RATE_HZ = 75
_RISE_S = 0.3
Series = tuple[list[float], list[float]]
"""Seconds from the beginning, and the values."""


@dataclass(frozen=True)
class Source:
    """A file of heartpy, how to read it, and the seconds of it that are clean."""

    name: str
    file: str
    sha256: str
    read: Callable[[list[str]], Series]
    start_s: float
    end_s: float


def _plain(lines: list[str]) -> Series:
    values = [float(line) for line in lines]
    return [index / 100 for index in range(len(values))], values


def _with_milliseconds(lines: list[str]) -> Series:
    rows = list(csv.DictReader(lines))
    return [float(row["timer"]) / 1000 for row in rows], [float(row["hr"]) for row in rows]


def _with_datetime(lines: list[str]) -> Series:
    # The time stamps are rounded to the computer's tick (15.6 ms): only first and last are used.
    rows = list(csv.DictReader(lines))
    first, last = (datetime.fromisoformat(rows[index]["datetime"]) for index in (0, -1))
    step = (last - first).total_seconds() / (len(rows) - 1)
    return [index * step for index in range(len(rows))], [float(row["hr"]) for row in rows]


SOURCES = (
    Source(
        "rest",
        "data.csv",
        "b06b8049008b3d9391cd2b9a3b90510b3734426b8833a6de7b7b323b4bda7179",
        _plain,
        0.0,
        24.8,
    ),
    Source(
        "quiet",
        "data2.csv",
        "7d85f0d33b04395409e81d614b9bd82541208cc3edfbc5a49b5129ae3cb573b9",
        _with_milliseconds,
        103.5,
        121.5,
    ),
    Source(
        "brisk",
        "data3.csv",
        "16eedaa7c97c6ca873e7e424d27a84dcd043d4eca0e4f7611d2a37969192b7ea",
        _with_datetime,
        531.0,
        573.0,
    ),
)


def resampled(series: Series, start_s: float, end_s: float) -> list[float]:
    """The values from `start_s` to `end_s` at RATE_HZ, by linear interpolation."""
    times, values = series
    rate = (len(times) - 1) / (times[-1] - times[0])
    positions = [(start_s + index / RATE_HZ) * rate for index in range(int((end_s - start_s) * RATE_HZ))]
    return [_between(values, position) for position in positions]


def _between(values: Sequence[float], position: float) -> float:
    index, part = int(position), position % 1
    return values[index] + (values[index + 1] - values[index]) * part


def looped(samples: list[float]) -> list[float]:
    """Whole beats from foot to foot, tilted so that the end joins the beginning."""
    beats = find_beats(samples, RATE_HZ)
    first, last = _foot(samples, beats[1]), _foot(samples, beats[-1])
    whole, tilt = samples[first:last], samples[last] - samples[first]
    return [sample - tilt * index / len(whole) for index, sample in enumerate(whole)]


def _foot(samples: Sequence[float], beat: int) -> int:
    """The lowest sample of the rise that ends in the peak `beat`."""
    return min(range(beat - int(_RISE_S * RATE_HZ), beat), key=samples.__getitem__)


def scaled(samples: Sequence[float]) -> list[int]:
    """The samples over the whole of 16 bits."""
    low, high = min(samples), max(samples)
    return [round((sample - low) / (high - low) * 65535) for sample in samples]


def loop_beats(samples: list[int]) -> list[int]:
    """The beats of one turn of the loop: found in three turns, so that its ends are as good as its middle."""
    turn = len(samples)
    beats = find_beats(samples * 3, RATE_HZ)
    return [beat - turn for beat in beats if turn <= beat < 2 * turn]


def _read(source: Source) -> Series:
    path = Path(str(metadata.distribution("heartpy").locate_file(f"heartpy/data/{source.file}")))
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != source.sha256:
        raise SystemExit(f"{path}: SHA-256 {source.sha256} expected, {found} found: install heartpy 1.2.7")
    return source.read(content.decode().splitlines())


def main() -> None:
    """Write every recording and `index.json` beside this file."""
    folder = Path(__file__).parent
    index: dict[str, object] = {}
    for source in SOURCES:
        samples = scaled(looped(resampled(_read(source), source.start_s, source.end_s)))
        data, file = packed(samples), f"{source.name}.u16"
        (folder / file).write_bytes(data)
        index[source.name] = {
            "file": file,
            "sha256": hashlib.sha256(data).hexdigest(),
            "rate_hz": RATE_HZ,
            "beats": loop_beats(samples),
            "made_from": {
                "package": "heartpy 1.2.7",
                "file": source.file,
                "sha256": source.sha256,
                "seconds": [source.start_s, source.end_s],
            },
        }
        typer.echo(f"{file}: {len(samples) / RATE_HZ:.1f} s")
    (folder / "index.json").write_text(json.dumps(index) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
