"""A flood of refusals becomes few entries, and says how many they were."""

from controller.audit.entry import REFUSED, Entry
from controller.audit.tally import KINDS, MINUTE_US, Tally


def refused(where: str = "10.0.0.1", actor: str = "nurse") -> Entry:
    return Entry("login", actor, outcome=REFUSED, where=where, detail={"code": 401})


def test_the_first_is_told_at_once_and_the_others_as_a_number_a_minute_later() -> None:
    tally = Tally()
    assert tally.take(refused(), 0) == [refused()]
    assert [tally.take(refused(), n) for n in range(1, 100)] == [[]] * 99
    assert tally.ended(MINUTE_US - 1) == []
    [count] = tally.ended(MINUTE_US)
    assert count.detail == {"code": 401, "more": 99}
    assert tally.take(refused(), MINUTE_US + 1) == [refused()]


def test_one_alone_is_told_once() -> None:
    tally = Tally()
    tally.take(refused(), 0)
    assert tally.ended() == []


def test_what_differs_in_anything_is_told_apart() -> None:
    tally = Tally()
    different = [
        refused(),
        refused("10.0.0.2"),
        refused(actor="anna"),
        Entry("login", "nurse", where="10.0.0.1"),
    ]
    assert [tally.take(one, 0) for one in different] == [[one] for one in different]


def test_counts_that_are_due_come_with_the_next_of_another_kind() -> None:
    tally = Tally()
    for _ in range(3):
        tally.take(refused(), 0)
    [count, other] = tally.take(refused("10.0.0.2"), MINUTE_US)
    assert (count.where, count.detail["more"]) == ("10.0.0.1", 2)
    assert other.where == "10.0.0.2"


def test_addresses_without_number_are_counted_together() -> None:
    tally = Tally()
    told = [one for n in range(3 * KINDS) for one in tally.take(refused(f"10.0.{n >> 8}.{n & 255}"), n)]
    assert len(told) == KINDS + 1
    assert told[-1].where == "many"
    [count] = tally.ended()
    assert count.detail["more"] == 2 * KINDS - 1
