"""A simulated blood pressure monitor: how often it measures, and its button."""

from pathlib import Path

from hil.sims.ble import BleDevice
from hil.sims.models.blood_pressure import Monitor
from hil.sims.patient import Patient
from hil.ward import Folder, WardDevice

HOUR_S = 3600.0


def measured(monitor: Monitor, seconds: float) -> int:
    """How often it measures in that time."""
    return sum(len(monitor.step(step * monitor.period_s)) for step in range(int(seconds / monitor.period_s)))


def test_it_measures_every_ten_seconds_by_itself() -> None:
    assert measured(Monitor(Patient(1)), 60) == 6


def test_one_at_a_home_measures_as_often_as_it_is_told_and_when_its_button_is_pressed() -> None:
    monitor = Monitor(Patient(1))
    device = WardDevice("cuff", "and-ua-651ble", "home-1", 1, "C0:00:00:05:00:02", HOUR_S)
    BleDevice(device, monitor, Folder(Path("unused")))
    assert monitor.every_s == HOUR_S
    assert [measured(monitor, 60) for _ in range(3)] == [1, 0, 0]
    monitor.is_pressed = True
    assert [measured(monitor, 60) for _ in range(3)] == [1, 0, 0]
    assert measured(monitor, HOUR_S) == 1


def test_a_button_that_is_pressed_while_it_measures_begins_another_measurement_after_it() -> None:
    monitor = Monitor(Patient(1))
    monitor.every_s = HOUR_S
    measured(monitor, 2)
    monitor.is_pressed = True
    assert measured(monitor, 60) == 2
