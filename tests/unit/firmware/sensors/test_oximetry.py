"""Saturation and pulse against fingers whose own are known; no number where there is none."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import NoValue, Quality
from firmware.sensors import reasons
from firmware.sensors.oximetry import MAX30102_CURVE, Oximetry, Pleth, Result, root, saturation
from hil.oximetry.finger import Conditions, Finger, ratio_at
from hil.oximetry.trials import TRIALS, Trial, compared

RATE = 50
LIGHT = st.integers(-10, 300_000)

# trial, least share of seconds with a number, limits of bias ± 1.96 sd in % and in beats a minute
BOUNDS = {
    "at rest, 70 to 99 %": (0.98, 0.5, 2.0),
    "30 to 200 beats a minute": (0.95, 0.5, 2.0),
    "low perfusion, 0.3 %": (0.99, 2.0, 2.0),
    "very low perfusion, 0.1 %": (0.70, 6.0, 2.0),
    "atrial fibrillation": (0.95, 0.5, 12.0),
    "heavy breathing, 1 %": (0.99, 1.0, 2.0),
    "moved 3 s of each 10, twice the pulse": (0.2, 5.0, 25.0),
    "moved 3 s of each 10, six times": (0.01, 1.0, 15.0),
}


def measured(
    conditions: Conditions, seconds: int = 20, seed: int = 2, oximetry: Oximetry | None = None
) -> Result:
    oximetry = oximetry or Oximetry(RATE)
    for red, infrared in Finger(conditions, seed, seconds).samples(RATE):
        oximetry.add(red, infrared)
    return oximetry.result()


@pytest.mark.parametrize("trial", [one for one in TRIALS if one.name in BOUNDS], ids=lambda trial: trial.name)
def test_numbers_agree_with_the_truth_within_limits(trial: Trial) -> None:
    least, percent, beats = BOUNDS[trial.name]
    spo2, pulse = compared(trial)
    assert spo2.given >= least * spo2.asked
    assert -percent <= spo2.low and spo2.high <= percent
    assert -beats <= pulse.low and pulse.high <= beats


def pulsed(beats: list[float]) -> Result:
    """What is said at the last of `beats`, in seconds: each darkens the light for a moment."""
    oximetry = Oximetry(RATE)
    for index in range(int(beats[-1] * RATE)):
        dark = sum(math.exp(-(((index / RATE - beat) / 0.05) ** 2)) for beat in beats) / 100
        oximetry.add(int(100_000 * (1 - dark / 2)), int(100_000 * (1 - dark)))
    return oximetry.result()


def test_a_beat_that_is_missed_of_a_fast_regular_heart_is_counted() -> None:
    beats = [one * 0.3 for one in range(60)]
    assert pulsed(beats).pulse == 2000
    missed = [beat for number, beat in enumerate(beats) if number != 55]
    assert pulsed(missed).pulse == 2000


def test_a_pause_of_a_slower_heart_is_a_pause() -> None:
    beats = [one * 0.6 for one in range(40)]
    assert pulsed(beats).pulse == 1000
    paused = pulsed([beat for number, beat in enumerate(beats) if number != 35]).pulse
    assert paused is not None
    assert 800 < paused < 950


@pytest.mark.parametrize("name", ["no pulse, still", "no pulse, breathing", "no pulse, moved"])
def test_a_finger_without_pulse_has_no_number(name: str) -> None:
    assert compared(next(one for one in TRIALS if one.name == name))[0].given == 0


def test_hardly_any_rate_or_depth_of_breathing_without_a_pulse_is_taken_for_one() -> None:
    spo2, _ = compared(next(one for one in TRIALS if one.name.startswith("no pulse, 9 to 48 breaths")))
    assert spo2.asked > 1000
    assert spo2.given < 0.005 * spo2.asked


def test_strong_motion_takes_numbers_away_rather_than_inventing_them() -> None:
    spo2, _ = compared(next(one for one in TRIALS if one.name.endswith("six times")))
    assert spo2.given < 0.1 * spo2.asked


def test_there_is_a_number_once_six_beats_are_good_and_not_before() -> None:
    assert measured(Conditions(), seconds=4).spo2 is None
    assert measured(Conditions(), seconds=4).reason == reasons.MEASURING
    assert measured(Conditions(), seconds=9).spo2 is not None


def test_a_finger_that_is_taken_away_takes_its_numbers_with_it_at_once() -> None:
    oximetry = Oximetry(RATE)
    assert measured(Conditions(), oximetry=oximetry).spo2 is not None
    oximetry.add(900, 1200)
    said = oximetry.result()
    assert (said.spo2, said.pulse, said.pi, said.reason) == (None, None, None, reasons.NO_CONTACT)


def test_a_pulse_that_stops_is_no_number_three_seconds_later() -> None:
    oximetry = Oximetry(RATE)
    measured(Conditions(), oximetry=oximetry)
    measured(Conditions(pulse=False, breathing=0.0), seconds=5, oximetry=oximetry)
    said = oximetry.result()
    assert (said.spo2, said.reason) == (None, reasons.NOT_AVAILABLE)


def test_light_beyond_the_converter_is_an_overflow() -> None:
    oximetry = Oximetry(RATE)
    measured(Conditions(), oximetry=oximetry)
    oximetry.add(100_000, 262_143)
    assert (oximetry.result().spo2, oximetry.result().reason) == (None, reasons.OVERFLOW)


def test_low_perfusion_is_said() -> None:
    assert measured(Conditions(perfusion=0.2)).quality & reasons.LOW_PERFUSION
    assert not measured(Conditions(perfusion=1.5)).quality & reasons.LOW_PERFUSION


def test_perfusion_is_the_pulse_s_part_of_the_light() -> None:
    weak, strong = measured(Conditions(perfusion=0.5)).pi, measured(Conditions(perfusion=2.0)).pi
    assert weak and strong
    assert 3.5 <= strong / weak <= 4.5


def test_lights_that_do_not_go_together_have_no_ratio() -> None:
    draw, oximetry = random.Random(1), Oximetry(RATE)
    for index in range(RATE * 20):
        pulse = math.sin(math.tau * 1.2 * index / RATE)
        oximetry.add(118_000 + round(600 * draw.gauss(0, 1)), 131_000 + round(900 * pulse))
    assert (oximetry.result().spo2, oximetry.result().reason) == (None, reasons.INVALID)


@given(st.lists(st.tuples(LIGHT, LIGHT), max_size=400))
def test_any_light_is_endured_and_constant_light_is_never_a_number(light: list[tuple[int, int]]) -> None:
    oximetry = Oximetry(25)
    for red, infrared in light:
        oximetry.add(red, infrared)
    said = oximetry.result()
    assert (said.spo2 is None) == (said.pulse is None) == (said.pi is None)
    assert said.spo2 is None or 0 <= said.spo2 <= 1000
    for _ in range(25 * 4):
        oximetry.add(100_000, 100_000)
    assert oximetry.result().spo2 is None


@given(st.floats(70.0, 99.5))
def test_the_curve_and_its_inverse_agree(spo2: float) -> None:
    at = saturation(round(ratio_at(spo2) * 1024))
    assert at is not None and abs(at - spo2 * 10) <= 2


@pytest.mark.parametrize("ratio", [0, 100, 204, 1885, 5000])
def test_a_ratio_that_nobody_ever_measured_is_no_saturation(ratio: int) -> None:
    assert saturation(ratio) is None


def test_the_curve_is_that_of_the_maker_s_reference_design() -> None:
    for ratio in (0.4, 0.5, 0.7, 0.9, 1.1):
        expected = -45.060 * ratio**2 + 30.354 * ratio + 94.845
        assert saturation(round(ratio * 1024), MAX30102_CURVE) == pytest.approx(expected * 10, abs=1)


@given(st.integers(0, 2**70))
def test_the_root_is_whole(number: int) -> None:
    assert root(number) == math.isqrt(number)


def test_the_pleth_has_neither_level_nor_drift() -> None:
    pleth = Pleth(RATE)
    pleth.restart(100_000)
    drift = [pleth.add(100_000 + 10 * index) for index in range(RATE * 4)]
    assert all(abs(one) <= 1 for one in drift[RATE:])


def test_reasons_and_qualities_are_those_of_the_gateway() -> None:
    names = {name: value for name, value in vars(reasons).items() if name.isupper()}
    for name, value in names.items():
        assert value == (Quality[name] if name in Quality.__members__ else NoValue[name]), name
