"""What waits to be stored: alerts first, and never more than there is room for."""

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from controller.inbox import OVERHEAD, Inbox
from controller.ingest import Arrived
from devices.wire import topics

ALL, PLENTY = 1_000, 10**9
WHAT = ("alert", "vital", "wave", "bulk", "birth", "state", "else")
URGENCY = dict(zip(WHAT, (0, 1, 2, 3, 1, 1, 3), strict=True))

arrivals = st.tuples(st.sampled_from(WHAT), st.integers(0, 2_000), st.integers(0, 10**9))
many = st.lists(arrivals, max_size=40, unique_by=lambda one: one[2])
numbers = itertools.count(10**9 + 1)


def message(what: str, size: int = 8, number: int | None = None) -> Arrived:
    """A message like no other, or the one of that number."""
    number = next(numbers) if number is None else number
    return Arrived(topics.up("ward-a", what), number.to_bytes(8, "big").ljust(size, b"."), number)


def whats(batch: list[Arrived]) -> list[str]:
    return [arrived.topic.rpartition("/")[2] for arrived in batch]


def test_an_alert_overtakes_the_backlog() -> None:
    inbox = Inbox(PLENTY)
    for what in ("bulk", "wave", "vital", "vital", "alert"):
        inbox.put(message(what))
    assert whats(inbox.take(2, PLENTY)) == ["alert", "vital"]
    inbox.put(message("alert"))
    assert whats(inbox.take(ALL, PLENTY)) == ["alert", "vital", "wave", "bulk"]


def test_births_and_states_go_with_the_readings_and_hold_up_no_alert() -> None:
    inbox = Inbox(PLENTY)
    for what in ("vital", "state", "birth", "alert"):
        inbox.put(message(what))
    assert whats(inbox.take(ALL, PLENTY)) == ["alert", "vital", "state", "birth"]


def test_what_is_addressed_to_nobody_waits_for_all_others() -> None:
    inbox = Inbox(PLENTY)
    strange, bulk = Arrived("a/strange/topic", b"", 0), message("bulk")
    for one in (strange, bulk, message("vital")):
        inbox.put(one)
    assert inbox.take(ALL, PLENTY)[-2:] == [strange, bulk]


def test_a_copy_of_what_waits_is_not_taken_in_and_the_first_keeps_its_place_and_time() -> None:
    inbox = Inbox(PLENTY)
    first, second = message("wave"), message("wave")
    for one in (first, second, first._replace(at_us=first.at_us + 5_000_000)):
        assert inbox.put(one) == 0
    assert inbox.take(ALL, PLENTY) == [first, second]
    inbox.put(first)
    assert inbox.take(ALL, PLENTY) == [first]


def test_a_full_inbox_turns_the_newest_of_the_least_urgent_away() -> None:
    inbox = Inbox(3 * (OVERHEAD + 100))
    for what in ("wave", "vital", "wave"):
        assert inbox.put(message(what, 100)) == 0
    assert inbox.put(message("wave", 100)) == 1
    assert inbox.put(message("alert", 100)) == 1
    assert inbox.put(message("alert", 100)) == 1
    assert whats(inbox.take(ALL, PLENTY)) == ["alert", "alert", "vital"]


def test_a_batch_ends_with_the_message_that_fills_it() -> None:
    inbox = Inbox(PLENTY)
    for _ in range(5):
        inbox.put(message("vital", 400))
    assert len(inbox.take(ALL, 1_000)) == 3
    assert len(inbox.take(1, 1_000)) == 1


@given(many)
def test_nothing_is_lost_doubled_or_disordered_in_its_lane(arrived: list[tuple[str, int, int]]) -> None:
    inbox = Inbox(PLENTY)
    messages = [message(*one) for one in arrived]
    for one in messages:
        assert inbox.put(one) == 0
    taken: list[Arrived] = []
    while inbox:
        taken += inbox.take(3, 1_500)
    assert taken == sorted(messages, key=lambda one: URGENCY[one.topic.rpartition("/")[2]])
    assert inbox.bytes == 0


@given(many, st.integers(OVERHEAD, 20 * OVERHEAD))
def test_it_never_holds_more_than_its_room_and_counts_what_it_turns_away(
    arrived: list[tuple[str, int, int]], room: int
) -> None:
    inbox, turned_away = Inbox(room), 0
    for one in arrived:
        turned_away += inbox.put(message(*one))
        assert inbox.bytes <= room
    taken = inbox.take(ALL, PLENTY)
    assert len(taken) + turned_away == len(arrived)
    assert not Counter(taken) - Counter(message(*one) for one in arrived)
    assert inbox.bytes == 0


@given(many, st.integers(0, 60), st.integers(OVERHEAD, 40_000))
def test_it_knows_whether_a_block_of_the_alert_lane_waits(
    arrived: list[tuple[str, int, int]], taken: int, room: int
) -> None:
    inbox = Inbox(room)
    for what, size, number in arrived:
        inbox.put(message(what, size, number))
    inbox.take(taken, PLENTY)
    knew = inbox.has_alert
    assert knew == ("alert" in whats(inbox.take(ALL, PLENTY)))
    assert not inbox.has_alert
