"""controller/telemedicine/marks/, checklists/: what is said of them in a room, and what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from controller.errors import Conflict, NotFound
from controller.telemedicine.checklists.library import LANGUAGES, library
from controller.telemedicine.checklists.service import Checklists
from controller.telemedicine.marks import book
from controller.telemedicine.marks.service import Marking
from controller.telemedicine.marks.stills import Still, Stills
from controller.telemedicine.model import Visit
from controller.telemedicine.rooms.meeting import OfVisits
from controller.telemedicine.rooms.room import ROOM, Heard, Said
from controller.telemedicine.rooms.seat import Party, Seat
from controller.telemedicine.rooms.service import Rooms
from tests.unit.controller.telemedicine.conftest import BEN, Clinic

STAFF, ANNA = Party("ben", "Ben", "staff"), Party("patient:4711", "Muster, Anna", "patient")
GUEST, ROBOT = Party("guest:TV00000001/1", "Li", "guest"), Party("guest:TV00000001/2", "robot-1", "robot")
ARROW = {"k": "mark", "still": "", "seat": 1, "kind": "arrow", "points": [[0, 0], [0.5, 0.5]]}
ARROW |= {"size": [640, 360], "text": "", "patch": ""}


def arrow(number: int, **more: Any) -> dict[str, Any]:
    return {**ARROW, "id": f"{number:022d}", **more}


@dataclass
class Drawing:
    """A room in which marks are drawn, in one life of the controller."""

    clinic: Clinic
    visit: Visit
    rooms: Rooms
    marking: Marking
    checklists: Checklists

    async def sit(self, party: Party) -> Seat:
        return await self.rooms.join(self.visit.number, f"page of {party.name}", party, BEN)

    async def say(self, seat: Seat, *bodies: dict[str, Any]) -> list[dict[str, Any]]:
        """What that seat is told after it."""
        after = seat.told
        heard = Heard(
            self.rooms.room(self.visit.number).epoch, seat.heard + 1, [Said(ROOM, one) for one in bodies]
        )
        await self.rooms.hear(self.visit.number, seat, heard)
        return [message for _, message in seat.owed(after)]

    async def there(self) -> list[str]:
        return [one["id"] for one in await self.marking.of(self.visit.number, "ben")]


async def drawing(clinic: Clinic, visit: Visit | None = None, epoch: str = "e1") -> Drawing:
    rooms = Rooms(clinic.books.store, clinic.books.clock, epoch)
    rooms.kinds["TV"] = OfVisits(clinic.books)
    parts = rooms, clinic.books.store, clinic.books.clock
    return Drawing(clinic, visit or await clinic.booked(), rooms, Marking(*parts), Checklists(*parts))


def kinds(told: Sequence[dict[str, Any]]) -> list[str]:
    return [one["kind"] for one in told]


async def test_a_mark_is_told_to_all_once_and_is_there_after_the_controller_was_started_again(
    clinic: Clinic,
) -> None:
    here = await drawing(clinic)
    ben, anna = await here.sit(STAFF), await here.sit(ANNA)
    after = anna.told
    assert kinds(await here.say(ben, arrow(1), arrow(1))) == ["mark"]
    [(_, told)] = anna.owed(after)
    assert (told["mark"]["from"], told["mark"]["name"]) == (ben.number, "Ben")
    again = await drawing(clinic, here.visit, "e2")
    assert await again.marking.of(here.visit.number, "ben") == [told["mark"]]


async def test_one_takes_away_ones_own_and_staff_anybodys(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben, anna = await here.sit(STAFF), await here.sit(ANNA)
    await here.say(ben, arrow(1))
    await here.say(anna, arrow(2), {"k": "unmark", "ids": [arrow(1)["id"], arrow(2)["id"]]})
    assert await here.there() == [arrow(1)["id"]]
    await here.say(anna, arrow(3))
    assert (await here.say(ben, {"k": "unmark", "ids": [arrow(3)["id"]]}))[-1]["ids"] == [arrow(3)["id"]]
    assert await here.there() == [arrow(1)["id"]]


async def test_what_was_taken_away_does_not_come_back_and_its_pixels_are_gone(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben = await here.sit(STAFF)
    mark = arrow(1, kind="pin", points=[[0.5, 0.5]], text="here", patch="AAAA")
    told = await here.say(ben, mark, {"k": "unmark", "ids": [mark["id"]]}, mark)
    assert kinds(told) == ["mark", "unmark"]
    [row] = await clinic.books.store.read("SELECT body, gone_by FROM room_mark")
    assert tuple(row) == ("", "ben")


async def test_a_guest_draws_only_when_staff_lets_them_and_a_robot_never_does(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben, guest, robot = [await here.sit(party) for party in (STAFF, GUEST, ROBOT)]
    assert kinds(await here.say(guest, arrow(1))) == ["mark-refused"]
    assert await here.say(guest, {"k": "marking", "guests": True}) == []
    await here.say(ben, {"k": "marking", "guests": True})
    assert kinds(await here.say(guest, arrow(1))) == ["mark"]
    assert kinds(await here.say(robot, arrow(2))) == ["mark-refused"]
    await here.say(ben, {"k": "marking", "guests": False})
    assert kinds(await here.say(guest, arrow(3))) == ["mark-refused"]


async def test_a_room_holds_so_many_marks_and_no_more(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MOST", 2)
    here = await drawing(clinic)
    ben = await here.sit(STAFF)
    told = await here.say(ben, *(arrow(number) for number in range(3)))
    assert told[-1] == {"kind": "mark-refused", "id": arrow(2)["id"], "why": "full"}


async def test_a_frozen_picture_is_for_all_and_what_is_drawn_on_it_goes_with_it(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben, anna = await here.sit(STAFF), await here.sit(ANNA)
    room = here.rooms.room(here.visit.number)
    still = Still("s" * 22, anna.number, anna.number, anna.party.actor, anna.party.name, b"jpeg")
    for _ in range(2):
        await here.marking.freeze(room, still)
    assert kinds([one for _, one in ben.owed(0)]).count("still") == 1
    await here.say(anna, arrow(1, still=still.id), arrow(2))
    told = await here.say(ben, {"k": "thaw", "still": still.id})
    assert kinds(told) == ["thaw", "unmark"]
    assert await here.there() == [arrow(2)["id"]]
    assert kinds(await here.say(anna, arrow(3, still=still.id))) == ["mark-refused"]


async def test_with_the_meeting_nothing_that_holds_pixels_stays(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben = await here.sit(STAFF)
    await here.say(ben, arrow(1))
    await here.rooms.close(here.visit.number, BEN)
    assert await here.there() == []


def test_a_picture_is_frozen_once_and_few_are() -> None:
    stills = Stills()
    one = Still("s" * 22, 1, 2, "ben", "Ben", b"jpeg")
    assert stills.keep("TV1", one)
    assert not stills.keep("TV1", one)
    with pytest.raises(Conflict, match="not frozen yet"):
        stills.keep("TV1", Still("t" * 22, 1, 2, "ben", "Ben", b"jpeg"))
    assert stills.let_go("TV1", one.id)
    with pytest.raises(NotFound):
        stills.find("TV1", one.id)


async def test_steps_of_a_checklist_are_kept_with_who_and_when(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben, anna = await here.sit(STAFF), await here.sit(ANNA)
    assert await here.say(anna, {"k": "checklist", "which": "stroke-look"}) == []
    [told] = await here.say(ben, {"k": "checklist", "which": "stroke-look"})
    run, first = told["checklist"]["run"], told["checklist"]["steps"][0]["id"]
    step = {"k": "step", "run": run, "step": first, "done": True}
    assert await here.say(anna, step) == []
    await here.say(ben, step, step)
    shown = await here.checklists.of(here.visit.number)
    assert shown and shown["steps"][0]["done"] == {"name": "Ben", "at_ms": here.clinic.books.now_ms()}
    assert len(await clinic.books.store.read("SELECT * FROM room_step")) == 1
    await here.say(ben, {**step, "done": False})
    shown = await here.checklists.of(here.visit.number)
    assert shown and shown["steps"][0]["done"] is None


async def test_a_step_of_a_checklist_that_is_not_on_any_more_is_not_done(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben = await here.sit(STAFF)
    [told] = await here.say(ben, {"k": "checklist", "which": "stroke-look"})
    old = told["checklist"]["run"]
    await here.say(ben, {"k": "checklist", "which": ""})
    assert await here.checklists.of(here.visit.number) is None
    await here.say(ben, {"k": "checklist", "which": "stroke-look"})
    [told] = await here.say(ben, {"k": "step", "run": old, "step": "well", "done": True})
    assert [one["done"] for one in told["checklist"]["steps"]] == [None] * 8
    assert await here.say(ben, {"k": "step", "run": old, "step": "nothing", "done": True})


async def test_who_drew_and_who_did_a_step_stands_in_the_trail(clinic: Clinic) -> None:
    here = await drawing(clinic)
    ben = await here.sit(STAFF)
    await here.say(ben, arrow(1), {"k": "checklist", "which": "ecg-placement"})
    rows = await clinic.books.store.read("SELECT action, actor FROM audit WHERE action LIKE 'visit-room-%'")
    assert [tuple(row) for row in rows][1:] == [("visit-room-marked", "ben"), ("visit-room-checklist", "ben")]


def test_each_checklist_has_words_in_both_languages_and_says_what_it_follows() -> None:
    assert len(library()) == 3
    for one in library().values():
        assert one.source and len({step.id for step in one.steps}) == len(one.steps) >= 5
        assert all(
            words[language] for words in (one.words, *(s.words for s in one.steps)) for language in LANGUAGES
        )
