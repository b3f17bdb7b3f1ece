"""What the operator is asked for, and when: told as a talk."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.quality_on_demand import Standing
from gateway.quality.session import (
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    SELDOM_S,
    SOON_S,
    TOLD_S,
    Create,
    Delete,
    Extend,
    Find,
    Look,
)
from tests.unit.gateway.quality.talk import ASKED_S, Talk, name, told


@pytest.fixture
def held() -> Talk:
    """A session that is AVAILABLE."""
    talk = Talk()
    talk.session.want(True)
    assert talk.answers(told()) == Create()
    return talk


def test_at_first_it_looks_for_what_an_earlier_start_left_and_gives_it_back() -> None:
    talk = Talk(found=False)
    assert talk.answers(told(8), told(9)) == Find()
    assert [talk.answers(), talk.answers()] == [Delete(name(8)), Delete(name(9))]
    assert talk.asks() is None
    assert talk.stands == (Standing.RELEASED, "")


SINK = "https://hospital.example/api/quality/notifications"


@pytest.fixture
def told_of() -> Talk:
    """A session that is AVAILABLE, and of whose state the operator tells."""
    talk = Talk()
    talk.session.want(True)
    talk.answers(told(duration_s=10 * ASKED_S, sink=SINK))
    return talk


def test_a_session_that_the_operator_tells_of_is_hardly_asked_for(told_of: Talk) -> None:
    assert told_of.session.told == name()
    assert told_of.passes(TOLD_S - 1).asks() is None
    assert told_of.passes(1).asks() == Look(name())


def test_what_is_told_of_it_is_asked_at_once_and_the_answer_counts(told_of: Talk) -> None:
    told_of.session.notified(name(), told_of.now)
    assert told_of.answers(told(duration_s=10 * ASKED_S, sink=SINK)) == Look(name())
    assert told_of.stands == (Standing.AVAILABLE, "")  # whatever somebody said
    assert told_of.asks() is None
    told_of.session.notified(name(), told_of.now)
    told_of.answers(told(status="UNAVAILABLE", why="NETWORK_TERMINATED"))
    assert told_of.stands == (Standing.ENDED, "NETWORK_TERMINATED")
    assert told_of.session.told == ""


def test_what_is_told_of_another_session_is_nothing(told_of: Talk) -> None:
    told_of.session.notified(name(2), told_of.now)
    assert told_of.asks() is None


def test_an_operator_that_takes_no_sink_is_asked_as_before(held: Talk) -> None:
    assert held.session.told == ""
    assert held.passes(SELDOM_S).asks() == Look(name())


def test_unwanted_it_asks_for_nothing() -> None:
    assert Talk().passes(86_400).asks() is None


def test_requested_it_is_asked_for_often_and_available_seldom() -> None:
    talk = Talk()
    talk.session.want(True)
    talk.answers(told(status="REQUESTED"))
    assert talk.stands == (Standing.REQUESTED, "")
    assert talk.asks() is None
    assert talk.passes(SOON_S).answers(told()) == Look(name())
    assert talk.stands == (Standing.AVAILABLE, "")
    assert talk.passes(SELDOM_S - 1).asks() is None
    assert talk.passes(1).asks() == Look(name())


def test_unwanted_it_is_deleted_and_told(held: Talk) -> None:
    held.session.want(False)
    assert held.answers() == Delete(name())
    assert held.stands == (Standing.RELEASED, "")
    assert held.asks() is None


def until_extended(talk: Talk, seconds: int, granted_s: int = ASKED_S) -> int:
    """Looks for so long at most; after how many seconds it asked for more."""
    for second in range(seconds):
        if isinstance(request := talk.asks(), Extend):
            assert request == Extend(name(), ASKED_S)
            return second
        if request:
            talk.answers(told(duration_s=granted_s))
        talk.passes(1)
    raise AssertionError(f"not extended within {seconds} s")


def test_it_is_extended_before_its_end_and_again_before_the_next(held: Talk) -> None:
    assert until_extended(held, ASKED_S) == ASKED_S * 3 // 4
    held.answers(told(duration_s=2 * ASKED_S))
    assert until_extended(held, ASKED_S + 1, granted_s=2 * ASKED_S) == ASKED_S


def test_one_that_was_provided_late_is_extended_too() -> None:
    talk = Talk()
    talk.session.want(True)
    talk.answers(told(status="REQUESTED"))
    assert talk.passes(20).answers(told()) == Look(name())
    assert until_extended(talk, ASKED_S) == ASKED_S * 3 // 4 - 20


def test_a_shorter_duration_that_the_operator_grants_is_what_counts() -> None:
    talk = Talk()
    talk.session.want(True)
    talk.answers(told(duration_s=60))
    assert until_extended(talk, 60, granted_s=60) == 45


def test_at_the_longest_duration_of_the_profile_it_is_not_asked_again_and_a_new_session_follows(
    held: Talk,
) -> None:
    until_extended(held, ASKED_S)
    held.answers(told(duration_s=ASKED_S))  # the document: capped
    held.passes(ASKED_S)
    assert held.answers(told(status="UNAVAILABLE", why="DURATION_EXPIRED")) == Look(name())
    assert held.stands == (Standing.ENDED, "DURATION_EXPIRED")
    held.passes(FIRST_WAIT_S)
    assert held.answers() == Delete(name())
    assert held.answers(told(2)) == Create()


def test_what_the_network_ends_is_deleted_first_and_then_asked_for_again(held: Talk) -> None:
    held.passes(SELDOM_S).answers(told(status="UNAVAILABLE", why="NETWORK_TERMINATED"))
    assert held.stands == (Standing.ENDED, "NETWORK_TERMINATED")
    assert held.asks() is None
    assert held.passes(FIRST_WAIT_S).answers() == Delete(name())
    assert held.answers(told(2)) == Create()
    assert held.stands == (Standing.AVAILABLE, "")


def test_a_session_that_the_operator_does_not_know_any_more_is_asked_for_again(held: Talk) -> None:
    assert held.passes(SELDOM_S).refuses(404, "NOT_FOUND") == Look(name())
    assert held.passes(FIRST_WAIT_S).answers(told(2)) == Create()


@pytest.mark.parametrize("status", [400, 403, 422, 429])
def test_a_refusal_is_told_and_the_waits_grow(status: int) -> None:
    talk = Talk()
    talk.session.want(True)
    waits = []
    for _ in range(8):
        assert talk.refuses(status) == Create()
        due = talk.session.due()
        assert due is not None
        waits.append((due - talk.now) / 1e9)
        talk.now = due
    assert talk.stands == (Standing.REFUSED, f"{status} CODE")
    assert waits == [2, 4, 8, 16, 32, 64, LONGEST_WAIT_S, LONGEST_WAIT_S]
    assert talk.answers(told()) == Create()
    assert talk.stands == (Standing.AVAILABLE, "")


def test_it_waits_for_as_long_as_the_operator_says() -> None:
    talk = Talk()
    talk.session.want(True)
    talk.refuses(429, retry_after_s=50)
    assert talk.passes(49).asks() is None
    assert talk.passes(1).asks() == Create()


@pytest.mark.parametrize("status", [409, 500, 503])
def test_after_a_conflict_or_a_fault_it_looks_for_the_session_that_may_be_there(status: int) -> None:
    talk = Talk()
    talk.session.want(True)
    talk.refuses(status)
    talk.passes(FIRST_WAIT_S)
    assert talk.answers(told(5)) == Find()
    assert talk.answers() == Delete(name(5))
    assert talk.answers(told(6)) == Create()


def test_an_operator_that_cannot_tell_which_sessions_there_are_is_asked_all_the_same() -> None:
    talk = Talk(found=False)
    talk.session.want(True)
    assert talk.refuses(501, "NOT_IMPLEMENTED") == Find()
    assert talk.passes(FIRST_WAIT_S).answers(told()) == Create()


def test_after_an_answer_that_was_lost_it_looks_for_the_session_that_may_be_there() -> None:
    talk = Talk()
    talk.session.want(True)
    assert talk.loses() == Create()
    assert talk.stands == (Standing.UNREACHABLE, "nobody answers")
    assert talk.passes(FIRST_WAIT_S).answers(told(5)) == Find()


def test_one_lost_answer_is_no_news_but_the_third_is_and_the_next_that_comes(held: Talk) -> None:
    held.passes(SELDOM_S)
    for wait_s in (2, 4):
        held.loses()
        assert held.stands == (Standing.AVAILABLE, "")
        held.passes(wait_s)
    held.loses()
    assert held.stands == (Standing.UNREACHABLE, "nobody answers")
    assert held.passes(8).answers(told()) == Look(name())
    assert held.stands == (Standing.AVAILABLE, "")


def test_a_refused_extension_leaves_the_session_as_it_is(held: Talk) -> None:
    until_extended(held, ASKED_S)
    assert held.refuses(429, "TOO_MANY_REQUESTS") == Extend(name(), ASKED_S)
    assert held.stands == (Standing.AVAILABLE, "")
    assert held.passes(FIRST_WAIT_S).asks() in (Look(name()), Extend(name(), ASKED_S))


def test_wanted_again_after_a_deletion_without_answer_it_looks_whether_it_is_still_there(held: Talk) -> None:
    held.session.want(False)
    assert held.loses() == Delete(name())
    held.session.want(True)
    assert held.passes(FIRST_WAIT_S).answers(told()) == Look(name())
    assert held.stands == (Standing.AVAILABLE, "")


def test_a_refused_deletion_is_tried_until_it_is_done(held: Talk) -> None:
    held.session.want(False)
    assert held.refuses(503) == Delete(name())
    assert held.passes(FIRST_WAIT_S).refuses(404, "NOT_FOUND") == Delete(name())
    assert held.session.is_clear


@given(st.lists(st.sampled_from(["refused", "lost"]), max_size=30))
@settings(max_examples=30, deadline=None)
def test_whatever_fails_it_asks_at_most_every_two_seconds(fails: list[str]) -> None:
    talk = Talk()
    talk.session.want(True)
    for how in fails:
        _ = talk.refuses(422) if how == "refused" else talk.loses()
        assert talk.passes(FIRST_WAIT_S - 0.1).asks() is None
        talk.passes(LONGEST_WAIT_S)
