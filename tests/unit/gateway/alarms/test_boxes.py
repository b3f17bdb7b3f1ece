"""A cooled box is a place with limits of its own: a lid that is opened says nothing, a warm box does."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from devices.model.alarm_limits import BOX_HIGH, BOX_LOW, CONDITIONS, PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, Reading
from gateway.alarms.patients import Patients
from gateway.alarms.physiological import Physiological
from gateway.config import AlarmsConfig

S = 1_000_000_000
BOX = DeviceId("t-1"), LocationId("box-1")
ROOM = DeviceId("t-2"), LocationId("bed-1")
RANGE = {BOX_LOW: Decimal(2), BOX_HIGH: Decimal(8)}


@pytest.fixture
def alarms() -> Physiological:
    patients = Patients(PatientClass.ADULT, {}, {"box-1": RANGE})
    return Physiological(patients.limit, 0)


def every_minute(
    alarms: Physiological, values: Iterable[float], who: tuple[DeviceId, LocationId] = BOX, first: int = 0
) -> list[tuple[int, str, bool]]:
    """What temperatures, one a minute, bring about, and after how many minutes."""
    return [
        (minute, alert.code, alert.active)
        for minute, value in enumerate(values, first)
        for _, alert in alarms.measured(
            who, Reading("ambient_temp", Instant(minute * 60 * S), Decimal(str(value)))
        )
    ]


def test_a_lid_that_is_opened_for_less_than_the_delay_is_no_alarm(alarms: Physiological) -> None:
    assert every_minute(alarms, [5, 9, 12, 14, 11, 7, 5]) == []


def test_what_is_too_warm_or_too_cold_for_as_long_as_the_delay_is_although_it_is_told_once_a_minute(
    alarms: Physiological,
) -> None:
    minutes = CONDITIONS[BOX_HIGH].delay_ns // (60 * S)
    assert every_minute(alarms, [8.5] * (minutes + 2)) == [(minutes, BOX_HIGH, True)]
    assert every_minute(alarms, [5], first=10) == [(10, BOX_HIGH, True)], "until somebody has seen it"
    assert every_minute(alarms, [1.9] * (minutes + 1), first=11) == [(11 + minutes, BOX_LOW, True)]


def test_a_box_has_no_limits_of_people_and_a_room_none_of_a_box(alarms: Physiological) -> None:
    assert every_minute(alarms, [22] * 30, ROOM) == []
    cold = Reading("temp", Instant(0), Decimal(5))
    assert alarms.measured(BOX, cold) == []
    assert [alert.code for _, alert in alarms.measured(ROOM, cold)] == ["temp-low"]


def test_a_box_whose_range_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected low below high, got 8 and 2"):
        AlarmsConfig.model_validate({"boxes": {"box-1": {"low": 8, "high": 2}}})
