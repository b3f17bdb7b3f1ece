"""A silent broker is given up soon on a quick path, patiently on a slow one, never while it owes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.silence import Silence


def after(trips_s: list[float], every_s: float = 1.0) -> tuple[Silence, float]:
    """Answers that took so long, one after the other; and the time then."""
    silence, now = Silence(), 0.0
    for trip_s in trips_s:
        asked = silence.asked(now, 100)
        now += trip_s
        silence.answered(asked, now)
        now += every_s
    return silence, now


def noticed_s(silence: Silence, now: float, size: int = 100) -> float:
    """How long after a question that gets no answer the silence is too long."""
    silence.asked(now, size)
    for step in range(1, 600):
        if silence.too_long(now + step / 10):
            return step / 10
    raise AssertionError


def test_on_a_quick_path_three_seconds_without_an_answer_are_too_long() -> None:
    assert 3.0 < noticed_s(*after([0.05] * 20)) < 3.5


def test_a_path_that_is_slow_gets_more_time() -> None:
    assert 4.0 < noticed_s(*after([2.5] * 20)) < 10


def test_a_path_that_varies_gets_more_time_than_a_steady_one() -> None:
    assert noticed_s(*after([0.5, 4.0] * 10)) > noticed_s(*after([2.25] * 20))


def test_a_large_message_may_take_longer() -> None:
    assert noticed_s(*after([0.05] * 20), size=40_000) > 12


@given(st.lists(st.floats(0.001, 20), max_size=20), st.floats(0, 1e6))
def test_who_owes_nothing_may_be_silent_for_ever(trips_s: list[float], later_s: float) -> None:
    silence, now = after(trips_s)
    assert not silence.too_long(now + later_s)


def test_whoever_says_anything_is_alive() -> None:
    silence, now = after([0.05] * 20)
    silence.asked(now, 100)
    for second in range(60):
        silence.heard(now + second)
        assert not silence.too_long(now + second + 1)
    assert silence.too_long(now + 63)
