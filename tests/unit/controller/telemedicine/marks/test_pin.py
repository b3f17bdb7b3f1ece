"""A label pinned to a made-up scene that moves: how far off it is, in pixels of a picture of 320 by 180."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.node import Call, node

FILM = (Path(__file__).parent / "film.mjs").as_posix()


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def film(call: Call, **how: Any) -> dict[str, Any]:
    return call(FILM, "film", how)


def test_a_pinned_label_follows_a_scene_that_moves_and_turns(call: Call) -> None:
    told = film(call, turn=0.12)
    assert told["lost"] == []
    assert told["median"] < 0.8
    assert told["worst"] < 3


def test_what_is_covered_is_lost_and_found_again_and_never_sticks_to_the_arm(call: Call) -> None:
    told = film(call, covered=[40, 60])
    assert set(range(42, 60)) <= set(told["lost"]) <= set(range(40, 75))
    assert told["median"] < 0.8
    assert told["worst"] < 3


def test_who_comes_late_finds_it_by_the_patch_that_travels_with_it(call: Call) -> None:
    told = film(call, late=45, count=70, reach=60)
    assert told["followed"] >= 24
    assert told["worst"] < 3


@pytest.mark.parametrize(("level", "noise", "is_plain"), [(120, 4, True), (0, 0, True), (120, 60, False)])
def test_where_there_is_nothing_to_hold_on_to_is_known(
    call: Call, level: int, noise: int, is_plain: bool
) -> None:
    assert call(FILM, "plain", level, noise) is is_plain
