"""Signals with beats at known times: sums of bell curves, and noise from a seed."""

import math
from array import array
from collections.abc import Iterable, Sequence
from decimal import Decimal
from random import Random

from devices.model.observation import Waveform
from tests.unit.gateway.alarms.said import at

PER_MV = 200
_QRS = (
    (0.0, 1.2, 0.012),
    (-0.03, -0.15, 0.010),
    (0.03, -0.25, 0.012),
    (-0.17, 0.12, 0.022),
    (0.28, 0.3, 0.045),
)
"""R, Q, S, P and T: seconds from R, mV, seconds."""
_PULSE = ((0.15, 1.0, 0.06), (0.38, 0.35, 0.06))
"""The systolic wave, and the dicrotic one."""


def beats(rate_min: float, seconds: float, begin_s: float = 0.4) -> list[float]:
    """Times of even beats."""
    return [begin_s + n * 60 / rate_min for n in range(int((seconds - begin_s) * rate_min / 60))]


def _signal(
    shape: Sequence[tuple[float, float, float]],
    times: Iterable[float],
    seconds: float,
    rate: int,
    noise: float,
) -> list[int]:
    values, random = [0.0] * round(seconds * rate), Random(1)
    for time in times:
        for after, height, width in shape:
            middle = time + after
            for n in range(max(0, round((middle - 4 * width) * rate)), round((middle + 4 * width) * rate)):
                if n < len(values):
                    values[n] += height * math.exp(-(((n / rate - middle) / width) ** 2) / 2)
    return [round(PER_MV * (value + random.gauss(0, noise))) for value in values]


def ecg(times: Iterable[float], seconds: float, rate: int = 250, noise: float = 0.01) -> list[int]:
    """In steps of 5 µV."""
    return _signal(_QRS, times, seconds, rate, noise)


def pleth(times: Iterable[float], seconds: float, rate: int = 75, noise: float = 0.003) -> list[int]:
    """In no unit."""
    return _signal(_PULSE, times, seconds, rate, noise)


def wave(metric: str, samples: Iterable[int], rate: int, begin_s: float) -> Waveform:
    """A piece of one, as a device gives it."""
    scale = Decimal(1) / PER_MV if metric.startswith("ecg") else Decimal(1)
    return Waveform(metric, at(begin_s), rate * 1000, array("h", samples).tobytes(), scale)
