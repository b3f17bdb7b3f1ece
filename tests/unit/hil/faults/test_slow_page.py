"""A number that is older than what stands beside it is a lie, unless the board says that it is not live."""

from hil.faults.busy_gateway import LEAST_PULSE, PULSES
from hil.faults.slow_page import Look, lies


def look(
    measured_s: float, now_s: float, shown_s: int, *, took_s: float = 0, warned: bool = False
) -> list[str]:
    number = LEAST_PULSE + int(measured_s) % PULSES
    at, end = int(now_s * 1e9), int((now_s + took_s) * 1e9)
    return list(lies(Look(at, end, warned, ((number, shown_s),), 0)))


def test_an_old_number_that_looks_old_is_honest() -> None:
    assert look(1000.5, 1004.5, 4) == []
    assert look(1000.5, 1009.9, 8) == []


def test_an_old_number_that_looks_new_is_a_lie() -> None:
    assert look(1000, 1009, 0) == ["a pulse rate that was 8 s old was shown as 0 s old"]


def test_not_on_a_board_that_says_that_it_is_not_live() -> None:
    assert look(1000, 1009, 0, warned=True) == []


def test_a_number_that_has_just_been_measured_is_honest_whatever_the_cycle() -> None:
    for second in range(1, 2 * PULSES):
        assert look(second, second + 0.3, 0) == []
        assert look(second, second - 0.1, 0) == []


def test_a_number_that_was_measured_while_one_looked_is_honest() -> None:
    assert look(1006, 1000, 0, took_s=8) == []
    assert look(1000 - 12, 1000, 0, took_s=8) == ["a pulse rate that was 11 s old was shown as 0 s old"]


def test_one_that_looks_older_than_it_is_does_no_harm() -> None:
    assert look(1000, 1002, 9) == []
