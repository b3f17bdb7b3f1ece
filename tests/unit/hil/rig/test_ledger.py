"""Whether every number of a node is here once, in order, or told as lost."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.rig.ledger import ROUND, Told, accounted, unturned

OLD, NEW = b"old", b"new"


def lane(numbers: Sequence[int], stream: int = 1, journal: bytes = OLD) -> list[Told]:
    return [Told(journal, stream, number % ROUND) for number in numbers]


def test_numbers_without_a_gap_are_all_there() -> None:
    assert accounted(lane([5, 6, 7]), [], 4).problems() == []


def test_a_missing_number_is_silent() -> None:
    account = accounted(lane([5, 7]), [], 4)
    assert account.silent == [6]
    assert account.problems() == ["readings 6 are neither here nor told as lost"]


def test_what_is_missing_right_after_the_mark_is_silent() -> None:
    assert accounted(lane([7]), [], 4).silent == [5, 6]


def test_a_missing_number_that_is_told_is_a_gap() -> None:
    assert accounted(lane([5, 8]), [(6, 7)], 4).problems() == []


def test_a_number_that_is_there_twice_is_a_problem() -> None:
    assert "readings 6 are here twice" in accounted(lane([5, 6, 6, 7]), [], 4).problems()


def test_a_number_that_was_there_before_the_mark_is_a_problem() -> None:
    account = accounted(lane([4, 5]), [], 4, frozenset({OLD}))
    assert account.problems() == ["readings 4 are here, and were before"]


def test_a_number_after_a_later_one_is_a_problem() -> None:
    assert "readings 5 are here after a later one" in accounted(lane([6, 5, 7]), [], 4).problems()


def test_lanes_are_each_in_order_and_together_complete() -> None:
    assert accounted([*lane([5, 8, 9]), *lane([6, 7], stream=2)], [], 4).problems() == []


def test_what_a_killed_gateway_takes_twice_is_told_apart() -> None:
    account = accounted([*lane([5, 6]), *lane([6, 7], 2, NEW)], [], 4)
    assert account.again == [6]
    assert account.problems() == []


def test_what_a_new_journal_has_again_of_before_the_mark_is_told_apart() -> None:
    account = accounted(lane([4, 5], 2, NEW), [], 4, frozenset({OLD}))
    assert account.again == [4]
    assert account.problems() == []


def test_what_is_told_as_lost_and_is_there_is_a_problem() -> None:
    assert accounted(lane([5, 6]), [(6, 6)], 4).problems() == [
        "readings 6 are here, although they were told as lost"
    ]


def test_without_a_mark_the_first_that_came_is_the_first() -> None:
    assert accounted(lane([70, 71]), [(64, 69)], None).problems() == []


@pytest.mark.parametrize("first", [ROUND - 3, 2 * ROUND - 1, 3 * ROUND])
def test_numbers_go_on_when_the_value_begins_again(first: int) -> None:
    numbers = range(first, first + 6)
    assert accounted(lane(numbers), [], first - 1).problems() == []


@given(st.integers(0, 10**6), st.integers(-ROUND // 2 + 1, ROUND // 2 - 1))
def test_a_number_is_found_again_from_its_turn(near: int, step: int) -> None:
    assert unturned((near + step) % ROUND, near) == near + step


@given(st.sets(st.integers(5, 400), min_size=1), st.integers(0, 5 * ROUND))
def test_whatever_is_taken_out_is_silent_until_it_is_told(gone: set[int], base: int) -> None:
    here = [base + n for n in range(5, 402) if n not in gone]
    account = accounted(lane(here), [], base + 4)
    missing = sorted(base + n for n in gone)
    assert account.silent == missing
    assert accounted(lane(here), [(one, one) for one in missing], base + 4).problems() == []
