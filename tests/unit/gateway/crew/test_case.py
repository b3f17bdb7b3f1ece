"""The patient on board: what a crew tells is in the journal once, and outlives whatever ends the box."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from devices.errors import BadCrew
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import BlockClock, Sync
from gateway.crew.case import Case
from gateway.errors import CaseConflict, NotKept
from tests.support.killed import killed_before

PATIENT, MARK, REQUEST = EventKind.PATIENT, EventKind.MARK, EventKind.REQUEST


@dataclass
class HandClock:
    """A clock whose boot, seconds since it, and UTC at its boot the test sets."""

    boot: bytes = b"a" * 16
    seconds: int = 100
    utc_s: int | None = 1_800_000_000 - 100

    def now(self) -> Instant:
        return Instant(self.seconds * 1_000_000_000)

    def block_clock(self) -> BlockClock:
        utc = None if self.utc_s is None else (self.utc_s + self.seconds) * 1_000_000
        return BlockClock(self.boot, self.seconds * 1_000_000, utc, Sync.FREE, None)

    def local_time(self, at: Instant) -> datetime | None:
        return None


class Box:
    """A case, and what it told the journal."""

    def __init__(self, folder: Path, clock: HandClock | None = None, first: int = 0) -> None:
        self.journal: list[DeviceEvent] = []
        self.full = False
        self.boarded: list[Any] = []
        numbers = itertools.count(first + 1)
        self.clock = clock or HandClock()
        self.case = Case("amb-1", folder, self.clock, self.say, lambda: f"{next(numbers):016x}")
        self.case.boarded = self.boarded.append
        self.case.load()

    async def say(self, event: DeviceEvent) -> None:
        if self.full:
            raise NotKept("the disk is full")
        self.journal.append(event)

    def tell(self, kind: EventKind, /, **detail: str | int) -> None:
        asyncio.run(self.case.tell(kind, detail, "Kim"))

    @property
    def told(self) -> list[tuple[str, Any]]:
        return [
            (event.kind.value, event.detail.get("action") or event.detail.get("code"))
            for event in self.journal
        ]


def test_a_patient_is_on_board_from_begin_to_end(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin", sex="male", age=60)
    stay = box.case.state()["stay"]
    assert (stay["sex"], stay["age"], stay["class"], stay["since_ms"]) == ("male", 60, "adult", 100_000)
    box.tell(PATIENT, action="identify", identifier="P-17", name="Ada")
    assert box.case.state()["stay"] == stay | {"identifier": "P-17", "name": "Ada"}
    box.tell(PATIENT, action="end")
    assert box.case.state()["stay"] is None
    assert [event.detail["stay"] for event in box.journal] == [stay["id"]] * 3


def test_one_touch_is_enough_for_a_patient_whom_nobody_entered(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(MARK, code="defibrillation")
    assert box.told == [("patient", "begin"), ("mark", "defibrillation")]
    assert box.case.state()["marks"] == [
        {"code": "defibrillation", "text": "", "by": "Kim", "at_ms": 100_000}
    ]


def test_nothing_of_a_patient_is_there_under_the_next(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(MARK, code="intubation")
    box.tell(REQUEST, resource="team", note="")
    box.tell(EventKind.ASSESSMENT, kind="consciousness", value='{"acvpu": "P"}')
    box.tell(EventKind.CHECKLIST, list="stroke", item="face", done=1)
    box.tell(EventKind.CHECKLIST, list="vehicle", item="oxygen", done=1)
    first = box.case.content.stay_id
    asyncio.run(
        box.case.instruct({"vehicle": "amb-1", "stay": first, "id": "f" * 16, "text": "ECG", "by": "Dr"})
    )
    box.tell(PATIENT, action="end")
    box.tell(PATIENT, action="begin")
    state = box.case.state()
    assert state["stay"]["id"] != first
    empty: list[Any] = [state[name] for name in ("marks", "requests", "instructions", "assessments")]
    assert empty == [[], [], [], {}]
    assert list(state["checklists"]) == ["vehicle"]


def test_two_are_never_on_board_at_once(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin")
    with pytest.raises(CaseConflict, match="end that stay"):
        box.tell(PATIENT, action="begin", name="Ben")
    assert box.case.state()["stay"]["name"] == ""
    assert len(box.journal) == 1


@pytest.mark.parametrize("action", ["identify", "end"])
def test_nobody_cannot_be_identified_nor_leave(tmp_path: Path, action: str) -> None:
    box = Box(tmp_path)
    with pytest.raises(CaseConflict, match="begin a stay"):
        box.tell(PATIENT, action=action)
    assert box.journal == []


def test_a_word_that_is_not_known_changes_nothing(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin")
    before = box.case.path.read_bytes()
    with pytest.raises(BadCrew):
        box.tell(MARK, code="lunch")
    assert (box.case.path.read_bytes(), len(box.journal)) == (before, 1)


def test_the_same_is_not_asked_for_twice_before_the_hospital_answers(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(REQUEST, resource="blood", note="O neg")
    with pytest.raises(CaseConflict, match="asked for already"):
        box.tell(REQUEST, resource="blood", note="more")
    number = box.case.state()["requests"][0]["id"]
    asyncio.run(box.case.answer({"vehicle": "amb-1", "id": number, "text": "4 units", "by": "Eva"}))
    assert box.case.state()["requests"][0]["answer"] == {"text": "4 units", "by": "Eva", "at_ms": 100_000}
    box.tell(REQUEST, resource="blood", note="more")
    with pytest.raises(CaseConflict):
        asyncio.run(box.case.answer({"vehicle": "amb-1", "id": "9" * 16, "text": "", "by": "Eva"}))


def test_an_instruction_stays_until_it_is_acknowledged(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin")
    order = {"vehicle": "amb-1", "stay": box.case.content.stay_id, "id": "f" * 16, "text": "ECG", "by": "Dr"}
    asyncio.run(box.case.instruct(order))
    asyncio.run(box.case.instruct(order))  # the same once more
    (held,) = box.case.state()["instructions"]
    assert (held["text"], held["shown"], held["acknowledged"]) == ("ECG", None, None)
    box.tell(EventKind.INSTRUCTION, id="f" * 16, state="shown")
    box.clock.seconds += 5
    box.tell(EventKind.INSTRUCTION, id="f" * 16, state="acknowledged")
    (held,) = box.case.state()["instructions"]
    assert (held["shown"]["at_ms"], held["acknowledged"]) == (100_000, {"by": "Kim", "at_ms": 105_000})
    with pytest.raises(CaseConflict):
        box.tell(EventKind.INSTRUCTION, id="e" * 16, state="shown")


def test_an_instruction_for_a_patient_who_left_is_not_shown_to_the_next(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin")
    first = box.case.content.stay_id
    box.tell(PATIENT, action="end")
    box.tell(PATIENT, action="begin")
    with pytest.raises(CaseConflict, match="not on board any more"):
        asyncio.run(
            box.case.instruct({"vehicle": "amb-1", "stay": first, "id": "f" * 16, "text": "", "by": ""})
        )
    assert box.case.state()["instructions"] == []


def test_a_full_disk_is_said_and_what_was_told_follows_when_there_is_room(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin")
    box.full = True
    with pytest.raises(NotKept):
        box.tell(MARK, code="rosc")
    assert (len(box.journal), box.case.state()["untold"]) == (1, 1)
    box.full = False
    box.tell(MARK, code="scene-left")
    assert box.told[1:] == [("mark", "rosc"), ("mark", "scene-left")]
    assert box.case.state()["untold"] == 0


def test_times_of_an_earlier_boot_are_told_by_utc_or_not_at_all(tmp_path: Path) -> None:
    Box(tmp_path).tell(MARK, code="rosc")
    clock = HandClock(b"b" * 16, 20, 1_800_000_080)
    assert Box(tmp_path, clock).case.state()["marks"][0]["at_ms"] == -80_000
    clock.utc_s = None
    assert Box(tmp_path, clock).case.state()["marks"][0]["at_ms"] is None


def test_a_file_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    for damage in (b"{", b"[1]", b'{"content": {"beds": 1}}', b'{"untold": [1]}', b"\xff"):
        (tmp_path / "case.json").write_bytes(damage)
        box = Box(tmp_path)
        assert box.boarded == [None]
        assert (tmp_path / "case.damaged").read_bytes() == damage
        assert not (tmp_path / "case.json").exists()


def test_whatever_kills_the_box_each_event_is_told_under_one_number(tmp_path: Path) -> None:
    """A journal that is a file; the box is killed before each of its steps, and started once more."""

    def work(folder: Path) -> Callable[[], None]:
        def told() -> None:
            box = Box(folder)
            said = box.say

            async def say(event: DeviceEvent) -> None:
                with (folder / "journal").open("a") as file:
                    file.write(f"{event.detail['event']} {event.kind} {event.detail.get('code', '')}\n")
                await said(event)

            box.case.say = say
            box.tell(MARK, code="rosc")

        return told

    outcomes: set[int] = set()
    for step in itertools.count():
        folder = tmp_path / str(step)
        folder.mkdir()
        if not killed_before(step, work(folder)):
            break
        box = Box(folder, first=1000)
        told_before = (folder / "journal").read_text().splitlines() if (folder / "journal").exists() else []
        asyncio.run(box.case.tell_untold())
        lines = told_before + [
            f"{event.detail['event']} {event.kind} {event.detail.get('code', '')}" for event in box.journal
        ]
        shown = len(box.case.content.marks)
        marks = {line for line in lines if line.endswith("mark rosc")}
        assert len(marks) == shown, "what is shown is told, under one number"
        stays = {line for line in lines if " patient " in line}
        assert len(stays) == (box.case.content.stay is not None)
        outcomes.add(len(lines) - len(set(lines)))
    assert len(list(tmp_path.iterdir())) > 5
    assert outcomes == {0, 1}, "the fault fired: at least once an event was told a second time"
