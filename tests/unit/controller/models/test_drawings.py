"""The two drawings: every point where its numbers say, within the frame, with its words escaped."""

import re
from xml.etree import ElementTree

from controller.models import drawings
from controller.models.evaluation import THRESHOLDS
from tests.support.models import trained

SVG = "{http://www.w3.org/2000/svg}"
CURVE = [
    {"predicted": 0.0, "observed": 0.1, "size": 5},
    {"predicted": 0.2, "observed": 0.4, "size": 5},
]


def points(text: str) -> list[list[tuple[float, float]]]:
    """Of each line."""
    found = ElementTree.fromstring(text).iter(f"{SVG}polyline")
    pairs = [[one.split(",") for one in line.attrib["points"].split()] for line in found]
    return [[(float(x), float(y)) for x, y in line] for line in pairs]


def test_a_calibration_curve_lies_over_the_diagonal_in_one_scale() -> None:
    text = drawings.calibration(CURVE)
    ideal, drawn = points(text)
    assert ideal == [(drawings.LEFT, drawings.BOTTOM), (drawings.RIGHT, drawings.TOP)]
    height, width = drawings.BOTTOM - drawings.TOP, drawings.RIGHT - drawings.LEFT
    assert drawn[0] == (drawings.LEFT, drawings.BOTTOM - height / 4)
    assert drawn[1] == (drawings.LEFT + width / 2, drawings.TOP)
    assert text.count("<circle") == 2


def test_no_events_at_all_can_be_drawn() -> None:
    assert points(drawings.calibration([{"predicted": 0.0, "observed": 0.0, "size": 3}]))


def test_a_decision_curve_has_a_line_and_a_name_for_each_way_and_stays_in_its_frame() -> None:
    told = trained().report["decision"]
    text = drawings.decision(told)
    lines = points(text)
    assert len(lines) == len(drawings.NAMES)
    assert all(len(line) == len(THRESHOLDS) for line in lines)
    for line in lines:
        for x, y in line:
            assert drawings.LEFT <= x <= drawings.RIGHT
            assert drawings.TOP <= y <= drawings.BOTTOM
    for name in drawings.NAMES.values():
        assert name in text


def test_a_drawing_says_what_it_is_to_whoever_cannot_see_it() -> None:
    root = ElementTree.fromstring(drawings.calibration(CURVE))
    assert root.attrib["role"] == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == "Calibration, held out: share of events by predicted probability"
    assert not re.search(r"<script|style=|href=", drawings.calibration(CURVE))
