"""A ward's beds at the gateway: whose limits hold is what the newest setting says, and never another's."""

import asyncio
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from devices.model.alarm_limits import PatientClass
from devices.model.identity import DeviceId, LocationId
from devices.model.lying import Lying
from devices.model.observation import Alert, DeviceEvent, EventKind, Reading
from devices.model.orders import check_settings
from gateway.alarms.alarm import Who
from gateway.alarms.bedside import Bedside
from gateway.clock import SystemClock
from gateway.config import AlarmsConfig
from tests.support.waiting import until

ANN, BEN = "a" * 16, "b" * 16
OX = DeviceId("ox-1"), LocationId("bed-1")
CODE = "nibp-sys-low"  # adult 90 (70–120), child 70 (50–100), without a delay


class Box:
    """A gateway's alarms; `started` again, on the same disk, it is the next process."""

    def __init__(self, folder: Path, vehicle: str = "", beds: dict[str, PatientClass] | None = None) -> None:
        self.folder, self.vehicle = folder, vehicle
        self.config = AlarmsConfig(beds=beds or {})
        self.settings: dict[str, str | int] = {}
        self.start()

    def start(self, served: Iterable[Who] = (OX,)) -> None:
        self.alerts: list[tuple[str | None, str, bool]] = []
        self.said: list[DeviceEvent] = []
        ways = self.raised, self.say
        self.bedside = Bedside.of(self.config, self.folder, SystemClock(), *ways, vehicle=self.vehicle)
        self.bedside.begin(served, self.settings)

    def raised(self, who: Who, alerts: Iterable[Alert]) -> None:
        self.alerts += [(who[1], one.code, one.active) for one in alerts]

    async def say(self, event: DeviceEvent) -> None:
        self.said.append(event)

    async def heard(self) -> list[tuple[EventKind, dict[str, Any]]]:
        """What it has told since it was last asked."""
        await self.bedside._say()
        told, self.said = self.said, []
        return [(one.kind, dict(one.detail)) for one in told]

    def hears(self, *beds: Lying, **places: str) -> None:
        """A newer configuration, kept as the gateway keeps it."""
        put = {f"at.{device.replace('_', '-')}": bed for device, bed in places.items()}
        self.settings = {**{one.name: one.text for one in beds}, **put}
        check_settings(self.settings)
        self.bedside.settle(self.settings)

    def pressure(self, value: int, who: Who = OX) -> None:
        self.bedside.heard(who, Reading("nibp_sys", self.bedside.clock.now(), Decimal(value)))

    def limit(self, bed: str = "bed-1") -> str:
        held = self.bedside.limits_of(bed)["moved"].get(CODE)
        return "" if held is None else f"{held['value']:g} by {held['by']}"


def ann(value: str = "100", patient: str = "") -> Lying:
    return Lying("bed-1", ANN, patient, {CODE: (value, "kim")} if value else {})


def ben(bed: str = "bed-1") -> Lying:
    return Lying(bed, BEN)


def test_a_limit_holds_for_who_lies_there_and_for_nobody_else(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.hears(ann())
    box.pressure(95)
    assert box.alerts == [("bed-1", CODE, True)]
    box.hears(ben())
    assert box.alerts[1:] == [("bed-1", CODE, False)], "her alarm is not the next one's"
    box.pressure(95)
    assert len(box.alerts) == 2
    assert box.limit() == ""
    box.hears()
    assert box.bedside.limits_of("bed-1") == {"stay": "", "class": "adult", "moved": {}}


def test_who_comes_to_a_bed_where_an_alarm_is_active_keeps_it(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.pressure(80)
    box.hears(ann(""))
    assert box.alerts == [("bed-1", CODE, True)]


def test_limits_hold_over_a_restart_by_the_configuration_that_was_kept(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.hears(ann())
    box.start()
    assert box.limit() == "100 by kim"
    box.pressure(95)
    assert box.alerts == [("bed-1", CODE, True)]


async def test_who_was_replaced_while_the_box_was_dying_leaves_no_alarm_behind(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.hears(ann())
    box.pressure(95)
    running = asyncio.create_task(box.bedside.run())
    kept = [tmp_path / "alarms.json", tmp_path / "limits.json"]
    await until(lambda: all(one.exists() for one in kept), "both are kept")
    running.cancel()
    box.settings = {ben().name: ben().text}  # kept, and then the power went
    box.start()
    assert box.alerts == [("bed-1", CODE, True), ("bed-1", CODE, False)]
    assert box.limit() == ""


async def test_what_holds_is_told_at_each_start_and_what_changes_once(tmp_path: Path) -> None:
    box = Box(tmp_path, beds={"bed-3": PatientClass.NEONATE})
    classes = EventKind.CLASSES, {"usual": "adult", "bed.bed-3": "neonate"}
    assert await box.heard() == [classes]
    lies = EventKind.LYING, {"bed": "bed-1", "stay": ANN, "class": "adult"}
    limit = (
        EventKind.LIMIT,
        {
            **{"bed": "bed-1", "stay": ANN, "code": CODE},
            **{"value": "100", "usual": "90", "by": "kim"},
        },
    )
    box.hears(ann())
    assert await box.heard() == [lies, limit]
    box.hears(ann())
    assert await box.heard() == []
    box.start()
    assert await box.heard() == [classes, lies, limit]
    box.hears(ann(""))
    assert await box.heard() == [(EventKind.LIMIT, {**limit[1], "value": ""})]
    box.hears()
    assert await box.heard() == [(EventKind.LYING, {"bed": "bed-1", "stay": "", "class": "adult"})]


async def test_what_no_band_allows_is_refused_with_the_reason_and_the_rest_holds(tmp_path: Path) -> None:
    box = Box(tmp_path)
    await box.heard()
    limits = {
        CODE: ("300", "kim"),
        "apnoea": ("9", "kim"),
        "no-such": ("9", "kim"),
        "hr-high": ("150", "lee"),
    }
    box.hears(Lying("bed-1", ANN, "", limits))
    told = [detail for kind, detail in await box.heard() if kind is EventKind.LIMIT]
    assert {one["code"]: (one["value"], one.get("refused")) for one in told} == {
        "hr-high": ("150", None),
        CODE: ("", "300"),
        "apnoea": ("", "9"),
        "no-such": ("", "9"),
    }
    assert next(one for one in told if one["code"] == CODE)["why"].endswith("expected 70 to 120, got 300")
    box.pressure(95)
    assert box.alerts == []


async def test_another_class_has_its_own_limits_and_those_that_it_does_not_allow_go(tmp_path: Path) -> None:
    box = Box(tmp_path, beds={"bed-1": PatientClass.CHILD})
    box.hears(ann("60"))
    await box.heard()
    assert (box.bedside.limits_of("bed-1")["class"], box.limit()) == ("child", "60 by kim")
    box.hears(ann("60", "adult"))
    told = await box.heard()
    assert (EventKind.LYING, {"bed": "bed-1", "stay": ANN, "class": "adult"}) in told
    assert [(one.get("refused"), one["value"]) for kind, one in told if kind is EventKind.LIMIT] == [
        ("60", "")
    ]
    box.pressure(80)
    assert box.alerts == [("bed-1", CODE, True)], "an adult's limit is 90"


def test_a_device_that_a_person_moved_is_judged_by_the_limits_of_where_it_is(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.hears(ann(), ben("bed-2"))
    box.pressure(95)
    box.hears(ann(), ben("bed-2"), ox_1="bed-2")
    assert box.alerts == [("bed-1", CODE, True), ("bed-1", CODE, False)]
    box.pressure(95)
    assert len(box.alerts) == 2, "95 is beyond Ann's limit only"
    box.pressure(85)
    assert box.alerts[2:] == [("bed-2", CODE, True)]
    box.hears(ann(), ben("bed-2"), ox_1="")
    box.pressure(95)
    assert box.alerts[3:] == [("bed-2", CODE, False)], "on no bed it has nobody's limits"


def test_an_alarm_of_a_device_that_a_person_moved_goes_on_over_a_restart(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.hears(ben("bed-2"), ox_1="bed-2")
    box.pressure(85)
    box.bedside.file.save(box.bedside.alarms.kept())
    box.start()
    assert box.alerts == [("bed-2", CODE, True)]


async def test_the_bed_of_a_vehicle_is_its_crews_whatever_a_setting_says(tmp_path: Path) -> None:
    box = Box(tmp_path, vehicle="bed-1")
    box.bedside.patient("bed-1", BEN, "child")
    box.hears(ann())
    assert box.bedside.limits_of("bed-1") == {"stay": BEN, "class": "child", "moved": {}}
    box.hears()
    assert box.bedside.limits_of("bed-1")["stay"] == BEN
    assert await box.heard() == []
