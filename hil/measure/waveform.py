"""A waveform as it arrived, held against the golden recording that was played.

    found = fidelity(golden, arrived, rate_hz=50, most_delay_s=0.5)
    found.delay_s, found.rmse, found.lost, found.doubled

`arrived` is each sample with its number by its time stamp (time · rate, rounded). The delay is where the
normalized cross-correlation is largest, refined by a parabola through its neighbours; the error is taken
after the recording was shifted by just that, with straight lines between its samples. A periodic signal looks
the same one period later: `most_delay_s` has to be shorter than that.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hil.errors import BadMeasurement
from hil.evidence.figures import Overlay
from hil.evidence.measurement import Limits, Measurement

_ALIKE = 0.5
"""The least correlation at which a delay means something."""
_GRID_U = 2 * 0.5 / math.sqrt(3)
"""Samples, k = 2: a time stamp is known to half of one to either side (JCGM 100:2008, 4.3.7)."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What became of a recording. `rmse` is in its unit, over `compared` samples."""

    rate_hz: float
    delay_s: float
    correlation: float
    rmse: float
    compared: int
    lost: int
    doubled: int
    golden: tuple[float | None, ...]
    """The recording where it was compared, shifted by the delay."""
    measured: tuple[float | None, ...]

    def judged(self, name: str, unit: str, limits: Mapping[str, Limits]) -> list[Measurement]:
        """As measurements; limits for "delay", "rmse", "lost" and "doubled", where there are any."""
        grid, noise = _GRID_U / self.rate_hz, 2 * self.rmse / math.sqrt(2 * self.compared)
        told = (
            ("delay", self.delay_s, "s", grid, "cross-correlation; uncertain by half a sample"),
            ("rmse", self.rmse, unit, noise, "after alignment; uncertain by how few samples there are"),
            ("lost", self.lost, "{samples}", 0.0, "numbers between the first and the last that never came"),
            ("doubled", self.doubled, "{samples}", 0.0, "numbers that came again"),
        )
        return [
            Measurement(
                f"{name}, {what}",
                value,
                its_unit,
                limits.get(what, Limits()).lower,
                limits.get(what, Limits()).upper,
                uncertainty,
                self.compared,
                note=note,
            )
            for what, value, its_unit, uncertainty, note in told
        ]

    def overlay(self, title: str, unit: str) -> Overlay:
        """The picture."""
        return Overlay(title, unit, self.rate_hz, self.golden, self.measured)


def fidelity(
    golden: Sequence[float], arrived: Sequence[tuple[int, float]], rate_hz: float, most_delay_s: float
) -> Fidelity:
    """Raises BadMeasurement when the two have nothing in common: then there is no delay to speak of."""
    first, held, doubled = _series(arrived)
    reach = math.floor(most_delay_s * rate_hz)
    scores = {lag: _correlation(golden, held, first - lag) for lag in range(-reach - 1, reach + 2)}
    best = max(range(-reach, reach + 1), key=scores.__getitem__)
    if scores[best] < _ALIKE:
        raise BadMeasurement(
            f"the best correlation within {most_delay_s:g} s is {scores[best]:.2f}: this is another waveform"
        )
    lag = best + _peak(scores[best - 1], scores[best], scores[best + 1])
    shifted = [_at(golden, first + index - lag) for index in range(len(held))]
    errors = [
        (own - other) ** 2
        for own, other in zip(held, shifted, strict=True)
        if own is not None and other is not None
    ]
    return Fidelity(
        rate_hz,
        lag / rate_hz,
        scores[best],
        math.sqrt(math.fsum(errors) / len(errors)),
        len(errors),
        held.count(None),
        doubled,
        tuple(shifted),
        tuple(held),
    )


def _series(arrived: Sequence[tuple[int, float]]) -> tuple[int, list[float | None], int]:
    """The first number, every value from there on, and how many came again: the first of them counts."""
    if not arrived:
        raise BadMeasurement("nothing arrived of the waveform")
    counts = Counter(number for number, _ in arrived)
    values = dict[int, float]()
    for number, value in arrived:
        values.setdefault(number, value)
    numbers = range(min(values), max(values) + 1)
    return numbers.start, [values.get(number) for number in numbers], len(arrived) - len(counts)


def _correlation(golden: Sequence[float], held: Sequence[float | None], start: int) -> float:
    """Pearson's, of held[i] with golden[start + i] where both are; -1 for fewer than half of `held`."""
    pairs = [
        (golden[start + index], value)
        for index, value in enumerate(held)
        if value is not None and 0 <= start + index < len(golden)
    ]
    if len(pairs) < max(3, len(held) // 2):
        return -1.0
    mean_x = math.fsum(x for x, _ in pairs) / len(pairs)
    mean_y = math.fsum(y for _, y in pairs) / len(pairs)
    xx = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    yy = math.fsum((y - mean_y) ** 2 for _, y in pairs)
    xy = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return xy / math.sqrt(xx * yy) if xx and yy else -1.0


def _peak(before: float, top: float, after: float) -> float:
    """How far the top of the parabola through three points is from the middle one."""
    bend = before - 2 * top + after
    if bend >= 0 or min(before, after) <= -1.0:
        return 0.0
    return max(-0.5, min(0.5, (before - after) / (2 * bend)))


def _at(values: Sequence[float], place: float) -> float | None:
    low = math.floor(place)
    part = place - low
    if part == 0 and 0 <= low < len(values):
        return values[low]
    if not 0 <= low < len(values) - 1:
        return None
    return values[low] * (1 - part) + values[low + 1] * part
