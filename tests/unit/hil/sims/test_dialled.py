"""A patient whose dials are turned has what they say, and all devices of the bed see the same heart."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.sims.beats import find_beats
from hil.sims.dialled import DialledPatient, patient_at
from hil.sims.dials import STANDSTILL, BedDials, DialFile, Dials, Faults
from hil.sims.models.blood_pressure import Pressures
from hil.sims.patient import Patient
from hil.sims.rhythms import Rhythm, save
from hil.ward import Folder, WardDevice

SEED, NOW_S, HZ = 3, 5000.0, 75
UNEVEN = Rhythm(
    "uneven", "made for this test", 4.0, 2.0, (0, 100, 200, 300, 0, -100, 0, 50), (0.5, 1.0, 2.0, 3.5)
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def patient(folder: Folder, device: str = "ox-1") -> Patient:
    return patient_at(folder, WardDevice(device, "nonin-xpod", "bed-1", SEED))


def turn(folder: Folder, dials: Dials, at_s: float = NOW_S, **devices: Faults) -> None:
    named = {name.replace("_", "-"): faults for name, faults in devices.items()}
    DialFile(folder.dials("bed-1")).write(BedDials(patient=dials, devices=named, heart_s=at_s))


def test_without_dials_a_patient_is_as_in_the_demo(folder: Folder) -> None:
    mine, plain = patient(folder), Patient(SEED)
    for name in ("pleth", "heart_rate", "spo2", "temperature"):
        assert [getattr(mine, name)(NOW_S + n / 7) for n in range(100)] == [
            getattr(plain, name)(NOW_S + n / 7) for n in range(100)
        ]
    assert mine.beats(NOW_S, NOW_S + 20) == plain.beats(NOW_S, NOW_S + 20)
    assert mine.has_pulse(NOW_S)


def test_each_dial_is_followed_and_let_go_again(folder: Folder) -> None:
    mine, own = patient(folder), Patient(SEED)
    turn(folder, Dials(spo2=77, temperature=40.1, systolic=180, diastolic=95, respiration=0))
    assert (mine.spo2(NOW_S), mine.temperature(NOW_S), mine.turned("respiration", 15)) == (77, 40.1, 0)
    assert Pressures(mine).at(NOW_S) == (180, 95, 123)
    turn(folder, Dials())
    assert mine.spo2(NOW_S) == own.spo2(NOW_S)
    assert mine.turned("respiration", 15) == 15


@given(rate=st.integers(20, 250), seed=st.integers(0, 20))
def test_a_rate_that_is_turned_is_that_of_the_beats(
    tmp_path_factory: pytest.TempPathFactory, rate: int, seed: int
) -> None:
    folder = Folder(tmp_path_factory.mktemp("dials"))
    turn(folder, Dials(heart_rate=rate))
    mine = DialledPatient(seed, folder.dials("bed-1"), "ox-1", folder.rhythms)
    assert mine.heart_rate(NOW_S + 0.01) == pytest.approx(rate)
    beats = mine.beats(NOW_S, NOW_S + 60)
    assert abs(len(beats) - rate) <= 1
    assert mine.rr_intervals(NOW_S, NOW_S + 60) == pytest.approx([60 / rate] * len(beats))
    assert all(0 <= mine.pleth(NOW_S + n / 11) <= 1 for n in range(100))


def test_the_pleth_is_drawn_out_to_the_rate(folder: Folder) -> None:
    turn(folder, Dials(heart_rate=120))
    mine = patient(folder)
    seen = find_beats([mine.pleth(NOW_S + n / HZ) for n in range(40 * HZ)], HZ)
    assert len(seen) == pytest.approx(80, abs=2)


def test_devices_that_look_at_other_times_see_the_same_beats(folder: Folder) -> None:
    strap, oximeter = patient(folder, "ecg-1"), patient(folder)
    strap.beats(NOW_S - 3, NOW_S)
    turn(folder, Dials(heart_rate=90))
    strap.heart_rate(NOW_S + 0.1)
    turn(folder, Dials(heart_rate=140), NOW_S + 10)
    assert strap.beats(NOW_S + 10, NOW_S + 20) == pytest.approx(oximeter.beats(NOW_S + 10, NOW_S + 20))


def test_at_a_standstill_nothing_beats_and_nothing_is_drawn(folder: Folder) -> None:
    turn(folder, Dials(rhythm=STANDSTILL))
    mine = patient(folder)
    assert not mine.has_pulse(NOW_S)
    assert mine.heart_rate(NOW_S) == 0
    assert mine.beats(NOW_S, NOW_S + 30) == mine.rr_intervals(NOW_S, NOW_S + 30) == []
    assert {mine.pleth(NOW_S + n) for n in range(9)} == {0.5}
    assert mine.ecg(NOW_S, 0.0) == 0.0
    turn(folder, Dials(), NOW_S + 30)
    assert mine.has_pulse(NOW_S + 31)
    assert mine.beats(NOW_S + 30, NOW_S + 40)


def test_a_recorded_rhythm_brings_its_beats_and_its_ecg_and_loops(folder: Folder) -> None:
    save(folder.rhythms, UNEVEN)
    turn(folder, Dials(rhythm="uneven"))
    mine = patient(folder)
    since = [one - NOW_S for one in mine.beats(NOW_S, NOW_S + 8)]
    assert since == pytest.approx([0.5, 1.0, 2.0, 3.5, 4.5, 5.0, 6.0, 7.5])
    assert [mine.ecg(NOW_S + n / 4, 999.0) for n in range(4)] == pytest.approx([0, 50, 100, 150])
    assert mine.ecg(NOW_S + 4.25, 999.0) == pytest.approx(50)
    assert mine.heart_rate(NOW_S + 8) == pytest.approx(60)


def test_a_record_without_beats_is_a_heart_without_pulse(folder: Folder) -> None:
    save(folder.rhythms, Rhythm("still", "made for this test", 4.0, 2.0, UNEVEN.ecg, ()))
    turn(folder, Dials(rhythm="still"))
    mine = patient(folder)
    assert mine.heart_rate(NOW_S) == 0
    assert mine.beats(NOW_S, NOW_S + 9) == []
    assert mine.ecg(NOW_S + 0.5, 0.0) == pytest.approx(100)


def test_a_recorded_pulse_is_shown_where_there_is_one(folder: Folder) -> None:
    pulse = (0, 2_500, 5_000, 7_500, 10_000, 7_500, 5_000, 2_500)
    save(folder.rhythms, Rhythm("both", "made for this test", 4.0, 2.0, UNEVEN.ecg, (1.0, 3.0), pulse))
    turn(folder, Dials(rhythm="both"))
    assert [patient(folder).pleth(NOW_S + n / 2) for n in range(5)] == [0, 0.25, 0.5, 0.75, 1]


def test_a_rhythm_that_was_not_prepared_is_the_patients_own(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    turn(folder, Dials(rhythm="no-such"))
    assert patient(folder).heart_rate(NOW_S) == Patient(SEED).heart_rate(NOW_S)
    assert "expected the rhythm 'no-such'" in caplog.text


def test_moving_shakes_the_waves_of_one_device_alone(folder: Folder) -> None:
    turn(folder, Dials(), ox_1=Faults(motion=True))
    times = [NOW_S + n / HZ for n in range(150)]
    still = [patient(folder, "ox-2").pleth(time) for time in times]
    shaken = patient(folder)
    assert [shaken.pleth(time) for time in times] != still
    assert still == [Patient(SEED).pleth(time) for time in times]
    assert all(0 <= shaken.pleth(time) <= 1 for time in times)
    assert {shaken.ecg(time, 0.0) == 0 for time in times} == {False}
