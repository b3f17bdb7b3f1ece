"""Recorded rhythms that a simulated heart can beat in: an ECG, its beats, and a pulse where it was recorded.

    save(folder, Rhythm("a103l", …))        # the bench, of public records (hil/dials/records.py)
    load(folder, "a103l").ecg_at(12.5)      # a simulator: microvolts, 12.5 s into the endless loop

The project contains no such recording; whoever has them names their folder to the bench.
"""

import json
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hil.errors import HilError


@dataclass(frozen=True)
class Rhythm:
    """One excerpt, which loops. `beat_times` in seconds, ascending; `pulse` 0 to 10,000 or nothing at all."""

    name: str
    source: str
    """Where it is from, for people."""
    seconds: float
    rate_hz: float
    ecg: Sequence[int]
    """Microvolts."""
    beat_times: Sequence[float]
    pulse: Sequence[int] = ()

    def ecg_at(self, time_s: float) -> float:
        """Microvolts, interpolated."""
        return self._at(self.ecg, time_s)

    def pulse_at(self, time_s: float) -> float:
        """0 to 1, interpolated."""
        return self._at(self.pulse, time_s) / 10_000

    def _at(self, samples: Sequence[int], time_s: float) -> float:
        place, part = divmod(time_s % self.seconds * self.rate_hz, 1.0)
        left, right = samples[int(place) % len(samples)], samples[(int(place) + 1) % len(samples)]
        return left + (right - left) * part

    def beats_until(self, time_s: float) -> int:
        """The number of the first beat after `time_s`; 0 is the first of the first turn."""
        turns, rest = divmod(time_s, self.seconds)
        return int(turns) * len(self.beat_times) + bisect_right(self.beat_times, rest)

    def beat_time(self, number: int) -> float:
        """When that beat is, seconds from the beginning of the first turn."""
        turns, index = divmod(number, len(self.beat_times))
        return turns * self.seconds + self.beat_times[index]


def save(folder: Path, rhythm: Rhythm) -> None:
    """For the simulators' processes."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "source": rhythm.source,
        "seconds": rhythm.seconds,
        "rate_hz": rhythm.rate_hz,
        "beat_times": list(rhythm.beat_times),
        "samples": len(rhythm.ecg),
    }
    (folder / f"{rhythm.name}.i16").write_bytes(array("h", [*rhythm.ecg, *rhythm.pulse]).tobytes())
    (folder / f"{rhythm.name}.json").write_text(json.dumps(about), encoding="utf-8")


def load(folder: Path, name: str) -> Rhythm:
    """What `save` has left. Raises HilError."""
    try:
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        samples = array("h", (folder / f"{name}.i16").read_bytes())
    except (OSError, ValueError) as error:
        raise HilError(
            f"{folder}: expected the rhythm {name!r}, as the bench prepares it: {error}"
        ) from error
    count = about.pop("samples")
    return Rhythm(name, ecg=samples[:count], pulse=samples[count:], **about)
