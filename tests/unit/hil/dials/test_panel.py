"""Every dial of the bench is one that the bed has, within its range; what is refused says why."""

import pytest

from hil.dials.panel import MEASURED, Panel, can
from hil.dials.turns import Setting, Turn
from hil.dials.ward import CUFF, bench_ward
from hil.errors import BadDial
from hil.sims.dials import BedDials, Dials, Faults
from hil.sims.simulated import simulators

WARD = bench_ward(3)
PANEL = Panel(WARD, {"100": "PhysioNet record 100"})


def turned(dial: str, value: Setting, device: str | None = None, dials: BedDials | None = None) -> BedDials:
    return PANEL.turned(dials or BedDials(), Turn(bed="bed-1", device=device, dial=dial, value=value), 7.0)


def test_a_patients_dial_is_turned_and_let_go() -> None:
    assert turned("spo2", 82).patient == Dials(spo2=82)
    assert turned("spo2", None, dials=turned("spo2", 82)).patient == Dials()


def test_only_what_moves_the_heart_tells_since_when() -> None:
    assert [turned(dial, value).heart_s for dial, value in (("heart_rate", 90), ("rhythm", "100"))] == [7, 7]
    assert turned("temperature", 38.5).heart_s == 0


def test_a_fault_is_of_one_device_and_leaves_the_others() -> None:
    dials = turned("away", True, "ecg-1", turned("battery", 12, "cuff-1"))
    assert dials.devices == {"ecg-1": Faults(away=True), "cuff-1": Faults(battery=12)}


@pytest.mark.parametrize(
    ("dial", "value", "device", "why"),
    [
        ("spo2", 101, None, "spo2: expected 40 to 100 %, got 101"),
        ("heart_rate", 251, None, "heart_rate: expected 20 to 250 /min, got 251"),
        ("temperature", 24.9, None, "expected 25 to 43 °C, got 24.9"),
        ("spo2", "low", None, "spo2: Input should be a valid number"),
        ("spo2", True, None, "spo2: Input should be a valid number"),
        ("glucose", 5, None, "there is no dial 'glucose'; there are: heart_rate, spo2"),
        ("rhythm", "polka", None, "there is no rhythm 'polka'; there are: own, standstill, 100"),
        ("battery", -1, "cuff-1", "battery: expected 0 to 100 %, got -1"),
        ("cut", True, "ecg-1", "ecg-1 has no dial 'cut'; it has: away, sensor_off"),
        ("away", True, "ox-1", "ox-1 has no dial 'away'; it has: cut"),
        ("away", 1, "ecg-1", "away: Input should be a valid boolean"),
        ("away", True, "hr-3", "bed-1 has no device 'hr-3'"),
    ],
)
def test_what_cannot_be_turned_is_refused_with_the_reason(
    dial: str, value: Setting, device: str | None, why: str
) -> None:
    with pytest.raises(BadDial) as refused:
        turned(dial, value, device)
    assert why in str(refused.value)


def test_a_bed_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadDial, match="there is no bed 'bed-9'; there are: bed-1, bed-2, bed-3"):
        PANEL.turned(BedDials(), Turn(bed="bed-9", dial="spo2", value=90), 0.0)


def test_no_pressure_is_upside_down() -> None:
    with pytest.raises(BadDial, match="expected the systolic above the diastolic, got 80/90 mmHg"):
        turned("systolic", 80, dials=turned("diastolic", 90))


def test_a_recorded_rhythm_has_a_rate_of_its_own() -> None:
    with pytest.raises(BadDial, match="the rhythm 100 has its own; choose own first"):
        turned("heart_rate", 90, dials=turned("rhythm", "100"))


def test_every_dial_of_a_bed_is_measured_there_and_the_three_beds_have_all() -> None:
    beds = PANEL.about()["beds"]
    assert {dial for bed in beds for dial in bed["dials"]} == set(MEASURED)
    assert "respiration" not in beds[0]["dials"]


def test_every_fault_is_there_for_some_device_and_each_device_has_a_simulator() -> None:
    assert {fault for device in WARD.devices for fault in can(device)} == set(Faults.model_fields)
    assert [device.profile for device in WARD.devices if "leak" in can(device)] == [CUFF]
    assert {device.profile for device in WARD.devices} <= set(simulators())
