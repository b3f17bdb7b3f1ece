"""What the page knows of marks: where they are, how long a line is, which two ways they come."""

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

HERE = "../../tests/unit/controller/telemedicine/marks/asked.mjs"
MARK = {"k": "mark", "id": "m" * 22, "seat": 2, "still": "", "kind": "arrow", "points": [[0.1, 0.2], [1, 0]]}
MARK |= {"size": [640, 360], "text": "", "patch": ""}
SIDES = st.integers(1, 4000)
PARTS = st.integers(0, 10_000).map(lambda one: one / 10_000)


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


@pytest.fixture(scope="module")
def asked(call: Call) -> Call:
    return lambda name, *given: call(HERE, name, *given)


def test_a_point_of_the_picture_is_the_same_on_every_screen_and_in_the_mirror(asked: Call) -> None:
    @settings(max_examples=40, deadline=None)
    @given(box=st.tuples(SIDES, SIDES), picture=st.tuples(SIDES, SIDES), at=st.tuples(PARTS, PARTS))
    def holds(box: tuple[int, int], picture: tuple[int, int], at: tuple[float, float]) -> None:
        for mirrored in (False, True):
            assert asked("thereAndBack", box, picture, at, mirrored) == pytest.approx(at, abs=2e-4)

    holds()


def test_a_point_beside_the_picture_is_at_its_edge(asked: Call) -> None:
    assert asked("toPicture", [400, 100], [100, 100], [20, 50]) == [0, 0.5]
    assert asked("toPicture", [400, 100], [100, 100], [390, 50]) == [1, 0.5]


def line(*points: list[float], **more: Any) -> dict[str, Any]:
    return {"kind": "measure", "points": list(points), "size": [640, 360], **more}


def test_lengths_are_pixels_until_somebody_says_how_long_a_line_is(asked: Call) -> None:
    other = line([0, 0], [0, 1])
    assert asked("measured", [other], other) == {"key": "marks.px", "n": "360"}
    known = line([0, 0], [0.5, 0], mm=64)
    assert asked("measured", [known, other], known) == {"key": "marks.known", "n": 64}
    assert asked("measured", [known, other], other) == {"key": "marks.estimate", "n": "72.0"}


def test_an_estimate_holds_whatever_size_the_picture_is_sent_in(asked: Call) -> None:
    known, small = line([0, 0], [0.5, 0], mm=64), {**line([0, 0], [0.25, 0]), "size": [160, 90]}
    assert asked("measured", [known, small], small)["n"] == "32.0"


def test_a_line_is_drawn_with_few_points_and_none_that_show_is_left_out(asked: Call) -> None:
    points = [[x / 500, 0.5 + 0.2 * math.sin(x / 60)] for x in range(500)]
    fewer = asked("simpler", points)
    assert len(fewer) < 40
    assert fewer[0] == points[0] and fewer[-1] == points[-1]
    assert all(min(math.dist(one, other) for other in points) == 0 for one in fewer)
    assert asked("simpler", [[0, 0], [0.5, 0], [1, 0]]) == [[0, 0], [1, 0]]


def test_the_way_that_is_first_is_drawn_and_the_controllers_word_counts(asked: Call) -> None:
    told = asked(
        "kept",
        [
            ["add", {"id": "a", "text": "lie", "from": 2}, False, 0],
            ["add", {"id": "a", "text": "so"}, True, 5],
        ],
    )
    assert told == [{"id": "a", "text": "so", "sure": True, "since": 0}]


def test_what_the_controller_never_confirms_goes_again_but_not_ones_own(asked: Call) -> None:
    steps = [["add", {"id": one, "from": seat}, False, 0] for one, seat in (("other", 2), ("own", 1))]
    assert [one["id"] for one in asked("kept", [*steps, ["doubt", 9_000, 1]])] == ["other", "own"]
    assert [one["id"] for one in asked("kept", [*steps, ["doubt", 10_001, 1]])] == ["own"]


def test_what_was_taken_away_is_not_brought_back_by_the_slower_way(asked: Call) -> None:
    mark = {"id": "a", "from": 2}
    assert asked("kept", [["add", mark, True, 0], ["remove", ["a"]], ["add", mark, False, 1]]) == []
    assert asked("kept", [["add", mark, True, 0], ["only", []], ["add", mark, True, 1]]) == []


def test_marks_on_an_image_are_back_for_who_may_see_it_again(asked: Call) -> None:
    mark = {"id": "a", "from": 2, "seat": 0}
    assert asked("kept", [["add", mark, True, 0], ["only", []]]) == []
    assert len(asked("kept", [["add", mark, True, 0], ["only", []], ["add", mark, True, 1]])) == 1


@pytest.mark.parametrize(
    ("basis", "spacing", "to", "told"),
    [
        ("pixel-spacing", (0.5, 0.7), (1, 0), {"key": "marks.mm", "n": "100.0"}),
        ("pixel-spacing", (0.5, 0.7), (0, 1), {"key": "marks.mm", "n": "70.0"}),
        ("detector", (0.2, 0.2), (1, 0), {"key": "marks.mm-detector", "n": "40.0"}),
        ("none", None, (0, 1), {"key": "marks.px-image", "n": "100"}),
    ],
)
def test_a_line_on_an_image_is_in_mm_only_where_the_image_says_them(
    asked: Call, basis: str, spacing: tuple[float, float] | None, to: tuple[float, float], told: Any
) -> None:
    areas = [[0, 0, 200, 100, *spacing]] if spacing else []
    about = {"rows": 100, "columns": 200, "scale": {"basis": basis, "areas": areas}}
    assert asked("measuredOn", about, line([0, 0], list(to))) == told


def test_a_line_that_leaves_the_region_of_an_ultrasound_system_is_in_pixels(asked: Call) -> None:
    scale = {"basis": "region", "areas": [[0, 0, 100, 100, 0.1, 0.1]]}
    about = {"rows": 100, "columns": 200, "scale": scale}
    assert asked("measuredOn", about, line([0, 0], [0.5, 0])) == {"key": "marks.mm", "n": "10.0"}
    assert asked("measuredOn", about, line([0, 0], [0.75, 0])) == {"key": "marks.px-image", "n": "150"}


def test_from_page_to_page_what_is_being_drawn_on_an_image_goes_and_no_mark(asked: Call) -> None:
    on = {**MARK, "seat": 0, "still": "image-12"}
    assert asked("read", json.dumps({**on, "k": "draft"})) is not None
    assert asked("read", json.dumps({**on, "k": "mark"})) is None
    for still in ("", "image-", "image-1x", "s" * 22):
        assert asked("read", json.dumps({**on, "k": "draft", "still": still})) is None


def test_a_mark_belongs_to_the_camera_that_it_was_drawn_by_and_a_frozen_picture_to_none(asked: Call) -> None:
    marks = [
        {"id": f"{still or 'live'}-{view}", "seat": 2, "still": still, "view": view}
        for still in ("", "s")
        for view in (0, 1)
    ]
    assert asked("keptOn", marks, 2, "", 1) == ["live-1"]
    assert asked("keptOn", marks, 2, "s", 1) == ["s-0", "s-1"]
    assert asked("keptOn", [{"id": "old", "seat": 2, "still": ""}], 2, "", 0) == ["old"]


@pytest.mark.parametrize(
    "change",
    [
        {"k": "chat"},
        {"k": "__proto__"},
        {"id": "short"},
        {"seat": -1},
        {"seat": "2"},
        {"kind": "toString"},
        {"points": [[0, 0]]},
        {"points": [[0, 0], [2, 0]]},
        {"points": [[0, 0], [0, None]]},
        {"points": 7},
        {"size": [0, 1]},
        {"text": "x" * 121},
        {"mm": -1},
        {"still": "../"},
        {"view": 16},
        {"view": 0.5},
    ],
)
def test_what_is_no_mark_is_passed_over(asked: Call, change: dict[str, Any]) -> None:
    assert asked("read", json.dumps(MARK))["kind"] == "arrow"
    assert asked("read", json.dumps({**MARK, **change})) is None


def test_nothing_that_a_page_may_send_breaks_the_reader(asked: Call) -> None:
    values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=40) | st.dictionaries(st.sampled_from(sorted(MARK)), values).map(json.dumps))
    def holds(text: str) -> None:
        asked("read", text)

    holds()


@pytest.mark.parametrize(
    ("part", "let", "may"),
    [
        ("staff", False, True),
        ("patient", False, True),
        ("guest", False, False),
        ("guest", True, True),
        ("robot", True, False),
    ],
)
def test_who_may_draw_is_the_same_on_the_page(asked: Call, part: str, let: bool, may: bool) -> None:
    assert asked("mayDraw", part, let) is may
