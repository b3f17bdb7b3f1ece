"""controller/telemedicine/rooms/mode.py: from each to each, or by a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import Conflict
from controller.telemedicine.rooms.mode import MESH_MOST, Way
from controller.telemedicine.rooms.room import Room, Sitting
from controller.telemedicine.rooms.seat import Party

BEN = Party("ben", "Ben", "staff")


def filled(count: int, *, has_sfu: bool, most: int = 12) -> Room:
    room = Room("TV00000001", "e1", most)
    room.has_sfu = has_sfu
    for number in range(1, count + 1):
        room.join(Sitting(number, b"page %d" % number, BEN), 0)
    return room


def test_the_fifth_brings_the_server_in_and_the_third_left_takes_it_away() -> None:
    room = filled(MESH_MOST, has_sfu=True)
    assert (room.way.mode, room.way.era) == ("mesh", 1)
    room.join(Sitting(5, b"page 5", BEN), 0)
    assert (room.way.mode, room.way.era) == ("sfu", 2)
    room.leave(5)
    assert (room.way.mode, room.way.era) == ("sfu", 2)
    room.leave(4)
    assert (room.way.mode, room.way.era) == ("mesh", 3)
    told = room.seats[1].queue[-1][1]
    assert (told["mode"], told["era"]) == ("mesh", 3)


def test_without_a_server_the_fifth_is_refused_and_with_one_the_thirteenth() -> None:
    for has_sfu, fit in ((False, MESH_MOST), (True, 12)):
        room = filled(fit, has_sfu=has_sfu)
        with pytest.raises(Conflict, match=f"at most {fit} in this room"):
            room.join(Sitting(99, b"one more", BEN), 0)


def test_a_kind_of_meeting_for_two_has_two_seats_with_or_without_a_server() -> None:
    for has_sfu in (True, False):
        with pytest.raises(Conflict, match="at most 2"):
            filled(3, has_sfu=has_sfu, most=2)


def test_another_server_is_another_era_where_there_is_one_and_a_mesh_is_not_disturbed() -> None:
    large, small = filled(6, has_sfu=True), filled(3, has_sfu=True)
    for room in (large, small):
        room.sfu(ready=True)
    assert (large.way, small.way) == (Way("sfu", 3), Way("mesh", 1))


def test_without_the_server_that_was_there_those_who_are_in_go_on_and_nobody_else_comes() -> None:
    room = filled(6, has_sfu=True)
    room.sfu(ready=False)
    assert room.way.mode == "mesh" and len(room.seats) == 6
    with pytest.raises(Conflict, match="full"):
        room.join(Sitting(7, b"one more", BEN), 0)
    room.sfu(ready=True)
    assert room.way.mode == "sfu"


@pytest.mark.parametrize(("mesh", "alone"), [(1, 4), (4, 4), (8, 8)])
def test_a_site_says_how_many_connect_each_to_each_and_without_a_server_four_still_do(
    mesh: int, alone: int
) -> None:
    way = Way(mesh=mesh)
    assert way.seated(mesh, has_sfu=True).mode == "mesh"
    assert way.seated(mesh + 1, has_sfu=True).mode == "sfu"
    assert (way.most(12, has_sfu=True), way.most(12, has_sfu=False)) == (12, alone)


@given(st.integers(1, 12), st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=30))
def test_an_era_never_comes_again_and_the_way_fits_the_seats(
    mesh: int, steps: list[tuple[int, bool]]
) -> None:
    way = Way(mesh=mesh)
    for count, has_sfu in steps:
        before, way = way, way.seated(count, has_sfu=has_sfu)
        assert way.era == before.era + (way.mode != before.mode)
        assert way.mode == "mesh" if not has_sfu or count < mesh else True
        assert way.mode == "sfu" if has_sfu and count > mesh else True
