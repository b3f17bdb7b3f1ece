"""controller/telemedicine/rooms/room.py, seat.py"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import Conflict, Outdated
from controller.telemedicine.rooms.mode import MESH_MOST
from controller.telemedicine.rooms.room import GONE_MS, QUIET_MS, ROOM, Heard, Room, Said, Sitting
from controller.telemedicine.rooms.seat import LONGEST_QUEUE, Json, Party, Seat

BEN, ANNA = Party("ben", "Ben", "staff"), Party("patient:4711", "Muster, Anna", "patient")


def two() -> tuple[Room, Seat, Seat]:
    room = Room("TV00000001", "e1", 12)
    return room, room.join(Sitting(1, b"page b", BEN), 0), room.join(Sitting(2, b"page a", ANNA), 0)


def hear(room: Room, seat: Seat, heard: Heard, now_ms: int) -> list[Json]:
    """As the service does it; what is for the room itself."""
    room.check(seat, heard, now_ms)
    mine: list[Json] = []
    while (said := heard.next(seat)) is not None:
        mine += [said.body] if said.to == ROOM else []
        room.pass_on(seat, said)
    return mine


def signals(seat: Seat) -> list[Json]:
    return [message["body"] for _, message in seat.owed(0) if message["kind"] == "signal"]


def last(seat: Seat) -> Json:
    return [message for _, message in seat.owed(0) if message["kind"] == "room"][-1]


def test_everybody_is_told_who_is_there_and_which_seat_is_their_own() -> None:
    _, ben, anna = two()
    assert (last(ben)["me"], last(anna)["me"]) == (1, 2)
    assert [one["name"] for one in last(ben)["seats"]] == ["Ben", "Muster, Anna"]


def test_what_one_says_to_another_comes_from_whose_seat_it_is_and_to_nobody_else() -> None:
    room, ben, anna = two()
    other = room.join(Sitting(3, b"page c", BEN), 0)
    hear(room, ben, Heard("e1", 1, [Said(2, {"k": "offer"})]), 0)
    told = [message for _, message in anna.owed(0) if message["kind"] == "signal"]
    assert told == [{"kind": "signal", "from": 1, "body": {"k": "offer"}}]
    assert signals(other) == [] and signals(ben) == []


def test_what_is_said_to_a_seat_that_is_gone_is_passed_to_nobody() -> None:
    room, ben, anna = two()
    room.leave(anna.number)
    hear(room, ben, Heard("e1", 1, [Said(2, {"k": "offer"})]), 0)
    assert (ben.heard, signals(ben), signals(anna)) == (1, [], [])


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=12),
    repeats=st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
def test_however_often_a_page_repeats_itself_each_word_is_heard_once_and_in_order(
    sizes: list[int], repeats: list[int]
) -> None:
    room, ben, anna = two()
    words = [Said(2, {"n": n}) for n in range(sum(sizes))]
    begin = 0
    for size, again in zip(sizes, repeats, strict=False):
        for back in range(again + 1):  # answers are lost: the page says it again, from further back
            first = max(0, begin - back)
            hear(room, ben, Heard("e1", first + 1, words[first : begin + size]), 0)
        begin += size
    assert [body["n"] for body in signals(anna)] == list(range(len(words)))


def test_a_gap_is_not_passed_over() -> None:
    room, ben, anna = two()
    with pytest.raises(Conflict, match="from 1 on"):
        hear(room, ben, Heard("e1", 2, [Said(2, {})]), 0)
    assert signals(anna) == []


def test_what_was_said_in_another_life_of_the_controller_is_refused() -> None:
    room, ben, _ = two()
    with pytest.raises(Outdated, match="join again"):
        hear(room, ben, Heard("e0", 1, []), 0)


def test_what_is_for_the_room_is_returned_once() -> None:
    room, ben, _ = two()
    heard = Heard("e1", 1, [Said(ROOM, {"k": "chat", "text": "hello"})])
    assert hear(room, ben, heard, 0) == [{"k": "chat", "text": "hello"}]
    assert hear(room, ben, heard, 0) == []


def test_a_page_that_joins_again_has_its_seat_and_is_told_anew() -> None:
    room, ben, _ = two()
    hear(room, ben, Heard("e1", 1, [Said(2, {}), Said(2, {})]), 0)
    again = room.join(Sitting(1, b"page b", BEN), 5)
    assert again is ben and len(room.seats) == 2
    assert (again.heard, [message["kind"] for _, message in again.owed(0)]) == (0, ["room"])


def test_who_was_here_when_the_controller_ended_is_here_for_whoever_comes_back_first() -> None:
    room = Room("TV00000001", "e2", 12)
    known = [Sitting(1, b"page b", BEN), Sitting(2, b"page a", ANNA), Sitting(3, b"page c", BEN)]
    for one in known:
        room.restore(one, 0)
    ben = room.join(known[0], 10)
    assert [one["seat"] for one in last(ben)["seats"]] == [1, 2, 3]
    assert [one.number for one in room.away(GONE_MS + 5)] == [2, 3]


def test_a_seat_is_its_persons_alone() -> None:
    room, ben, _ = two()
    assert room.find(1, "ben") is ben
    for number, actor in ((1, "patient:4711"), (7, "ben")):
        with pytest.raises(Outdated, match="join again"):
            room.find(number, actor)


def test_what_is_confirmed_is_kept_no_longer() -> None:
    _, ben, _ = two()
    assert [number for number, _ in ben.owed(0)] == [1, 2]
    ben.confirm(1)
    assert [number for number, _ in ben.owed(0)] == [2]


def test_who_was_not_heard_for_fifteen_seconds_is_said_to_be_quiet_until_it_is_heard() -> None:
    room, ben, anna = two()
    hear(room, ben, Heard("e1", 1, []), 10_000)
    assert not room.quiet(QUIET_MS)
    assert room.quiet(QUIET_MS + 1) and not room.quiet(QUIET_MS + 2)
    assert [(one["seat"], one["quiet"]) for one in last(ben)["seats"]] == [(1, False), (2, True)]
    hear(room, anna, Heard("e1", 1, []), QUIET_MS + 3)
    assert [(one["seat"], one["quiet"]) for one in last(ben)["seats"]] == [(1, False), (2, False)]


def test_who_was_not_heard_for_half_a_minute_is_taken_away_and_the_others_are_told() -> None:
    room, ben, anna = two()
    hear(room, ben, Heard("e1", 1, []), 10_000)
    assert room.away(GONE_MS) == []
    assert room.away(GONE_MS + 1) == [anna]
    assert [one["seat"] for one in last(ben)["seats"]] == [1]


def test_a_quiet_page_goes_if_its_person_came_by_another_one_since() -> None:
    room, ben, anna = two()
    again = room.join(Sitting(3, b"page 3", ANNA), 1000)
    for seat in (ben, again):
        hear(room, seat, Heard("e1", 1, []), QUIET_MS)
    assert (room.away(QUIET_MS), room.away(QUIET_MS + 1)) == ([], [anna])
    hear(room, ben, Heard("e1", 1, []), 2 * QUIET_MS + 1)
    assert room.away(2 * QUIET_MS + 1) == [], "nobody came in the place of this one"


def test_in_a_full_room_the_quiet_ones_go_for_who_comes() -> None:
    room, ben, anna = two()
    other = Sitting(4, b"page 4", BEN)
    hear(room, ben, Heard("e1", 1, []), QUIET_MS)
    room.quiet(QUIET_MS + 1)
    assert room.replaced(other) == []
    for number in range(5, 5 + MESH_MOST - 2):
        room.join(Sitting(number, b"page", BEN), QUIET_MS)
    assert room.replaced(other) == [anna]
    assert room.replaced(Sitting(2, b"page a", ANNA)) == [], "it is the page itself"


def test_a_page_that_confirms_nothing_is_taken_away_before_it_fills_the_memory() -> None:
    room, ben, anna = two()
    for n in range(LONGEST_QUEUE + 1):
        hear(room, ben, Heard("e1", n + 1, [Said(2, {})]), 0)
        ben.confirm(ben.told)
    assert room.away(0) == [anna]


def test_a_full_room_says_so_and_lets_in_who_is_there_already() -> None:
    room = Room("TV00000001", "e1", 12)
    for number in range(1, MESH_MOST + 1):
        room.join(Sitting(number, b"page", BEN), 0)
    with pytest.raises(Conflict, match="full"):
        room.join(Sitting(9, b"one more", BEN), 0)
    room.join(Sitting(1, b"page 1", BEN), 0)


def test_what_a_page_sends_is_shown_to_all() -> None:
    room, ben, anna = two()
    room.show(ben, audio=True, video=False, reduced={})
    [shown] = [one for one in last(anna)["seats"] if one["seat"] == 1]
    assert (shown["audio"], shown["video"]) == (True, False)
