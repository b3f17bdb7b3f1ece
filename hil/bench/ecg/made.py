"""Synthetic electrocardiograms with known beats: for a bench without records, and for tests.

They are as clean and as simple as whoever made them: good figures on them say that nothing is broken, and
nothing about patients.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]
_WAVES = {"P": (-0.17, 0.022, 0.12), "Q": (-0.028, 0.009, -0.08), "R": (0.0, 0.011, 1.1)} | {
    "S": (0.03, 0.011, -0.2),
    "T": (0.27, 0.05, 0.3),
}
"""When after the R wave (s), how wide (s), how large (mV)."""
_ECTOPIC = {"R": (0.0, 0.035, 1.3), "S": (0.1, 0.04, -0.7), "T": (0.33, 0.07, -0.35)}


@dataclass(frozen=True)
class Made:
    """`signal` in mV; `beats`: sample numbers of the R waves."""

    signal: Signal
    rate: int
    beats: list[int]


def sinus(random: np.random.Generator, seconds: float, per_min: float = 70.0, rate: int = 250) -> Made:
    """Regular, breathing a little."""
    times = _times(seconds, lambda t: 60 / per_min * (1 + 0.04 * np.sin(t * 1.6) + random.normal(0, 0.01)))
    return _made(random, seconds, rate, [(time, False) for time in times], has_p=True)


def fibrillating(random: np.random.Generator, seconds: float, per_min: float = 95.0, rate: int = 250) -> Made:
    """Irregular in no order, without P waves."""
    times = _times(seconds, lambda _: max(0.32, random.normal(60 / per_min, 0.24 * 60 / per_min)))
    return _made(random, seconds, rate, [(time, False) for time in times], has_p=False)


def bigeminal(random: np.random.Generator, seconds: float, per_min: float = 70.0, rate: int = 250) -> Made:
    """Regular, with an early ventricular beat after every third, and the pause that follows it."""
    usual, beats = 60 / per_min, list[tuple[float, bool]]()
    for n, time in enumerate(_times(seconds, lambda _: usual * (1 + random.normal(0, 0.01)))):
        early = n % 4 == 3
        beats.append((time - 0.35 * usual if early else time, early))
    return _made(random, seconds, rate, beats, has_p=True)


def _times(seconds: float, interval: Callable[[float], float]) -> list[float]:
    times, time = list[float](), 0.5
    while time < seconds - 0.5:
        times.append(time)
        time += float(interval(time))
    return times


def _made(
    random: np.random.Generator, seconds: float, rate: int, beats: list[tuple[float, bool]], *, has_p: bool
) -> Made:
    along = np.arange(round(seconds * rate)) / rate
    signal = random.normal(0, 0.02, along.size) + 0.2 * np.sin(along * 1.5)
    for time, is_ectopic in beats:
        near = slice(max(0, round((time - 0.5) * rate)), round((time + 0.9) * rate))
        for name, (after, width, size) in (_ECTOPIC if is_ectopic else _WAVES).items():
            if name != "P" or has_p:
                signal[near] += size * np.exp(-(((along[near] - time - after) / width) ** 2) / 2)
    return Made(signal, rate, [round(time * rate) for time, _ in beats])
