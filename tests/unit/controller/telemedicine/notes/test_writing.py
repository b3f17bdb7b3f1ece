"""controller/telemedicine/notes/writing.py, prescribed.py, vitals.py"""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotFound, Outdated
from controller.imaging.sight import Sight
from controller.prescriptions.model import Known as KnownRx
from controller.prescriptions.model import Person
from controller.prescriptions.prescribing import Draft
from controller.prescriptions.states import RxState
from controller.telemedicine.model import Known
from controller.telemedicine.notes.model import Taken
from controller.telemedicine.notes.vitals import now_of
from controller.telemedicine.states import VisitState
from tests.support.prescriptions import ANNA, WANTED
from tests.unit.controller.telemedicine.conftest import BEN, NINA
from tests.unit.controller.telemedicine.notes.conftest import SAID, Desk


async def test_every_version_of_the_notes_is_kept_with_who_wrote_it(desk: Desk) -> None:
    assert (await desk.notes.newest(desk.visit)).note.reason == "cough"
    await desk.write(0)
    await desk.write(1, NINA, history="since Monday")
    found = await desk.notes.versions(desk.visit)
    assert [(one.version, one.by, one.note.history) for one in found] == [
        (2, "nina", "since Monday"),
        (1, "ben", "for three days"),
    ]
    assert found[1].note == SAID
    assert [one["detail"] for one in await desk.clinic.ward.trail("visit-note-written")] == [
        {"version": 1},
        {"version": 2},
    ]


async def test_of_two_who_write_at_once_neither_undoes_the_other(desk: Desk) -> None:
    await desk.write(0)
    with pytest.raises(Outdated, match="version 1 by ben, not 0"):
        await desk.write(0, NINA)


async def test_what_says_the_same_again_is_no_new_version(desk: Desk) -> None:
    first = await desk.write(0)
    assert await desk.write(1, NINA) == first


async def test_nothing_that_was_written_changes(desk: Desk) -> None:
    await desk.write(0)
    for change in ("UPDATE visit_note SET content = '{}'", "DELETE FROM visit_note"):
        with pytest.raises(Exception, match="only grow"):
            await desk.clinic.ward.store.write(lambda db, sql=change: db.execute(sql))
    assert len(await desk.notes.versions(desk.visit)) == 1


async def test_of_what_was_called_off_nothing_is_written_and_of_strangers_nobody_learns(desk: Desk) -> None:
    other = await desk.clinic.booked()
    called_off = replace(BEN, why="ill")
    await desk.clinic.visits.step(desk.clinic.known(other), VisitState.CANCELLED, called_off)
    with pytest.raises(Conflict, match="is cancelled"):
        await desk.notes.write(Known(other.number, 0, desk.clinic.seen), SAID, BEN)
    with pytest.raises(NotFound):
        await desk.notes.write(Known(other.number, 0, Sight(frozenset())), SAID, NINA)


async def test_a_prescription_is_of_the_visit_once_it_is_signed_by_who_says_so(desk: Desk) -> None:
    ward = desk.clinic.ward
    rx = await ward.draft()
    with pytest.raises(Conflict, match="is draft"):
        await desk.prescribed.add(desk.visit, rx.number, ANNA)
    rx = await ward.sign(rx)
    with pytest.raises(Conflict, match="that ben signed"):
        await desk.prescribed.add(desk.visit, rx.number, BEN)
    medicine = await desk.prescribed.add(desk.visit, rx.number, ANNA)
    assert await desk.prescribed.add(desk.visit, rx.number, ANNA) == medicine
    assert medicine.name == "Metoprolol 50 mg"
    assert await desk.prescribed.of(desk.visit) == [medicine]
    assert len(await ward.trail("visit-prescribed")) == 1
    stopped = replace(ANNA, why="cough")
    await ward.rx.prescribing.step(
        KnownRx(rx.number, rx.revision, desk.clinic.seen), RxState.STOPPED, stopped
    )
    assert await desk.prescribed.of(desk.visit) == []


async def test_another_patients_prescription_is_none_of_the_visit(desk: Desk) -> None:
    ward = desk.clinic.ward
    who, draft = Person("0100", "Zhou, Li"), Draft(WANTED, "home")
    rx = await ward.sign(await ward.rx.prescribing.draft(who, draft, desk.clinic.seen, ANNA))
    with pytest.raises(NotFound, match="of this patient"):
        await desk.prescribed.add(desk.visit, rx.number, ANNA)


def test_only_numbers_that_hold_now_are_taken_over_each_with_its_device_and_time() -> None:
    now_ms = 1_000_000_000
    good = {
        "device": "ox-1",
        "metric": "spo2",
        "value": 97.0,
        "quality": [],
        "at_ms": now_ms - 1000,
        "bed": "b",
    }
    old = {**good, "metric": "hr", "at_ms": now_ms - 3_600_000}
    flawed = {**good, "metric": "pr_spo2", "quality": ["questionable"]}
    nothing = {**good, "device": "ox-2", "value": None}
    other = {**good, "bed": "c"}
    held = {"server_ms": now_ms, "beds": [{"id": "b"}], "values": [old, good, flawed, nothing, other]}
    assert now_of(held) == [Taken("spo2", 97.0, "%", "ox-1", now_ms - 1000)]
