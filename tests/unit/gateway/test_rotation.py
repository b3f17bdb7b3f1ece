"""In which order a lane tries several brokers, and when it goes back."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import Instant
from gateway.rotation import Rotation

THREE = ("mqtts://a:8883", "mqtts://b:8883", "mqtts://c:8883")


def at(seconds: float) -> Instant:
    return Instant(int(seconds * 1_000_000_000))


def test_each_lane_has_an_order_of_its_own_which_is_the_same_at_every_start() -> None:
    firsts = Counter(Rotation(THREE, f"ward-{n}/vital").now(at(0)) for n in range(300))
    assert set(firsts) == set(THREE)
    assert min(firsts.values()) > 60
    assert all(
        Rotation(THREE[::-1], "ward-1/wave").now(at(0)) == Rotation(THREE, "ward-1/wave").now(at(0))
        for _ in "12"
    )


def test_a_broker_that_is_added_moves_only_those_that_go_there() -> None:
    seeds = [f"ward-{n}/alert" for n in range(200)]
    four = (*THREE, "mqtts://d:8883")
    moved = [Rotation(four, seed).now(at(0)) for seed in seeds]
    assert all(
        now in (was, four[3])
        for now, was in zip(moved, (Rotation(THREE, s).now(at(0)) for s in seeds), strict=True)
    )
    assert 20 < moved.count(four[3]) < 90


def test_one_that_fails_is_left_at_once_and_all_are_tried_in_turn() -> None:
    rotation, seen = Rotation(THREE, "x"), list[str]()
    for second in range(6):
        seen.append(rotation.now(at(second)))
        rotation.failed(at(second))
    assert set(seen[:3]) == set(THREE)
    assert seen[3:] == seen[:3]


def test_the_first_in_its_order_is_gone_back_to_after_a_while_and_that_is_no_failure() -> None:
    rotation = Rotation(THREE, "x")
    first = rotation.now(at(0))
    rotation.failed(at(1))
    second = rotation.now(at(1))
    assert second != first
    assert rotation.better(at(20)) is None
    assert rotation.better(at(31)) == first
    rotation.go(first)
    rotation.failed(at(31.1))  # the connection that it left
    assert rotation.now(at(31.2)) == first


def test_one_that_fails_again_and_again_is_left_alone_for_longer_each_time() -> None:
    rotation = Rotation(THREE, "x")
    first, now, waits = rotation.now(at(0)), 0.0, list[float]()
    for _ in range(7):
        rotation.failed(at(now))
        rotation.now(at(now))
        begun = now
        while rotation.better(at(now)) != first:
            now += 1
        waits.append(now - begun)
        rotation.go(first)
        rotation.failed(at(now))
        rotation.now(at(now))
    assert waits == [30, 60, 120, 240, 480, 960, 960]


def test_one_that_was_good_for_long_has_no_past() -> None:
    rotation = Rotation(THREE, "x")
    first = rotation.now(at(0))
    for _ in range(3):
        rotation.failed(at(0))
        rotation.go(first)
        rotation.failed(at(0))
        rotation.now(at(0))
    rotation.failed(at(601))
    rotation.now(at(601))
    assert rotation.better(at(632)) == first


def test_it_says_when_all_of_them_have_failed_since_one_worked() -> None:
    rotation = Rotation(THREE, "x")
    told = list[bool]()
    for _ in range(3):
        rotation.failed(at(0))
        told.append(rotation.all_failed)
    assert told == [False, False, True]
    rotation.worked()
    assert not rotation.all_failed


def test_where_no_controller_is_it_waits_longer_each_time_and_not_for_ever() -> None:
    rotation = Rotation(THREE, "x")
    waits = list[float]()
    for _ in range(6):
        waits.append(rotation.patience_s)
        rotation.lonely()
    assert waits == [2.5, 5, 10, 20, 40, 60]
    rotation.worked()
    assert rotation.patience_s == 2.5


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["fail", "wait", "back", "not yet"]), max_size=40), st.integers(1, 4))
def test_it_always_names_one_of_them_and_never_the_present_one_as_the_better(
    steps: list[str], count: int
) -> None:
    urls = [f"mqtts://{n}:8883" for n in range(count)]
    rotation, now = Rotation(urls, "x"), 0.0
    for step in steps:
        present, better = rotation.now(at(now)), rotation.better(at(now))
        assert present in urls
        assert better != present
        match step:
            case "fail":
                rotation.failed(at(now))
            case "wait":
                now += 45
            case "back" if better:
                rotation.go(better)
            case "not yet" if better:
                rotation.not_yet(better, at(now))
                assert rotation.better(at(now)) != better
