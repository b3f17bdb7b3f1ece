"""A label pinned to a scene that moves, made up or photographed: how far off it is, in px of 320 by 180."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.node import Call, node

COFFEE = Path(__file__).parents[4] / "vendor/coffee/coffee.jpg"
FILM = (Path(__file__).parent / "film.mjs").as_posix()


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cup on a table, as grey bytes."""
    path = tmp_path_factory.mktemp("film") / "coffee"
    path.write_bytes(Image.open(COFFEE).tobytes())
    return str(path)


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


TURNED, COVERED = {"turn": 1.2, "light": 0.2}, {"turn": 0.12, "light": 0.3, "covered": (40, 60)}


@pytest.mark.parametrize(
    ("at", "how"),
    [
        ((90, 110), TURNED),
        ((220, 120), TURNED),
        ((250, 70), TURNED),
        ((220, 120), COVERED),
        ((250, 70), COVERED),
    ],
    ids=str,
)
def test_on_a_photograph_in_noise_and_changing_light_it_turns_with_the_scene_and_never_lies(
    call: Call, photograph: str, at: tuple[int, int], how: dict[str, Any]
) -> None:
    told = film(call, picture=photograph, at=at, noise=12, **how)
    hidden = range(*how.get("covered", (0, 0)))
    assert set(hidden[2:]) <= set(told["lost"])  # it says so while it cannot see
    assert len(told["lost"]) <= len(hidden) + 15
    assert told["median"] < 3
    assert told["worst"] < 4


def test_a_label_is_not_pinned_to_a_long_edge_or_to_what_is_plain_for_it_would_slide(
    call: Call, photograph: str
) -> None:
    rim, coffee, spoon = (110, 80), (170, 95), (220, 120)
    assert [call(FILM, "holds", photograph, at, 12) for at in (rim, coffee, spoon)] == [False, False, True]
