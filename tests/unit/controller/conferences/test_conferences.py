"""controller/conferences/conferences.py"""

import pytest

from controller.conferences.model import Answer, Asked, Conference, Person, Request
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from tests.unit.controller.conferences.conftest import (
    ANNA,
    BEN,
    CARA,
    HEART,
    LUNG,
    MINUTE_MS,
    NINA,
    Council,
    known,
    member,
)

ACCEPTED, DECLINED, TENTATIVE = AnswerState.ACCEPTED, AnswerState.DECLINED, AnswerState.TENTATIVE


async def test_it_is_agreed_upon_when_everybody_has_accepted_who_has_to_be_there(council: Council) -> None:
    made = await council.requested(member("dora"))
    assert (made.number, made.state) == ("MC00000001", "proposed")
    made = await council.say(made, ANNA, ACCEPTED)
    assert made.state is ConferenceState.PROPOSED
    made = await council.say(made, CARA, ACCEPTED)
    assert made.state is ConferenceState.BOOKED  # dora may come or not
    assert await council.kinds("cara") == ["asked"]  # she knows, who made it so
    assert await council.kinds("ben") == ["answered", "agreed", "answered"]
    [entry] = await council.ward.trail("conference-agreed")
    assert (entry["actor"], entry["entity"]) == ("cara", "conference/MC00000001")


async def test_who_asks_has_accepted_and_presents_if_not_named_otherwise(council: Council) -> None:
    made = await council.requested()
    ben = made.member("ben")
    assert ben and (ben.part, ben.answer, ben.required) == ("presenter", "accepted", False)
    with_ben = await council.service.conferences.request(
        Request(council.plan(), (member("ben", "chair"),), ()), BEN
    )
    assert with_ben.state is ConferenceState.BOOKED


async def test_each_case_is_in_the_trail_with_its_patient(council: Council) -> None:
    await council.requested()
    assert [one["patient"] for one in await council.ward.trail("conference-case-added")] == ["4711", "0100"]


async def test_who_declines_says_why_and_the_conference_is_open_again(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(OrderError, match="expected why"):
        await council.say(made, CARA, DECLINED)
    made = await council.say(made, CARA, DECLINED, why="operating")
    cara = made.member("cara")
    assert made.state is ConferenceState.PROPOSED and cara and cara.why == "operating"
    assert "open-again" in await council.kinds("anna") and "answered" in await council.kinds("ben")


async def test_without_whom_it_takes_place_all_the_same_is_said_by_who_asked(council: Council) -> None:
    made = await council.say(await council.agreed(), CARA, DECLINED, why="operating")
    made = await council.service.conferences.require(known(made), "cara", BEN, required=False)
    assert made.state is ConferenceState.BOOKED
    with pytest.raises(Conflict, match="chair"):
        await council.service.conferences.require(known(made), "anna", BEN, required=False)


async def test_another_time_is_proposed_and_to_it_everybody_else_is_asked_again(council: Council) -> None:
    made = await council.agreed(member("dora"))
    late_ms = made.plan.start_ms + 30 * MINUTE_MS
    with pytest.raises(OrderError, match="say when"):
        await council.say(made, CARA, TENTATIVE)
    made = await council.say(made, CARA, TENTATIVE, proposed_ms=late_ms)
    made = await council.service.conferences.move(known(made), late_ms, 45, ANNA)
    answers = {one.person.name: one.answer for one in made.members}
    assert answers == {"anna": "accepted", "cara": "accepted", "dora": "needs-action", "ben": "needs-action"}
    assert made.state is ConferenceState.BOOKED and made.plan.start_ms == late_ms
    assert "moved" in await council.kinds("dora")


async def test_only_who_leads_it_or_asked_for_it_moves_it(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(Conflict, match="anna to do this, who leads"):
        await council.service.conferences.move(known(made), made.plan.start_ms + MINUTE_MS, 45, CARA)


async def test_of_a_conference_one_was_not_asked_to_nobody_learns(council: Council) -> None:
    made = await council.agreed()
    for number in (made.number, "MC99999999"):
        with pytest.raises(NotFound, match="there is no conference"):
            await council.service.books.find(number, Person("", "dora"))
        with pytest.raises(NotFound, match="there is no conference"):
            await council.service.conferences.answer(number, Answer(ACCEPTED), By("dora"))
    assert await council.service.books.of(Person("", "dora")) == []
    assert [one.number for one in await council.service.books.of(Person("", "cara"))] == [made.number]


async def test_the_chair_begins_it_and_ends_the_talk(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(Conflict, match="who leads"):
        await council.step(made, ConferenceState.IN_PROGRESS, BEN)
    made = await council.step(made, ConferenceState.IN_PROGRESS)
    assert made.began_ms is not None and "begun" in await council.kinds("cara")
    made = await council.step(made, ConferenceState.FINISHED)
    assert made.ended_ms is not None
    again = await council.step(made, ConferenceState.IN_PROGRESS)
    assert (again.began_ms, again.ended_ms) == (made.began_ms, None)


async def test_what_was_not_agreed_upon_does_not_begin(council: Council) -> None:
    with pytest.raises(Conflict, match="proposed and cannot become in-progress"):
        await council.step(await council.requested(), ConferenceState.IN_PROGRESS)


async def test_it_is_called_off_with_a_reason_and_everybody_hears_of_it(council: Council) -> None:
    made = await council.agreed()
    with pytest.raises(OrderError, match="say why"):
        await council.step(made, ConferenceState.CANCELLED, BEN)
    made = await council.step(made, ConferenceState.CANCELLED, BEN, why="not needed")
    assert "cancelled" in await council.kinds("cara")
    with pytest.raises(Conflict, match="to come changes"):
        await council.say(made, CARA, DECLINED, why="late")


async def test_people_do_not_make_the_steps_that_happen_by_themselves(council: Council) -> None:
    made = await council.requested()
    for to in (ConferenceState.BOOKED, ConferenceState.FULFILLED):
        with pytest.raises(OrderError, match="by itself"):
            await council.step(made, to)


async def test_more_people_are_asked_even_while_it_goes_on(council: Council) -> None:
    made = await council.begun()
    made = await council.service.conferences.invite(known(made), (member("dora"),), ANNA)
    assert "asked" in await council.kinds("dora")
    with pytest.raises(Conflict, match="asked already"):
        await council.service.conferences.invite(known(made), (member("dora"),), ANNA)
    with pytest.raises(OrderError, match="second chair"):
        await council.service.conferences.invite(known(made), (member("nina", "chair"),), ANNA)


async def test_who_looked_at_an_older_one_has_to_look_again(council: Council) -> None:
    made = await council.requested()
    await council.say(made, ANNA, ACCEPTED)
    await council.service.agenda.arrange(known(await council.find(made)), order(made), BEN)
    with pytest.raises(Outdated, match="look again"):
        await council.step(made, ConferenceState.CANCELLED, BEN, why="x")


async def test_a_request_says_what_is_missing(council: Council) -> None:
    ask, chair = council.service.conferences.request, member("anna", "chair")
    for request, missing in (
        (Request(council.plan(title=" "), (chair,), (LUNG,)), "about"),
        (Request(council.plan(), (member("cara"),), (LUNG,)), "who leads it"),
        (Request(council.plan(), (chair,), (Asked("4711", "A", " "),)), "question"),
        (Request(council.plan(in_minutes=-60), (chair,), (LUNG,)), "time from now on"),
        (Request(council.plan(minutes=1), (chair,), (LUNG,)), "minutes"),
        (Request(council.plan(scribe="dora"), (chair,), (LUNG,)), "scribe"),
        (Request(council.plan(), (chair, member("nina")), (LUNG,)), "account that may be expert"),
        (Request(council.plan(), (chair, member("nobody", "presenter")), (LUNG,)), "account that may be"),
        (Request(council.plan(), (chair, member("li", site="hospital-b")), (LUNG,)), "of the directory"),
    ):
        with pytest.raises(OrderError, match=missing):
            await ask(request, BEN)
    with pytest.raises(Conflict, match="agenda already"):
        await ask(Request(council.plan(), (chair,), (LUNG, HEART, LUNG)), BEN)
    assert await council.service.books.of(Person("", "ben")) == []


async def test_a_nurse_may_present(council: Council) -> None:
    made = await council.requested(member("nina", "presenter"))
    made = await council.say(made, NINA, ACCEPTED)
    nina = made.member("nina")
    assert nina and nina.answer is ACCEPTED


async def test_a_notice_stands_until_its_person_has_read_it(council: Council) -> None:
    await council.requested()
    [notice] = await council.service.notices.open("cara")
    with pytest.raises(NotFound):
        await council.service.notices.read(notice.id, BEN)
    await council.service.notices.read(notice.id, CARA)
    assert await council.kinds("cara") == []


async def test_partner_sites_hear_of_each_change_in_its_transaction(council: Council) -> None:
    heard: list[str] = []

    def follow(db: object, action: str, conference: Conference, by: By) -> None:
        del db, by
        heard.append(f"{action} {conference.number}")
        if action == "conference-moved":
            raise Conflict("the partner's queue is full")

    council.service.books.followers.append(follow)
    made = await council.agreed()
    assert heard[0] == "conference-requested MC00000001" and "conference-agreed MC00000001" in heard
    with pytest.raises(Conflict, match="queue"):
        await council.service.conferences.move(known(made), made.plan.start_ms + MINUTE_MS, 45, ANNA)
    assert (await council.find(made)).plan.start_ms == made.plan.start_ms


def order(made: Conference) -> list[int]:
    return [one.id for one in made.cases]
