"""Presentation states are read back, others' too, and nothing that somebody wrote stops the reader."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from controller.imaging.annotate.shown import MOST_POINTS, Shown, Target, shown
from controller.imaging.annotate.state import build
from tests.support import dicom
from tests.support.drawn import ARROW, LENGTH, MAKER, TEXT, as_json, drawing

CONTENT = dicom.ct()
IMAGE = as_json(CONTENT)


def saved(*marks: dict[str, Any], **more: Any) -> bytes:
    return build(IMAGE, drawing(*marks, **more), MAKER)


def with_graphic(kind: str, data: list[float], units: str = "PIXEL") -> Shown:
    """A state whose one line was replaced by another's."""
    state = dicom.read(saved(LENGTH))
    graphic = Dataset()
    graphic.GraphicAnnotationUnits, graphic.GraphicDimensions = units, 2
    graphic.NumberOfGraphicPoints, graphic.GraphicData = len(data) // 2, data
    graphic.GraphicType, graphic.GraphicFilled = kind, "N"
    state.GraphicAnnotationSequence[0].GraphicObjectSequence = [graphic]
    return shown(
        as_json(dicom.edited(saved(LENGTH), GraphicAnnotationSequence=state.GraphicAnnotationSequence))
    )


def test_what_was_saved_is_shown() -> None:
    found = shown(as_json(saved(ARROW, LENGTH, TEXT, window=[40.5, 400])))
    [arrow, length] = found.lines
    assert (found.by, found.made, found.zone) == ("anna", "20251126204640", "+0000")
    assert found.window == (40.5, 400)
    assert found.on == [Target(IMAGE["00080018"]["Value"][0], [])]
    assert arrow.points[:2] == [(10, 10), (30, 20)]
    assert (length.points, length.on) == ([(10, 40), (40, 40)], found.on)
    assert [(one.text, one.at) for one in found.words] == [
        ("21.0 mm", (40, 40)),
        ("Blutung? 出血?", (20.5, 50)),
    ]
    assert found.left_out == 0


def test_a_state_with_too_many_points_shows_those_that_a_page_can_draw() -> None:
    line = {"00700005": {"Value": ["PIXEL"]}, "00700023": {"Value": ["POLYLINE"]}}
    long, short = (line | {"00700022": {"Value": [1.0, 2.0] * n}} for n in (MOST_POINTS, 2))
    found = shown({"00700001": {"Value": [{"00700009": {"Value": [long, short]}}]}})
    assert (len(found.lines), found.left_out) == (1, 1)


coordinates = st.floats(0, 64, width=32)


@settings(max_examples=40)
@given(st.tuples(coordinates, coordinates), st.tuples(coordinates, coordinates), st.floats(0.5, 9999))
def test_points_and_window_come_back_as_they_were(begin: Any, end: Any, width: float) -> None:
    found = shown(as_json(saved({"kind": "length", "begin": begin, "end": end}, window=[0, width])))
    assert list(found.lines[0].points) == [begin, end]
    assert found.window == pytest.approx((0, width), rel=1e-8)


@settings(max_examples=40)
@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_words_come_back_in_every_script(words: str) -> None:
    [told] = shown(as_json(saved({**TEXT, "text": words}))).words
    assert told.text == words


def test_circles_and_ellipses_of_others_become_closed_polygons() -> None:
    [circle] = with_graphic("CIRCLE", [30, 30, 40, 30]).lines
    assert circle.closed
    assert all(abs((x - 30) ** 2 + (y - 30) ** 2 - 100) < 1e-6 for x, y in circle.points)
    [ellipse] = with_graphic("ELLIPSE", [10, 30, 50, 30, 30, 25, 30, 35]).lines
    assert all(abs(((x - 30) / 20) ** 2 + ((y - 30) / 5) ** 2 - 1) < 1e-6 for x, y in ellipse.points)


def test_a_polyline_that_ends_where_it_began_is_closed() -> None:
    [line] = with_graphic("POLYLINE", [0, 0, 9, 0, 9, 9, 0, 0]).lines
    assert (line.closed, len(line.points)) == (True, 3)


@pytest.mark.parametrize(
    ("kind", "data", "units"),
    [
        ("POLYLINE", [0.1, 0.1, 0.9, 0.9], "DISPLAY"),
        ("SPIRAL", [0, 0, 1, 1], "PIXEL"),
        ("CIRCLE", [1, 1], "PIXEL"),
        ("ELLIPSE", [1, 1, 2, 2], "PIXEL"),
        ("POLYLINE", [1, 1], "PIXEL"),
    ],
)
def test_what_cannot_be_drawn_on_the_image_is_counted(kind: str, data: list[float], units: str) -> None:
    found = with_graphic(kind, data, units)
    assert (found.lines, found.left_out) == ([], 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda more: st.lists(more, max_size=4) | st.dictionaries(st.text(max_size=4), more, max_size=4),
    max_leaves=12,
)
GROUPS = (
    *("00081115", "00081140", "00081155", "00081160", "00283110", "00281050", "00700001", "00700004"),
    *(
        "00700005",
        "00700006",
        "00700008",
        "00700009",
        "00700014",
        "00700022",
        "00700023",
        "00700082",
        "00700084",
    ),
)
tags = st.sampled_from(GROUPS)
elements = st.deferred(
    lambda: st.fixed_dictionaries({"vr": st.just("UN"), "Value": st.lists(json_values | items)})
)
items = st.dictionaries(tags, elements | json_values, max_size=5)


@given(items)
def test_no_json_stops_the_reader(state: Any) -> None:
    shown(state).told()
