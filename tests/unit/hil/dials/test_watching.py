"""What devices say, what the gateway's journal has and what the board is told: the newest, with its age."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from devices.model.identity import DeviceId
from devices.model.observation import Alert, Instant, NoValue, Priority, Reading
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.records import Group
from gateway.journal.journal import Journal
from hil.dials.board import BoardView
from hil.dials.journal import GatewayJournal
from hil.dials.truth import Truth
from hil.sims.emitted import Emitted, boot_id, now_ns
from hil.ward import Folder, WardDevice

OX = WardDevice("ox-1", "nonin-xpod", "bed-1", 1)


def test_the_truth_is_the_newest_that_a_device_wrote_down_since_it_is_watched(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with Emitted(folder.emitted("ox-1")) as emitted:
        emitted.sent(now_ns(), {"spo2": 70})
        truth = Truth(folder, [OX])
        truth.look()
        assert truth.shown("ox-1") == {}
        emitted.sent(now_ns() - 3_000_000_000, {"spo2": 97, "pleth": [1, 2, None]})
        emitted.sent(now_ns() - 2_000_000_000, {"spo2": None})
        truth.look()
    shown = truth.shown("ox-1")
    assert (shown["spo2"]["value"], shown["pleth"]["wave"]) == (None, True)
    assert shown["spo2"]["age_ms"] == pytest.approx(2000, abs=500)


def test_half_a_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    truth = Truth(Folder(tmp_path), [OX])
    path = Folder(tmp_path).emitted("ox-1")
    path.parent.mkdir()
    line = json.dumps({"n": 0, "metric": "spo2", "value": 97, "at": now_ns()}) + "\n"
    path.write_text(line[:20])
    truth.look()
    assert truth.shown("ox-1") == {}
    path.write_text(line)
    truth.look()
    assert truth.shown("ox-1")["spo2"]["value"] == 97


def reading(metric: str, value: str | NoValue, age_s: float) -> Reading:
    at = Instant(now_ns() - round(age_s * 1e9))
    if isinstance(value, NoValue):
        return Reading(metric, at, None, value)
    return Reading(metric, at, Decimal(value))


class Gateway:
    """Writes a real journal."""

    def __init__(self, folder: Path, boot: bytes | None = None) -> None:
        self._boot = boot or boot_id()
        self._journal = Journal.open(folder, b"j" * 8, 100_000_000, self._clock())

    def _clock(self) -> BlockClock:
        return BlockClock(self._boot, now_ns() // 1000, None, Sync.UNSET, None)

    def has(self, *records: Reading | Alert, lane: Lane = Lane.VITAL) -> None:
        self._journal.commit([(lane, [Group(DeviceId("ox-1"), None, list(records))])], self._clock())


def test_the_gateways_journal_tells_what_it_has_whether_or_not_it_was_sent(tmp_path: Path) -> None:
    gateway, journal = Gateway(tmp_path), GatewayJournal(tmp_path)
    gateway.has(
        reading("spo2", "97", 5), reading("spo2", "96.5", 2), reading("pr_spo2", NoValue.SENSOR_OFF, 1)
    )
    journal.look()
    shown = journal.shown("ox-1")
    assert (shown["spo2"]["value"], shown["pr_spo2"]["value"]) == (96.5, None)
    assert shown["pr_spo2"]["reason"] == "sensor-off"
    assert shown["spo2"]["age_ms"] == pytest.approx(2000, abs=500)
    gateway.has(reading("spo2", "91", 9))  # told late: what is newer stays
    gateway.has(reading("pr_spo2", "70", 0))
    journal.look()
    assert journal.shown("ox-1")["spo2"]["value"] == 96.5
    assert journal.shown("ox-1")["pr_spo2"]["value"] == 70


def test_the_gateways_alarms_are_those_that_have_begun_and_not_ended(tmp_path: Path) -> None:
    gateway, journal = Gateway(tmp_path), GatewayJournal(tmp_path)
    for code, active in (("spo2-low", True), ("asystole", True), ("spo2-low", False)):
        gateway.has(Alert(code, Instant(now_ns()), Priority.HIGH, active), lane=Lane.ALERT)
    journal.look()
    assert [(one["code"], one["priority"]) for one in journal.alarms()] == [("asystole", "high")]


def test_what_was_measured_in_another_boot_has_no_age_here_and_is_not_shown(tmp_path: Path) -> None:
    gateway, journal = Gateway(tmp_path, boot=b"B" * 16), GatewayJournal(tmp_path)
    gateway.has(reading("spo2", "97", 1))
    journal.look()
    assert journal.shown("ox-1") == {}


def snapshot(**parts: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"metrics": {}, "values": [], "devices": [], "gateways": [], "alerts": []}
    return {"server_ms": 1000, **known, **parts}


def value(number: float, at_ms: int) -> dict[str, Any]:
    return {"device": "ox-1", "metric": "spo2", "value": number, "at_ms": at_ms}


def test_the_board_has_what_its_events_say_and_a_snapshot_is_all_there_is() -> None:
    board = BoardView(lambda _: None)
    assert not board.is_known
    board.take("snapshot", snapshot(values=[value(97, 900)], devices=[{"id": "ox-1", "connected": True}]))
    board.take("values", {"server_ms": 2000, "items": [value(96, 1900)]})
    alert = {"code": "spo2-low", "device": "ox-1", "gateway": "g", "active": True}
    board.take("alert", {"server_ms": 2000, "items": [alert]})
    assert board.values["ox-1", "spo2"]["value"] == 96
    assert list(board.alerts) == [("spo2-low", "ox-1", "g")]
    board.take("alert", {"server_ms": 2000, "items": [{**alert, "active": False}]})
    assert not board.alerts
    board.take("registry", snapshot())
    assert not board.values
    assert not board.devices


def test_the_boards_time_goes_on_while_it_says_nothing() -> None:
    now = [5.0]
    board = BoardView(lambda _: None, clock=lambda: now[0])
    board.take("time", {"server_ms": 1_000_000})
    now[0] = 17.5
    assert board.now_ms == 1_012_500
