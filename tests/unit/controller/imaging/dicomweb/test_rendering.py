"""The query parameters of rendered pictures, and the form that is chosen for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.decode.picture import Media
from controller.imaging.dicomweb.media import read_accept
from controller.imaging.dicomweb.rendering import LARGEST, choose, read_rendering
from controller.imaging.errors import BadQuery, NotAcceptable


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("40,400,linear", (40, 400, "LINEAR")),
        ("40,400", (40, 400, "LINEAR")),
        ("-600.5,1500,linear-exact", (-600.5, 1500, "LINEAR_EXACT")),
        ("0.5,0.25,sigmoid", (0.5, 0.25, "SIGMOID")),
    ],
)
def test_a_window_has_centre_width_and_function(text: str, window: tuple[float, float, str]) -> None:
    assert read_rendering({"window": text}, Media.PNG).window == window


@pytest.mark.parametrize(
    "text", ["", "40", "a,b", "40,0", "40,-1", "40,0.5,linear", "nan,1", "1,inf", "1,2,x", "1,2,linear,4"]
)
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadQuery, match="window"):
        read_rendering({"window": text}, Media.PNG)


def test_a_viewport_may_name_the_part_that_is_shown() -> None:
    assert read_rendering({"viewport": "512,256"}, Media.PNG).viewport == (512, 256)
    how = read_rendering({"viewport": "512,256,10,20,-30,40"}, Media.PNG)
    assert (how.viewport, how.source) == ((512, 256), (10, 20, -30, 40))


@pytest.mark.parametrize(
    "text", ["", "1", "0,5", "5,-5", f"{LARGEST + 1},5", "5,5,1", "5,5,0,0,0,5", "5,5,0,0,5,x", "9" * 5000]
)
def test_a_viewport_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadQuery, match="viewport"):
        read_rendering({"viewport": text}, Media.PNG)


@pytest.mark.parametrize("text", ["0", "101", "-1", "high", "1" * 5000])
def test_a_quality_is_1_to_100(text: str) -> None:
    assert read_rendering({"quality": "1"}, Media.JPEG).quality == 1
    with pytest.raises(BadQuery, match="quality"):
        read_rendering({"quality": text}, Media.JPEG)


def test_a_thumbnail_is_small_and_never_larger_than_the_picture() -> None:
    how = read_rendering({}, Media.JPEG, thumbnail=True)
    assert (how.viewport, how.enlarge) == ((256, 256), False)
    assert read_rendering({"viewport": "64,64"}, Media.JPEG, thumbnail=True).viewport == (64, 64)


@given(st.text(max_size=30), st.sampled_from(["window", "viewport", "quality"]))
def test_any_text_is_understood_or_refused(text: str, name: str) -> None:
    with suppress(BadQuery):
        read_rendering({name: text}, Media.PNG)


@pytest.mark.parametrize(
    ("accept", "alone", "chosen"),
    [
        ("", True, (Media.JPEG, False)),
        ("", False, (Media.JPEG, True)),
        ("image/png", True, (Media.PNG, False)),
        ("image/gif;q=0.5, image/png", True, (Media.PNG, False)),
        ("image/avif,image/webp,*/*;q=0.8", True, (Media.JPEG, False)),
        ('multipart/related; type="image/png"', True, (Media.PNG, True)),
        ('multipart/related; type="image/png"', False, (Media.PNG, True)),
        ("image/*", True, (Media.JPEG, False)),
    ],
)
def test_the_form_is_what_the_client_wants_most(accept: str, alone: bool, chosen: tuple[Media, bool]) -> None:
    assert choose(read_accept(accept), alone=alone) == chosen


@pytest.mark.parametrize(
    ("accept", "alone"), [("image/jp2", True), ("application/json", True), ("image/png", False)]
)
def test_a_client_that_takes_none_of_them_is_told_what_there_is(accept: str, alone: bool) -> None:
    with pytest.raises(NotAcceptable, match="image/png"):
        choose(read_accept(accept), alone=alone)
