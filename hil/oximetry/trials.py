"""The firmware's oximeter on synthetic fingers, second by second: what it said, and what was true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from firmware.sensors.oximetry import Oximetry
from hil.oximetry.agreement import Agreement
from hil.oximetry.finger import Conditions, Finger

RATE_HZ = 50
_AFTER_S = 10
"""When numbers are asked for first: eight beats take a while."""
_LATE_S = 1.0
"""A beat is known so late: half the pleth's second, a third of a second for the beat, and its fall."""


class Second(NamedTuple):
    """Percent and beats a minute; None where the oximeter said nothing."""

    spo2: float | None
    pulse: float | None
    true_spo2: float
    true_pulse: float


@dataclass(frozen=True)
class Trial:
    """Fingers of one kind."""

    name: str
    fingers: Sequence[Conditions]
    honest: bool = True
    """Whether there is a pulse to be found; else every number is wrong."""


_LEVELS = (70.0, 75.0, 80.0, 85.0, 90.0, 94.0, 97.0, 99.0)
_REST = [Conditions(spo2=level, irregular=0.03) for level in _LEVELS]
_BREATHS = [
    Conditions(pulse=False, breathing=depth, breaths=breaths)
    for depth in (0.2, 1.0)
    for breaths in (9, 12, 15, 18, 21, 24, 30, 36, 42, 48)
]

TRIALS = (
    Trial("at rest, 70 to 99 %", _REST),
    Trial("30 to 200 beats a minute", [Conditions(rate=rate) for rate in (30, 40, 60, 100, 140, 180, 200)]),
    Trial("low perfusion, 0.3 %", [replace(one, perfusion=0.3) for one in _REST]),
    Trial("very low perfusion, 0.1 %", [replace(one, perfusion=0.1) for one in _REST]),
    Trial("atrial fibrillation", [replace(one, irregular=0.35, rate=95) for one in _REST]),
    Trial("heavy breathing, 1 %", [replace(one, breathing=1.0) for one in _REST]),
    Trial("moved 3 s of each 10, twice the pulse", [replace(one, motion=3.0) for one in _REST]),
    Trial("moved 3 s of each 10, six times", [replace(one, motion=9.0) for one in _REST]),
    Trial("no pulse, still", [Conditions(pulse=False, breathing=0.0)] * 8, honest=False),
    Trial("no pulse, breathing", [Conditions(pulse=False, breathing=1.0)] * 8, honest=False),
    Trial("no pulse, 9 to 48 breaths a minute", _BREATHS, honest=False),
    Trial("no pulse, moved", [Conditions(pulse=False, motion=9.0)] * 8, honest=False),
)


def seconds(conditions: Conditions, seed: int) -> Iterator[Second]:
    """One minute of one finger."""
    finger, oximetry = Finger(conditions, seed), Oximetry(RATE_HZ)
    for count, (red, infrared) in enumerate(finger.samples(RATE_HZ), start=1):
        oximetry.add(red, infrared)
        time_s = count / RATE_HZ
        if count % RATE_HZ == 0 and time_s >= _AFTER_S:
            said = oximetry.result()
            yield Second(
                _tenths(said.spo2), _tenths(said.pulse), conditions.spo2, finger.pulse_at(time_s - _LATE_S)
            )


def _tenths(value: int | None) -> float | None:
    return None if value is None else value / 10


def compared(trial: Trial) -> tuple[Agreement, Agreement]:
    """Agreement of SpO2, in percent, and of the pulse, in beats a minute."""
    told = [second for seed, one in enumerate(trial.fingers) for second in seconds(one, seed)]
    spo2 = [one.spo2 - one.true_spo2 for one in told if one.spo2 is not None]
    pulse = [one.pulse - one.true_pulse for one in told if one.pulse is not None]
    return Agreement.of(spo2, len(told)), Agreement.of(pulse, len(told))
