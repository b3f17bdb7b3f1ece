"""controller/partners/invitations.py, ways.py, joining.py, told.py: experts and conferences across sites."""

import pytest

from controller.conferences.model import Answer, Asked, Conference, Known, Member, Person, Plan, Request
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.partners.access import PartnerSessions
from controller.partners.messages import WayInAsked
from controller.partners.states import PartnerState
from tests.support.sites import CARDIOLOGY, Site, step
from tests.unit.controller.partners.conftest import Two

ANNA, LI = By("anna", "10.0.0.2"), By("li", "10.0.0.9")
"""Of hospital A, the host; of hospital B."""
THERE = Person("hospital-b", "li")


async def known_experts(a: Site, b: Site) -> None:
    await a.expert("anna", "Dr. Anna")
    await b.expert("li", "Dr. Li")
    await b.parts.teller.look()
    await b.deliver(a)


async def asked(a: Site, b: Site) -> Conference:
    """Anna leads it, and has asked Li of the other site."""
    await known_experts(a, b)
    plan = Plan("Heart team", a.conferences.books.utc_ms() + 60_000, 30)
    members = [
        Member(Person("", "anna"), "Dr. Anna", "chair", required=True),
        Member(THERE, "Dr. Li", "expert", required=True),
    ]
    cases = [Asked("4711", "Muster, Anna", "Operate or wait?")]
    made = await a.conferences.conferences.request(Request(plan, members, cases), ANNA)
    await a.deliver(b)
    return made


async def answered(a: Site, b: Site, made: Conference, said: Answer) -> Conference:
    await b.parts.invitations.answer("hospital-a", made.number, said, LI)
    await b.deliver(a)
    return await a.conferences.books.find(made.number, Person("", "anna"))


async def begun(a: Site, b: Site) -> Conference:
    agreed = await answered(a, b, await asked(a, b), Answer(AnswerState.ACCEPTED))
    known = Known(agreed.number, agreed.revision)
    made = await a.conferences.conferences.step(known, ConferenceState.IN_PROGRESS, ANNA)
    await a.deliver(b)
    return made


async def test_experts_of_a_partner_are_in_the_directory_as_of_that_hospital(two: Two) -> None:
    a, b = two
    await known_experts(a, b)
    found = await a.conferences.directory.find(THERE)
    assert found is not None
    assert (found.profile.display, found.profile.hospital) == ("Dr. Li", "Hospital B")
    assert found.profile.specialities == (CARDIOLOGY,)
    before = await b.rows("SELECT count(*) FROM partner_sent")
    await b.parts.teller.look()
    assert await b.rows("SELECT count(*) FROM partner_sent") == before


async def test_who_is_asked_at_home_is_told_no_patient(two: Two) -> None:
    a, b = two
    made = await asked(a, b)
    [mine] = await b.parts.invitations.of("li")
    assert (mine.site_name, mine.number, mine.told["title"]) == ("Hospital A", made.number, "Heart team")
    assert mine.told["cases"] == [{"place": 1, "question": "Operate or wait?", "minutes": 10}]
    assert await b.parts.invitations.of("ben") == []
    sent = await a.rows("SELECT body FROM partner_sent WHERE topic = 'conference'")
    assert all(b"4711" not in body and b"Muster" not in body for (body,) in sent)


async def test_the_answer_reaches_the_host_and_how_it_stands_comes_back(two: Two) -> None:
    a, b = two
    now = await answered(a, b, await asked(a, b), Answer(AnswerState.ACCEPTED))
    assert now.state is ConferenceState.BOOKED
    assert ("conference-answered", "site:hospital-b/li") in await a.actions()
    await a.deliver(b)
    [mine] = await b.parts.invitations.of("li")
    assert (mine.told["state"], mine.told["members"][0]["answer"]) == ("booked", "accepted")


async def test_another_time_is_proposed_and_a_reason_is_asked_for(two: Two) -> None:
    a, b = two
    made = await asked(a, b)
    with pytest.raises(Conflict, match="time"):
        await b.parts.invitations.answer("hospital-a", made.number, Answer(AnswerState.TENTATIVE), LI)
    with pytest.raises(Conflict, match="why"):
        await b.parts.invitations.answer("hospital-a", made.number, Answer(AnswerState.DECLINED), LI)
    with pytest.raises(NotFound):
        await b.parts.invitations.answer("hospital-a", made.number, Answer(AnswerState.ACCEPTED), By("ben"))
    later_ms = made.plan.start_ms + 3_600_000
    now = await answered(a, b, made, Answer(AnswerState.TENTATIVE, "in theatre", later_ms))
    member = now.member(THERE.actor)
    assert member is not None
    assert (member.answer, member.proposed_ms) == (AnswerState.TENTATIVE, later_ms)


async def test_what_happens_while_suspended_is_told_afterwards(two: Two) -> None:
    a, b = two
    made = await asked(a, b)
    await step(a, b, PartnerState.SUSPENDED)
    known = Known(made.number, made.revision)
    await a.conferences.conferences.move(known, made.plan.start_ms + 60_000, 20, ANNA)
    await step(a, b, PartnerState.ACTIVE)
    await a.parts.teller.catch_up()
    await a.deliver(b)
    [mine] = await b.parts.invitations.of("li")
    assert mine.told["minutes"] == 20


async def test_who_has_accepted_gets_in_once_as_of_that_hospital(two: Two) -> None:
    a, b = two
    made = await begun(a, b)
    address = await b.parts.joining.way_in("hospital-a", made.number, LI)
    page, _, token = address.partition("#")
    assert page == "https://hospital-a.example/partner-room"
    session = await a.parts.ways.enter(token, "10.0.0.9")
    assert session is not None
    assert await a.parts.ways.enter(token, "10.0.0.9") is None
    access = await PartnerSessions(a.store, a.clock).find(session)
    assert access is not None
    assert (access.user.name, access.name, access.conference) == (
        *("site:hospital-b/li", "Dr. Li (Hospital B)"),
        made.number,
    )
    assert ("conference-entered", "site:hospital-b/li") in await a.actions()
    await step(a, b, PartnerState.SUSPENDED)
    assert await PartnerSessions(a.store, a.clock).find(session) is None


async def test_a_way_in_is_good_for_a_minute(two: Two) -> None:
    a, b = two
    made = await begun(a, b)
    token = (await b.parts.joining.way_in("hospital-a", made.number, LI)).partition("#")[2]
    a.clock.let_pass(61_000)
    assert await a.parts.ways.enter(token, "10.0.0.9") is None
    assert await a.parts.ways.enter("x", "10.0.0.9") is None
    assert await PartnerSessions(a.store, a.clock).find(None) is None


async def test_whoever_was_not_asked_or_has_not_accepted_gets_no_way_in(two: Two) -> None:
    a, b = two
    made = await asked(a, b)
    with pytest.raises(Conflict, match="accepted"):
        await b.parts.joining.way_in("hospital-a", made.number, LI)
    partner = await a.partner(b)
    # Who vouches for a name of ours vouches for somebody of its own of that name, who was not asked.
    with pytest.raises(NotFound):
        await a.parts.ways.give(partner, WayInAsked(number=made.number, name="anna"), "10.0.0.9")
    assert ("conference-way-in", "site:hospital-b/anna") in await a.actions("refused")
