"""Alarms and limits at work: told again after a start, kept for one patient, ended with device or stay."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from devices.model.alarm_limits import CONDITIONS
from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, DeviceEvent, EventKind, Reading
from devices.model.orders import SET_LIMIT, check_command
from gateway.alarms.alarm import Who
from gateway.alarms.bedside import Bedside
from gateway.clock import SystemClock
from gateway.config import AlarmsConfig
from gateway.errors import LimitRefused
from tests.support.waiting import until

OX = DeviceId("ox-1"), LocationId("bed-1")


def started(folder: Path, served: Iterable[Who]) -> tuple[Bedside, list[tuple[str, bool]]]:
    told: list[tuple[str, bool]] = []

    def collect(_: Who, alerts: Iterable[Alert]) -> None:
        told.extend((alert.code, alert.active) for alert in alerts)

    async def say(event: DeviceEvent) -> None:
        if event.kind is EventKind.LIMIT:
            told.append((str(event.detail["value"]), True))

    bedside = Bedside.of(AlarmsConfig(), folder, SystemClock(), collect, say)
    bedside.begin(served)
    return bedside, told


def left_active(folder: Path) -> None:
    bedside, told = started(folder, [OX])
    bedside.heard(OX, Reading("nibp_sys", bedside.clock.now(), Decimal(80)))
    bedside.file.save(bedside.alarms.kept())
    assert told == [("nibp-sys-low", True)]


def test_of_a_device_that_is_served_it_is_told_again(tmp_path: Path) -> None:
    left_active(tmp_path)
    bedside, told = started(tmp_path, [OX])
    assert told == [("nibp-sys-low", True)]
    assert len(bedside.alarms.active) == 1


def test_of_a_device_that_is_served_no_more_it_ends(tmp_path: Path) -> None:
    left_active(tmp_path)
    bedside, told = started(tmp_path, [(DeviceId("ox-2"), OX[1])])
    assert told == [("nibp-sys-low", True), ("nibp-sys-low", False)]
    assert bedside.alarms.active == ()


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    for damage in (b"{", b"[1]", b'[{"number": 1}]'):
        (tmp_path / "alarms.json").write_bytes(damage)
        assert started(tmp_path, [OX])[1] == []


STAY, NEXT = "a" * 16, "b" * 16


def with_patient(folder: Path) -> tuple[Bedside, list[tuple[str, bool]]]:
    bedside, told = started(folder, [OX])
    bedside.patient("bed-1", STAY, "adult")
    return bedside, told


def low_pressure(bedside: Bedside, value: int) -> None:
    bedside.heard(OX, Reading("nibp_sys", bedside.clock.now(), Decimal(value)))


async def test_a_limit_is_in_force_at_once_in_the_journal_and_kept_when_it_was_set(tmp_path: Path) -> None:
    bedside, told = with_patient(tmp_path)
    low_pressure(bedside, 95)
    assert told == []
    await bedside.set_limit("bed-1", STAY, "nibp-sys-low", Decimal(100), "kim")
    assert told == [("100", True)]
    low_pressure(bedside, 95)
    assert told == [("100", True), ("nibp-sys-low", True)]
    assert bedside.alarms.active[0].limit == "100"
    later, told = started(tmp_path, [OX])
    low_pressure(later, 95)
    assert told == [("nibp-sys-low", True)]
    assert later.alarms.active[0].limit == "100"


async def test_the_event_says_whose_limit_what_it_is_usually_and_by_whom(tmp_path: Path) -> None:
    said = list[DeviceEvent]()

    async def say(event: DeviceEvent) -> None:
        said.append(event)

    bedside, _ = with_patient(tmp_path)
    bedside.say = say
    await bedside.set_limit("bed-1", STAY, "spo2-low", Decimal("85"), "kim")
    await bedside.set_limit("bed-1", STAY, "spo2-low", None, "lee")
    whose = {"bed": "bed-1", "stay": STAY, "code": "spo2-low", "usual": "90"}
    assert [(event.kind, event.detail) for event in said] == [
        (EventKind.LIMIT, {**whose, "value": "85", "by": "kim"}),
        (EventKind.LIMIT, {**whose, "value": "", "by": "lee"}),
    ]


async def test_a_limit_that_comes_from_afar_is_the_same_and_only_for_that_patient(tmp_path: Path) -> None:
    bedside, told = with_patient(tmp_path)
    order = {"bed": "bed-1", "stay": STAY, "code": "nibp-sys-low", "value": "100", "by": "lee"}
    check_command(SET_LIMIT, order)
    await bedside.commands[SET_LIMIT](order)
    low_pressure(bedside, 95)
    assert told == [("100", True), ("nibp-sys-low", True)]
    with pytest.raises(LimitRefused):
        await bedside.commands[SET_LIMIT]({**order, "stay": NEXT})
    await bedside.commands[SET_LIMIT]({**order, "value": ""})
    low_pressure(bedside, 95)
    assert told[-1] == ("nibp-sys-low", False)


async def test_with_the_patient_alarms_and_limits_go_also_over_a_restart(tmp_path: Path) -> None:
    bedside, told = with_patient(tmp_path)
    await bedside.set_limit("bed-1", STAY, "nibp-sys-low", Decimal(100), "kim")
    low_pressure(bedside, 95)
    bedside.patient("bed-1", NEXT, "adult")
    assert told[-1] == ("nibp-sys-low", False)
    low_pressure(bedside, 95)
    assert bedside.alarms.active == ()
    running = asyncio.create_task(bedside.run())
    await until(lambda: NEXT in (tmp_path / "limits.json").read_text(), "the file knows the next patient")
    running.cancel()
    later, told = started(tmp_path, [OX])
    low_pressure(later, 95)
    assert told == []


def test_who_has_left_leaves_the_limits_of_the_class(tmp_path: Path) -> None:
    bedside, told = with_patient(tmp_path)
    bedside.patient("bed-1", STAY, "child")
    low_pressure(bedside, 80)
    assert told == []
    bedside.ended("bed-1")
    low_pressure(bedside, 80)
    assert told == [("nibp-sys-low", True)]


async def test_a_limit_that_cannot_be_kept_is_refused_and_not_in_force(tmp_path: Path) -> None:
    bedside, told = with_patient(tmp_path)
    (tmp_path / "limits.json.new").mkdir()
    with pytest.raises(LimitRefused, match="cannot be kept"):
        await bedside.set_limit("bed-1", STAY, "nibp-sys-low", Decimal(100), "kim")
    low_pressure(bedside, 95)
    assert told == []


async def test_two_limits_that_are_set_at_once_are_both_in_force(tmp_path: Path) -> None:
    bedside, _ = with_patient(tmp_path)
    await asyncio.gather(
        bedside.set_limit("bed-1", STAY, "nibp-sys-low", Decimal(100), "kim"),
        bedside.set_limit("bed-1", STAY, "spo2-low", Decimal(94), "lee"),
    )
    for patients in (bedside.patients, started(tmp_path, [OX])[0].patients):
        assert patients.limit(CONDITIONS["nibp-sys-low"], "bed-1") == 100
        assert patients.limit(CONDITIONS["spo2-low"], "bed-1") == 94


async def test_a_limit_that_no_band_of_the_right_class_allows_ends_and_the_journal_says_so(
    tmp_path: Path,
) -> None:
    bedside, told = with_patient(tmp_path)
    await bedside.set_limit("bed-1", STAY, "nibp-sys-low", Decimal(120), "kim")
    bedside.patient("bed-1", STAY, "child")
    running = asyncio.create_task(bedside.run())
    await until(lambda: told == [("120", True), ("", True)], "the end is in the journal")
    running.cancel()


def test_a_device_that_disconnects_leaves_its_alarm_latched(tmp_path: Path) -> None:
    bedside, told = started(tmp_path, [OX])
    low_pressure(bedside, 80)
    bedside.heard(OX, DeviceEvent(EventKind.DISCONNECTED, bedside.clock.now(), {"why": "silent"}))
    assert [one.why for one in bedside.alarms.active] == ["link-lost"]
    assert told == [("nibp-sys-low", True)] * 2


def test_a_device_that_stands_at_another_bed_now_takes_no_alarm_along(tmp_path: Path) -> None:
    left_active(tmp_path)
    bedside, told = started(tmp_path, [(OX[0], LocationId("bed-9"))])
    assert told == [("nibp-sys-low", True), ("nibp-sys-low", False)]
    assert bedside.alarms.active == ()


def test_limits_of_another_version_stop_nothing(tmp_path: Path) -> None:
    for damage in (b"{", b'[{"bed": "bed-1"}]', b'[{"bed": 1, "stay": 2, "patient": "cat", "limits": {}}]'):
        (tmp_path / "limits.json").write_bytes(damage)
        bedside, _ = started(tmp_path, [OX])
        assert bedside.patients.limit(CONDITIONS["hr-high"], "bed-1") == 120


async def test_who_has_seen_an_alarm_stands_in_it_and_outlives_a_restart(tmp_path: Path) -> None:
    said = list[Alert]()
    bedside, _ = started(tmp_path, [OX])
    bedside.raise_ = lambda _, alerts: said.extend(alerts)
    low_pressure(bedside, 80)
    number = bedside.alarms.active[0].number
    await bedside.acknowledge({"alarm": number, "by": "kim", "crew": 1})
    await bedside.acknowledge({"alarm": number, "by": "lee"})
    bedside.file.save(bedside.alarms.kept())
    again, _ = started(tmp_path, [OX])
    assert [one.alert(again.clock.now())[1].detail["by"] for one in again.alarms.active] == ["kim"]
    assert [(one.detail.get("by"), one.detail.get("crew")) for one in said] == [(None, None), ("kim", 1)]


async def test_who_has_seen_one_in_the_hospital_is_not_of_the_crew(tmp_path: Path) -> None:
    said = list[Alert]()
    bedside, _ = started(tmp_path, [OX])
    bedside.raise_ = lambda _, alerts: said.extend(alerts)
    low_pressure(bedside, 80)
    await bedside.acknowledge({"alarm": bedside.alarms.active[0].number, "by": "lee"})
    assert said[-1].detail["by"] == "lee"
    assert "crew" not in said[-1].detail


async def test_what_holds_at_a_bed_is_told_with_who_moved_it(tmp_path: Path) -> None:
    bedside, _ = with_patient(tmp_path)
    await bedside.set_limit("bed-1", STAY, "hr-high", Decimal(150), "kim")
    assert bedside.limits_of("bed-1") == {
        "stay": STAY,
        "class": "adult",
        "moved": {"hr-high": {"value": 150.0, "by": "kim"}},
    }
    bedside.ended("bed-1")
    assert bedside.limits_of("bed-1") == {"stay": "", "class": "adult", "moved": {}}
