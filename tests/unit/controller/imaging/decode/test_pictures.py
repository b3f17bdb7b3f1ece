"""The picture that is sent: form, part, size, mirrored."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from controller.imaging.decode.picture import Frame, Media, Picture, Rendering
from controller.imaging.decode.pictures import rendered
from controller.imaging.decode.syntaxes import EXPLICIT
from controller.imaging.errors import CannotDecode

ROWS, COLUMNS = 20, 40
RAMP = np.tile(np.arange(COLUMNS, dtype=np.uint8) * 6, (ROWS, 1))
"""Dark on the left, light on the right."""


def frame(values: Any = RAMP, **more: Any) -> Frame:
    samples = 3 if values.ndim == 3 else 1
    given: dict[str, Any] = {
        "rows": values.shape[0], "columns": values.shape[1], "samples": samples, "allocated": 8, "stored": 8,
        "photometric": "RGB" if samples == 3 else "MONOCHROME2", "high": 7, "signed": False, "planar": False,
        "frames": 1, "windows": ((128.0, 256.0),), **more,
    }  # fmt: skip
    return Frame(values.tobytes(), EXPLICIT, Picture(**given))


def shown(how: Rendering, of: Frame | None = None) -> Any:
    return np.asarray(Image.open(io.BytesIO(rendered(of or frame(), how))))


@pytest.mark.parametrize("media", [Media.PNG, Media.GIF])
def test_png_and_gif_have_every_grey_as_it_is(media: Media) -> None:
    picture = Image.open(io.BytesIO(rendered(frame(), Rendering(media))))
    assert picture.format == media.name
    assert np.array_equal(np.asarray(picture.convert("L")), RAMP)


def test_jpeg_is_nearly_the_same_and_smaller_with_less_quality() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64)).astype(np.uint8)
    assert np.abs(shown(Rendering(Media.JPEG, 100)).astype(int) - RAMP).max() <= 3
    assert len(rendered(frame(noise), Rendering(quality=20))) < len(
        rendered(frame(noise), Rendering(quality=90))
    )


def test_colour_stays_colour() -> None:
    colour = np.zeros((8, 8, 3), np.uint8)
    colour[...] = (10, 200, 30)
    assert shown(Rendering(Media.PNG), frame(colour))[0, 0].tolist() == [10, 200, 30]


def test_the_picture_fits_in_the_viewport_and_keeps_its_shape() -> None:
    assert shown(Rendering(Media.PNG, viewport=(100, 100))).shape == (50, 100)
    assert shown(Rendering(Media.PNG, viewport=(100, 10))).shape == (10, 20)


def test_a_thumbnail_is_not_made_larger_than_the_picture() -> None:
    assert shown(Rendering(Media.PNG, viewport=(100, 100), enlarge=False)).shape == (ROWS, COLUMNS)


def test_a_part_of_the_picture_can_be_shown() -> None:
    part = shown(Rendering(Media.PNG, viewport=(10, 20), source=(30, 0, 10, 20)))
    assert np.array_equal(part, RAMP[:, 30:])


def test_a_negative_width_or_height_of_the_source_mirrors() -> None:
    whole = {"viewport": (COLUMNS, ROWS)}
    assert np.array_equal(shown(Rendering(Media.PNG, source=(0, 0, -40, 20), **whole)), RAMP[:, ::-1])
    assert np.array_equal(shown(Rendering(Media.PNG, source=(0, 0, 40, -20), **whole)), RAMP[::-1])


def test_a_part_beyond_the_picture_is_refused() -> None:
    with pytest.raises(CannotDecode, match="40×20"):
        rendered(frame(), Rendering(viewport=(10, 10), source=(50, 0, 10, 10)))


def test_pixels_that_are_not_square_are_made_so() -> None:
    assert shown(Rendering(Media.PNG), frame(aspect=2.0)).shape == (2 * ROWS, COLUMNS)
    assert shown(Rendering(Media.PNG), frame(aspect=0.5)).shape == (ROWS, 2 * COLUMNS)
