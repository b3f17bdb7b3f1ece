"""Rounds of questions: one at a time, each at once after the last answer, again when there is none."""

from devices.codecs.rounds import Rounds
from devices.model.observation import Instant, later

START = Instant(5_000_000_000)


def rounds(*questions: bytes) -> Rounds:
    made = Rounds(lambda number: [*questions, b"%d" % number])
    assert made.next_timer() == 0
    assert made.lapsed(START) is None
    return made


def test_the_first_question_is_due_at_once_and_is_sent_once() -> None:
    made = Rounds(lambda _number: [b"a", b"b"])
    assert (made.take(), made.take()) == (b"a", b"")


def test_the_next_question_follows_the_answer_and_the_next_round_the_pause() -> None:
    made = rounds(b"a")
    made.take()
    made.answered(later(START, 0.1))
    assert (made.open, made.take()) == (b"0", b"0")
    made.answered(later(START, 0.2))
    assert (made.open, made.take()) == (None, b"")
    assert made.next_timer() == later(START, 1.0)
    assert made.lapsed(later(START, 1.0)) is None
    assert made.take() == b"a"


def test_a_question_that_nobody_answers_is_told_and_the_next_one_asked() -> None:
    made = rounds(b"a")
    made.take()
    assert made.lapsed(later(START, 0.5)) is None
    assert made.lapsed(later(START, 1.0)) == b"a"
    assert made.take() == b"0"
    assert made.lapsed(later(START, 2.0)) == b"0"
    assert made.next_timer() == later(START, 2.0)
    assert made.lapsed(later(START, 2.0)) is None
    assert made.take() == b"a"


def test_an_answer_before_the_first_timer_counts() -> None:
    made = Rounds(lambda number: [b"%d" % number])
    made.answered(START)
    assert made.next_timer() == later(START, 1.0)


def test_a_round_without_questions_is_a_pause() -> None:
    made = Rounds(lambda number: [b"a"] if number == 2 else [])
    assert (made.open, made.take()) == (None, b"")
    for second in (0, 1):
        assert made.lapsed(later(START, float(second))) is None
        assert made.take() == b""
    made.lapsed(later(START, 2.0))
    assert made.take() == b"a"
