"""controller/partners/notices.py: who is told of what a partner says, and until when."""

from dataclasses import replace

import pytest

from controller.conferences.model import Answer
from controller.conferences.states import AnswerState
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.partners.states import ReferralState
from tests.support.sites import DAY_MS, Site
from tests.unit.controller.partners.conftest import Two
from tests.unit.controller.partners.test_conferences import LI, asked, known_experts
from tests.unit.controller.partners.test_referrals import ANNA, BEN, sent


async def told(one: Site, person: str) -> list[tuple[str, str]]:
    return [(each.kind, each.detail) for each in await one.parts.notices.open(person)]


async def test_a_referral_is_told_to_whoever_may_take_it_until_somebody_has(two: Two) -> None:
    a, b = two
    _, theirs = await sent(a, b)
    assert await told(b, "ben") == await told(b, "li") == [("referral", "")]
    [notice] = await b.parts.notices.open("ben")
    assert (notice.referral, notice.number, notice.site_name) == (theirs.id, theirs.number, "Hospital A")
    with pytest.raises(NotFound, match="for you to have read"):
        await b.parts.notices.read(notice.id, BEN)  # nobody waves it away for the others
    await b.parts.referrals.answer(theirs.id, theirs.revision, ReferralState.ACCEPTED, BEN)
    assert await told(b, "ben") == await told(b, "li") == []


async def test_a_referral_that_names_an_expert_is_told_to_that_one_alone(two: Two) -> None:
    a, b = two
    await known_experts(a, b)
    await sent(a, b, "li")
    assert (await told(b, "li"), await told(b, "ben")) == ([("referral", "")], [])
    b.clock.let_pass(31 * DAY_MS)
    assert await told(b, "li") == []


async def test_who_referred_is_told_the_answer_and_that_the_patient_is_back_until_it_is_read(
    two: Two,
) -> None:
    a, b = two
    _, theirs = await sent(a, b)
    made = await b.parts.referrals.answer(theirs.id, theirs.revision, ReferralState.ACCEPTED, BEN)
    await b.parts.referrals.give_back(made.id, made.revision, "Went well.", BEN)
    await b.deliver(a)
    assert await told(a, "anna") == [("completed", ""), ("accepted", "")]
    assert await told(a, "carl") == []
    for notice in await a.parts.notices.open("anna"):
        with pytest.raises(NotFound):
            await a.parts.notices.read(notice.id, By("carl"))
        await a.parts.notices.read(notice.id, ANNA)
    assert await told(a, "anna") == []
    assert ("partner-notice-read", "anna") in await a.actions()


async def test_who_took_a_patient_is_told_that_it_was_taken_back(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    await b.parts.referrals.answer(theirs.id, theirs.revision, ReferralState.ACCEPTED, BEN)
    await b.deliver(a)
    await a.parts.referrals.cancel(ours.id, ours.revision + 1, replace(ANNA, why="better"))
    await a.deliver(b)
    assert (await told(b, "ben"), await told(b, "li")) == ([("cancelled", "better")], [])


async def test_an_invitation_is_told_to_its_person_until_they_answer(two: Two) -> None:
    a, b = two
    made = await asked(a, b)
    assert (await told(b, "li"), await told(b, "ben")) == ([("asked", "Heart team")], [])
    await b.parts.invitations.answer("hospital-a", made.number, Answer(AnswerState.ACCEPTED), LI)
    assert await told(b, "li") == []
