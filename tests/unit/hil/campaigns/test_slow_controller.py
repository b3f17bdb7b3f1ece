"""When an alarm has waited for the backlog."""

from hil.campaigns.slow_controller import Alarm

SECOND = 1_000_000_000


def alarm(behind: int, *, seen: int | None, overtook: int = 0) -> Alarm:
    return Alarm(0, 10 * SECOND, 50_000, behind, seen, overtook)


def test_an_alarm_that_was_never_stored_is_a_problem_whatever_was_behind() -> None:
    assert alarm(0, seen=None).problem() == "an alarm was never stored"


def test_one_stored_before_the_readings_that_were_sent_before_it_is_none() -> None:
    assert alarm(20_000, seen=30 * SECOND, overtook=100).problem() is None


def test_one_stored_after_all_of_them_has_waited() -> None:
    assert alarm(20_000, seen=12 * SECOND, overtook=0).problem() == (
        "an alarm waited 2.0 s, as long as the backlog"
    )


def test_one_stored_at_once_has_not_waited_even_if_the_backlog_was_gone_as_soon() -> None:
    assert alarm(20_000, seen=11 * SECOND, overtook=0).problem() is None


def test_without_a_backlog_there_is_nothing_to_overtake() -> None:
    assert alarm(100, seen=15 * SECOND, overtook=-5).problem() is None
