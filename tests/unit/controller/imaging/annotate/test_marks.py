"""What the page may send, and what is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.annotate.marks import MOST_MARKS, read_drawing
from controller.imaging.annotate.state import build
from controller.imaging.errors import BadDrawing
from tests.support import dicom
from tests.support.drawn import ARROW, LENGTH, MAKER, TEXT, as_json, drawing


def test_arrows_lengths_and_words_are_what_can_be_drawn() -> None:
    assert [mark.kind for mark in drawing(ARROW, LENGTH, TEXT, window=[40, 400]).marks] == [
        "arrow", "length", "text",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"frame": 1, "marks": []}',
        b'{"frame": 0, "marks": [{"kind": "arrow", "begin": [0, 0], "end": [1, 1]}]}',
        b'{"frame": 1, "marks": [{"kind": "circle", "begin": [0, 0], "end": [1, 1]}]}',
        b'{"frame": 1, "marks": [{"kind": "arrow", "begin": [0, NaN], "end": [1, 1]}]}',
        b'{"frame": 1, "marks": [{"kind": "arrow", "begin": [-1, 0], "end": [1, 1]}]}',
        b'{"frame": 1, "marks": [{"kind": "text", "at": [0, 0], "text": " "}]}',
        b'{"frame": 1, "marks": [{"kind": "text", "at": [0, 0], "text": "a\\u001bb"}]}',
        b'{"frame": 1, "window": [40, 0], "marks": [{"kind": "text", "at": [0, 0], "text": "a"}]}',
        json.dumps({"frame": 1, "marks": [ARROW] * (MOST_MARKS + 1)}).encode(),
    ],
)
def test_what_is_no_drawing_is_refused(body: bytes) -> None:
    with pytest.raises(BadDrawing):
        read_drawing(body)


@given(st.recursive(st.none() | st.floats() | st.text(), lambda more: st.lists(more) | st.dictionaries(
    st.sampled_from(["frame", "marks", "kind", "begin", "end", "at", "text", "window"]), more)))  # fmt: skip
def test_whatever_comes_is_a_drawing_or_refused(body: Any) -> None:
    with pytest.raises(BadDrawing):
        read_drawing(json.dumps(body).encode())


def test_a_refusal_does_not_repeat_what_was_written() -> None:
    with pytest.raises(BadDrawing) as refused:
        drawing({"kind": "text", "at": [0, 0], "text": "Muster\x07Anna"})
    assert "Muster" not in str(refused.value)


def test_a_mark_outside_of_the_image_is_refused() -> None:
    with pytest.raises(BadDrawing, match="within 64 × 64"):
        build(as_json(dicom.ct(rows=64)), drawing({**ARROW, "end": [64.5, 3]}), MAKER)


def test_a_frame_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadDrawing, match="1 to 4"):
        build(as_json(dicom.us_cine(frames=4)), drawing(ARROW, frame=5), MAKER)
