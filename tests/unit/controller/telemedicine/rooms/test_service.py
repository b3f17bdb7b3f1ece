"""controller/telemedicine/rooms/service.py, talk.py"""

import sqlite3

import pytest

from controller.errors import Conflict, StoreError
from controller.identity.certificates import By
from controller.telemedicine.rooms.meeting import OfVisits
from controller.telemedicine.rooms.mode import MESH_MOST
from controller.telemedicine.rooms.room import ROOM, Heard, Said
from controller.telemedicine.rooms.seat import Party
from controller.telemedicine.rooms.service import Rooms
from controller.telemedicine.states import VisitState
from tests.support.database import without_trigger
from tests.unit.controller.telemedicine.conftest import BEN, PATIENT, Clinic

STAFF, ANNA = Party("ben", "Ben", "staff"), Party("patient:4711", "Muster, Anna", "patient")


def rooms_of(clinic: Clinic, epoch: str) -> Rooms:
    rooms = Rooms(clinic.books.store, clinic.books.clock, epoch)
    rooms.kinds["TV"] = OfVisits(clinic.books)
    return rooms


SAID = {"k": "chat", "text": "I cough", "key": "1"}


async def test_a_page_has_the_same_number_after_the_controller_was_started_again(clinic: Clinic) -> None:
    visit = await clinic.booked()
    before, after = rooms_of(clinic, "e1"), rooms_of(clinic, "e2")
    ben = (await before.join(visit.number, "page b", STAFF, BEN)).number
    anna = (await before.join(visit.number, "page a", ANNA, PATIENT)).number
    assert (await after.join(visit.number, "page a", ANNA, PATIENT)).number == anna > ben
    assert (await after.join(visit.number, "page c", STAFF, BEN)).number not in (ben, anna)


async def test_a_controller_that_is_started_again_knows_who_is_here(clinic: Clinic) -> None:
    visit, before = await clinic.booked(), rooms_of(clinic, "e1")
    await before.join(visit.number, "page b", STAFF, BEN)
    await before.join(visit.number, "page a", ANNA, PATIENT)
    gone = await before.join(visit.number, "page c", STAFF, BEN)
    await before.leave(visit.number, gone.number, BEN)
    await before.stop()
    after = rooms_of(clinic, "e2")
    await after.restore()
    seat = await after.join(visit.number, "page b", STAFF, BEN)
    assert [one["seat"] for one in after.room(visit.number).snapshot(seat)["seats"]] == [1, 2]
    back = await after.join(visit.number, "page c", STAFF, BEN)
    assert back.number == gone.number


async def test_the_number_of_a_page_is_not_had_by_another_person_who_knows_its_secret(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    ben = await rooms.join(visit.number, "page b", STAFF, BEN)
    rooms.room(visit.number).leave(ben.number)
    assert (await rooms.join(visit.number, "page b", ANNA, PATIENT)).number != ben.number


async def test_who_was_there_stands_in_the_trail(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    seat = await rooms.join(visit.number, "page b", STAFF, BEN)
    await rooms.join(visit.number, "page b", STAFF, BEN)
    await rooms.leave(visit.number, seat.number, BEN)
    assert [one["actor"] for one in await clinic.ward.trail("visit-room-joined")] == ["ben"]
    assert [one["patient"] for one in await clinic.ward.trail("visit-room-left")] == ["4711"]


async def test_what_is_written_is_told_to_all_and_is_there_after_a_restart(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    ben, anna = (
        await rooms.join(visit.number, "b", STAFF, BEN),
        await rooms.join(visit.number, "a", ANNA, PATIENT),
    )
    await rooms.hear(visit.number, anna, Heard("e1", 1, [Said(ROOM, SAID)]))
    told = await rooms.wait(visit.number, ben, 0, 1)
    assert told and told[-1][1]["line"]["text"] == "I cough"
    [line] = await rooms_of(clinic, "e2").talk.of(visit.number)
    assert (line.actor, line.name, line.text) == ("patient:4711", "Muster, Anna", "I cough")
    for change in ("UPDATE room_talk SET text = ''", "DELETE FROM room_talk"):

        def tamper(db: sqlite3.Connection, change: str = change) -> None:
            db.execute(change)

        with pytest.raises(StoreError, match="only grows"):
            await clinic.ward.store.write(tamper)


async def test_a_line_that_is_said_again_to_a_controller_started_again_is_kept_once(clinic: Clinic) -> None:
    visit = await clinic.booked()
    for epoch in ("e1", "e2"):
        rooms = rooms_of(clinic, epoch)
        anna = await rooms.join(visit.number, "a", ANNA, PATIENT)
        await rooms.hear(visit.number, anna, Heard(epoch, 1, [Said(ROOM, SAID)]))
    assert [line.text for line in await rooms.talk.of(visit.number)] == ["I cough"]


async def test_a_line_that_could_not_be_kept_was_not_heard_and_is_kept_when_it_is_said_again(
    clinic: Clinic,
) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    anna = await rooms.join(visit.number, "a", ANNA, PATIENT)
    heard = Heard("e1", 1, [Said(ROOM, SAID)])
    full = "CREATE TRIGGER no_room BEFORE INSERT ON room_talk BEGIN SELECT raise(ABORT, 'no room left'); END"
    await clinic.ward.store.write(lambda db: db.execute(full))
    with pytest.raises(StoreError, match="no room left"):
        await rooms.hear(visit.number, anna, heard)
    await clinic.ward.store.write(lambda db: without_trigger(db, "no_room", "room_talk"))
    await rooms.hear(visit.number, anna, heard)
    assert [line.text for line in await rooms.talk.of(visit.number)] == ["I cough"]
    assert anna.heard == 1


async def test_a_quiet_page_that_goes_for_another_in_a_full_room_is_told_in_the_trail(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    lost = await rooms.join(visit.number, "a", ANNA, PATIENT)
    pages = [await rooms.join(visit.number, f"page {n}", STAFF, BEN) for n in range(MESH_MOST - 1)]
    lost.is_quiet = True
    came = await rooms.join(visit.number, "one more", STAFF, BEN)
    assert set(rooms.room(visit.number).seats) == {one.number for one in (*pages, came)}
    assert [one["actor"] for one in await clinic.ward.trail("visit-room-lost")] == ["patient:4711"]


async def test_who_is_shown_out_has_no_seat_and_is_told_at_once(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    anna = await rooms.join(visit.number, "a", ANNA, PATIENT)
    await rooms.show_out(visit.number, "patient:4711", BEN)
    assert await rooms.wait(visit.number, anna, anna.told, 60) is None


async def test_into_the_room_of_a_visit_that_is_over_nobody_comes(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(way="bedside", in_minutes=0), rooms_of(clinic, "e1")
    ben = await rooms.join(visit.number, "b", STAFF, BEN)
    await clinic.visits.step(clinic.known(visit), VisitState.FULFILLED, BEN)
    await rooms.close(visit.number, BEN)
    assert await rooms.wait(visit.number, ben, 0, 60) is None
    with pytest.raises(Conflict, match="closed"):
        await rooms.join(visit.number, "b", STAFF, By("ben"))


async def test_where_nothing_is_to_be_told_who_waits_is_not_kept_for_ever(clinic: Clinic) -> None:
    visit, rooms = await clinic.booked(), rooms_of(clinic, "e1")
    seat = await rooms.join(visit.number, "b", STAFF, BEN)
    assert await rooms.wait(visit.number, seat, seat.told, 0.01) == []
