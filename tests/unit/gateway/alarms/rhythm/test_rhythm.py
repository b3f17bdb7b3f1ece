"""Asystole and extreme rates from waveforms: late enough to be true, delayed by doubt, never hidden."""

from collections.abc import Iterator

import pytest

from devices.model.alarm_limits import PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import NO_SAMPLE, Quality
from gateway.alarms.alarm import Who
from gateway.alarms.physiological import Physiological
from gateway.alarms.rhythm.rhythm import Rhythm
from tests.unit.gateway.alarms.rhythm.signals import beats, ecg, pleth, wave

MONITOR: Who = DeviceId("mon-1"), LocationId("bed-1")
FINGER: Who = DeviceId("ox-1"), LocationId("bed-1")
OTHER: Who = DeviceId("ox-2"), LocationId("bed-2")
RATES = {"ecg": 250, "pleth": 75}
Signals = dict[tuple[Who, str], list[int]]
PIECE_S = 0.2


def pieces(signals: Signals) -> Iterator[tuple[float, Who, str, list[int], int]]:
    """What comes, in order."""
    seconds = max(len(samples) / RATES[metric.split("_")[0]] for (_, metric), samples in signals.items())
    for n in range(round(seconds / PIECE_S)):
        for (who, metric), samples in signals.items():
            rate = RATES[metric.split("_")[0]]
            size = round(PIECE_S * rate)
            if piece := samples[n * size : (n + 1) * size]:
                yield n * PIECE_S, who, metric, piece, rate


def told(signals: Signals) -> list[tuple[float, str, bool]]:
    """When which alarm begins, and changes: (seconds, code, over)."""
    rhythm, alarms = Rhythm(), Physiological(lambda one, _: one.limits[PatientClass.ADULT], 0)
    return [
        (round(time + PIECE_S, 1), alert.code, "over" in alert.detail)
        for time, who, metric, piece, rate in pieces(signals)
        for reading in rhythm.heard(who, wave(metric, piece, rate, time))
        for _, alert in alarms.measured(who, reading)
    ]


STOPS = [time for time in beats(75, 40) if time < 20]
"""A heart that stands still from second 20 on."""
GOES_ON = beats(75, 40)


def test_a_heart_that_beats_raises_nothing() -> None:
    for rate_min in (45, 75, 130):
        times = beats(rate_min, 40)
        assert told({(MONITOR, "ecg_ii"): ecg(times, 40), (FINGER, "pleth"): pleth(times, 40)}) == []


def test_four_seconds_without_a_beat_are_an_alarm() -> None:
    ((when, code, over),) = told({(MONITOR, "ecg_ii"): ecg(STOPS, 40)})
    assert (code, over) == ("asystole", False)
    assert 4 < when - STOPS[-1] < 4.6


def test_it_is_as_soon_where_the_pulse_stops_too() -> None:
    signals: Signals = {(MONITOR, "ecg_ii"): ecg(STOPS, 40), (FINGER, "pleth"): pleth(STOPS, 40)}
    ((when, code, _),) = told(signals)
    assert code == "asystole"
    assert 4 < when - STOPS[-1] < 5


def test_where_the_pulse_goes_on_it_is_doubted_delayed_and_not_hidden() -> None:
    signals: Signals = {(MONITOR, "ecg_ii"): ecg(STOPS, 40), (FINGER, "pleth"): pleth(GOES_ON, 40)}
    ((when, code, _),) = told(signals)
    assert code == "asystole"
    assert 14 < when - STOPS[-1] < 15


def test_an_electrode_that_is_off_for_a_moment_is_none_while_the_pulse_goes_on() -> None:
    gap = [time for time in GOES_ON if not 20 < time < 28]
    without: Signals = {(MONITOR, "ecg_ii"): ecg(gap, 40)}
    assert [code for _, code, _ in told(without)] == ["asystole", "asystole"]
    assert told({**without, (FINGER, "pleth"): pleth(GOES_ON, 40)}) == []


def test_the_pulse_of_another_patient_delays_nothing() -> None:
    signals: Signals = {(MONITOR, "ecg_ii"): ecg(STOPS, 40), (OTHER, "pleth"): pleth(GOES_ON, 40)}
    assert told(signals) == told({(MONITOR, "ecg_ii"): ecg(STOPS, 40)})


def test_an_irregular_pulse_delays_nothing() -> None:
    shaken = [0.5, 1.0, 2.3, 2.8, 3.2, 4.9] + [n * 0.9 + (0.45 if n % 3 else 0) for n in range(6, 44)]
    signals: Signals = {(MONITOR, "ecg_ii"): ecg(STOPS, 40), (FINGER, "pleth"): pleth(shaken, 40)}
    ((when, _, _),) = told(signals)
    assert 4 < when - STOPS[-1] < 5


def test_one_electrode_that_is_off_is_none_while_the_other_lead_has_beats() -> None:
    assert told({(MONITOR, "ecg_ii"): ecg(STOPS, 40), (MONITOR, "ecg_v1"): ecg(GOES_ON, 40)}) == []


def test_a_heart_that_never_beats_is_an_alarm_too() -> None:
    ((when, code, _),) = told({(MONITOR, "ecg_ii"): ecg([], 40)})
    assert code == "asystole"
    assert 4 < when < 4.6


def test_samples_that_a_device_does_not_give_are_no_standstill() -> None:
    samples = ecg(GOES_ON, 40)
    samples[5000:8000] = [NO_SAMPLE] * 3000
    assert told({(MONITOR, "ecg_ii"): samples}) == []


def test_a_link_that_loses_every_other_piece_hides_no_standstill() -> None:
    rhythm, alarms = Rhythm(), Physiological(lambda one, _: one.limits[PatientClass.ADULT], 0)
    found = list[tuple[float, str]]()
    for time, who, metric, piece, rate in pieces({(MONITOR, "ecg_ii"): ecg(STOPS, 40)}):
        if round(time / PIECE_S) % 2 or time < 15:
            for reading in rhythm.heard(who, wave(metric, piece, rate, time)):
                found += [(time, alert.code) for _, alert in alarms.measured(who, reading)]
    assert [code for _, code in found] == ["asystole"]
    assert found[0][0] < 30


@pytest.mark.parametrize(("rate_min", "code"), [(32, "hr-extreme-low"), (165, "hr-extreme-high")])
def test_an_extreme_rate_is_an_alarm(rate_min: int, code: str) -> None:
    assert [told_code for _, told_code, _ in told({(MONITOR, "ecg_ii"): ecg(beats(rate_min, 40), 40)})] == [
        code
    ]


def test_a_rate_of_noise_beside_a_regular_pulse_raises_nothing_soon() -> None:
    times = sorted([*beats(90, 40), *(time + 0.23 for time in beats(150, 40, 5))])
    noisy: Signals = {(MONITOR, "ecg_ii"): ecg(times, 40)}
    assert [code for _, code, over in told(noisy) if not over] == ["hr-extreme-high"]
    assert told({**noisy, (FINGER, "pleth"): pleth(beats(90, 40), 40)}) == []


def test_what_is_of_another_time_or_no_patient_says_nothing() -> None:
    rhythm = Rhythm()
    for metric, quality in (
        ("ecg_ii", Quality.STORED),
        ("ecg_ii", Quality.TEST_DATA),
        ("co2_wave", Quality.GOOD),
    ):
        one = wave(metric, [0] * 500, 250, 0)
        object.__setattr__(one, "quality", quality)
        assert rhythm.heard(MONITOR, one) == []
    assert rhythm.heard(MONITOR, wave("ecg_ii", [], 250, 0)) == []


def test_of_twelve_leads_two_are_looked_at() -> None:
    rhythm = Rhythm()
    leads = ("ecg_i", "ecg_ii", "ecg_iii", "ecg_v1")
    said = [bool(rhythm.heard(MONITOR, wave(lead, [0] * 50, 250, 0))) for lead in leads]
    assert said == [True, True, False, False]
    rhythm.gone("mon-1")
    assert rhythm.heard(MONITOR, wave("ecg_v1", [0] * 50, 250, 0))
