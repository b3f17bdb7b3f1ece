"""controller/conferences/images.py, and what is drawn on an image by way of controller/telemedicine/marks/"""

from dataclasses import dataclass
from typing import Any

import pytest

from controller.conferences.images import Frame
from controller.conferences.items import Chosen
from controller.conferences.model import Conference, Expert, Person
from controller.conferences.room import LETTERS
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.telemedicine.marks.service import Marking
from controller.telemedicine.rooms.room import ROOM, Heard, Said
from controller.telemedicine.rooms.seat import Party, Seat
from controller.telemedicine.rooms.service import Rooms
from tests.unit.controller.conferences.conftest import ANNA, BEN, CARA, Council, member
from tests.unit.controller.conferences.test_directory import PROFILE

LI = By("site:hospital-b/li")
LINE = {"k": "mark", "seat": 0, "kind": "arrow", "points": [[0, 0], [0.5, 0.5]], "size": [64, 64]}
LINE |= {"text": "", "patch": "", "view": 0}


@dataclass
class Board:
    """A conference that has begun, ben presents its first case; li of another hospital takes part."""

    council: Council
    made: Conference
    item: int
    rooms: Rooms
    marking: Marking

    def frame(self, n: int = 1, item: int | None = None) -> Frame:
        return Frame(self.made.cases[0].id, item or self.item, "1.2.3.4", f"1.2.3.4.{n}", 1)

    async def show(self, by: By = ANNA, of: Frame | None = None) -> str:
        return await self.council.service.images.show(self.made.number, of or self.frame(), by)

    async def told(self, by: By = CARA) -> Any:
        return await self.marking.image(self.made.number, by.actor)

    async def sit(self, by: By) -> Seat:
        return await self.rooms.join(
            self.made.number, f"page of {by.actor}", Party(by.actor, by.actor, "staff"), by
        )

    async def draw(self, seat: Seat, number: int, still: str) -> list[dict[str, Any]]:
        """What that seat is told after it."""
        after, mark = seat.told, {**LINE, "id": f"{number:022d}", "still": still}
        epoch = self.rooms.room(self.made.number).epoch
        await self.rooms.hear(self.made.number, seat, Heard(epoch, seat.heard + 1, [Said(ROOM, mark)]))
        return [message for _, message in seat.owed(after)]

    async def there(self, by: By) -> list[str]:
        return [one["still"] for one in await self.marking.of(self.made.number, by.actor)]


@pytest.fixture
async def board(council: Council) -> Board:
    expert = Expert(Person("hospital-b", "li"), PROFILE, 1, 0)
    await council.service.directory.learn("hospital-b", [expert], By("nina"))
    made = await council.agreed(member("ben"), member("li", site="hospital-b"))
    made = await council.say(made, LI, AnswerState.ACCEPTED)
    made = await council.step(made, ConferenceState.IN_PROGRESS)
    made = await council.service.agenda.show(made.number, made.cases[0].id, ANNA)
    await council.consent(made)
    chosen = Chosen("imaging", {"study": "1.2.3"}, "CT")
    item = await council.service.items.choose(made.number, made.cases[0].id, chosen, BEN)
    rooms = Rooms(council.ward.store, council.ward.clock, "e1")
    rooms.kinds[LETTERS] = council.service.rooms
    marking = Marking(rooms, council.ward.store, council.ward.clock)
    marking.images[LETTERS] = council.service.images
    return Board(council, made, item.id, rooms, marking)


async def test_the_chair_and_who_presents_show_an_image_and_nobody_else_does(board: Board) -> None:
    assert [await board.show(by) for by in (CARA, LI)] == ["leads", "leads"]
    assert await board.told() is None
    for n, by in enumerate((ANNA, BEN), 1):
        assert await board.show(by, board.frame(n)) == ""
        told = await board.told()
        assert (told["instance"], told["by"], told["leads"], told["n"]) == (
            f"1.2.3.4.{n}",
            by.actor,
            False,
            1,
        )
    assert (await board.told(ANNA))["leads"]
    with pytest.raises(NotFound):
        await board.show(By("dora"))
    assert await board.council.service.images.put_away(board.made.number, CARA) == "leads"
    assert await board.council.service.images.put_away(board.made.number, ANNA) == ""
    assert await board.told() is None
    trail = await board.council.ward.trail("conference-image-shown")
    assert [(one["actor"], one["patient"]) for one in trail] == [("anna", "4711"), ("ben", "4711")]
    assert len(await board.council.ward.trail("conference-image-away")) == 1


async def test_only_a_chosen_study_of_the_case_that_is_spoken_about_is_shown(board: Board) -> None:
    note = Chosen("document", {"text": "x"}, "letter")
    case = board.made.cases[0].id
    other = await board.council.service.items.choose(board.made.number, case, note, BEN)
    assert await board.show(of=board.frame(item=other.id)) == "gone"
    assert await board.show(of=board.frame(item=99)) == "gone"
    await board.council.service.agenda.show(board.made.number, board.made.cases[1].id, ANNA)
    assert await board.show() == "now"


async def test_an_image_goes_with_its_case_and_its_item_and_is_back_with_them(board: Board) -> None:
    await board.show()
    first = await board.told()
    agenda, number = board.council.service.agenda, board.made.number
    await agenda.show(number, board.made.cases[1].id, ANNA)
    assert await board.told() is None
    await agenda.show(number, board.made.cases[0].id, ANNA)
    assert await board.told() == first
    await board.council.service.items.remove(number, board.made.cases[0].id, board.item, BEN)
    assert await board.told() is None
    assert await board.show() == "gone"
    again = Chosen("imaging", {"study": "1.2.3"}, "again")
    item = await board.council.service.items.choose(number, board.made.cases[0].id, again, BEN)
    assert await board.show(of=board.frame(item=item.id)) == ""
    assert (await board.told())["id"] == first["id"]  # the same image of the same study


async def test_who_may_not_see_it_is_told_neither_which_it_is_nor_what_is_drawn_on_it(board: Board) -> None:
    await board.show()
    assert await board.told(LI) == {"id": "", "n": 1}
    still = (await board.told())["id"]
    anna, cara, li = [await board.sit(by) for by in (ANNA, CARA, LI)]
    before = cara.told, li.told
    assert [one["kind"] for one in await board.draw(anna, 1, still)] == ["mark"]
    assert [one["kind"] for _, one in cara.owed(before[0])] == ["mark"] and li.owed(before[1]) == []
    assert (await board.there(CARA), await board.there(LI)) == ([still], [])
    assert [one["why"] for one in await board.draw(li, 2, still)] == ["image"]
    await board.council.consent(board.made, "permit", "hospital-b")
    assert (await board.told(LI))["id"] == still and await board.there(LI) == [still]
    assert [one["kind"] for one in await board.draw(li, 3, still)] == ["mark"]
    await board.council.consent(board.made, "withdrawn")
    assert (await board.told(ANNA), await board.there(ANNA)) == ({"id": "", "n": 1}, [])


async def test_marks_are_of_their_image_alone_and_only_what_is_shown_is_drawn_on(board: Board) -> None:
    await board.show()
    first = (await board.told())["id"]
    anna = await board.sit(ANNA)
    await board.draw(anna, 1, first)
    await board.show(of=board.frame(2))
    second = (await board.told())["id"]
    assert second != first
    for still in (first, "image-99", "image-x", "image-"):
        assert [one["why"] for one in await board.draw(anna, 2, still)] == ["image"]
    await board.draw(anna, 3, second)
    await board.show()
    assert (await board.told())["id"] == first
    assert await board.there(ANNA) == [first, second]
    await board.rooms.close(board.made.number, ANNA)
    assert await board.there(ANNA) == []


async def test_who_drew_what_on_which_image_stands_in_the_trail(board: Board) -> None:
    await board.show()
    await board.draw(await board.sit(CARA), 1, (await board.told())["id"])
    [entry] = await board.council.ward.trail("conference-room-marked")
    assert (entry["actor"], entry["patient"], entry["detail"]["what"]) == ("cara", "4711", "arrow")
    assert (entry["detail"]["instance"], entry["detail"]["frame"]) == ("1.2.3.4.1", 1)
