"""Alarms that an earlier start left: told again, or ended with the device that nobody serves any more."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Reading
from gateway.alarms.bedside import Bedside
from gateway.alarms.physiological import Who
from gateway.clock import SystemClock
from gateway.config import AlarmsConfig

OX = DeviceId("ox-1"), LocationId("bed-1")


def started(folder: Path, served: Iterable[str]) -> tuple[Bedside, list[tuple[str, bool]]]:
    told: list[tuple[str, bool]] = []

    def collect(_: Who, alerts: Iterable[Alert]) -> None:
        told.extend((alert.code, alert.active) for alert in alerts)

    bedside = Bedside.of(AlarmsConfig(), folder, SystemClock(), collect)
    bedside.begin(served)
    return bedside, told


def left_active(folder: Path) -> None:
    bedside, told = started(folder, ["ox-1"])
    bedside.measured(OX, Reading("nibp_sys", bedside.clock.now(), Decimal(80)))
    bedside.file.save(bedside.alarms.kept())
    assert told == [("nibp-sys-low", True)]


def test_of_a_device_that_is_served_it_is_told_again(tmp_path: Path) -> None:
    left_active(tmp_path)
    bedside, told = started(tmp_path, ["ox-1"])
    assert told == [("nibp-sys-low", True)]
    assert len(bedside.alarms.active) == 1


def test_of_a_device_that_is_served_no_more_it_ends(tmp_path: Path) -> None:
    left_active(tmp_path)
    bedside, told = started(tmp_path, ["ox-2"])
    assert told == [("nibp-sys-low", True), ("nibp-sys-low", False)]
    assert bedside.alarms.active == ()


def test_a_file_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    for damage in (b"{", b"[1]", b'[{"number": 1}]'):
        (tmp_path / "alarms.json").write_bytes(damage)
        assert started(tmp_path, ["ox-1"])[1] == []
