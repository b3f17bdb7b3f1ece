"""What the quick viewer sends when somebody saves what they drew on one image.

{"frame": 1, "window": [40, 400], "marks": [{"kind": "length", "begin": [10, 20], "end": [60, 20]}]}

Points are in pixels of the image, (0, 0) the outer corner of its first pixel (PS3.3, C.10.5.1.2).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from controller.imaging.errors import BadDrawing
from controller.invalid import problems

MOST_MARKS = 300
LONGEST_TEXT = 200
MOST_OF_LINE = 400
"""Points of a line by hand: as many as a room keeps of one (api/room_marks_schemas.py)."""
_LARGEST = 65_535.0

_Coordinate = Annotated[float, Field(ge=0, le=_LARGEST)]
_Point = tuple[_Coordinate, _Coordinate]
_Text = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=LONGEST_TEXT, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


_Label = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00-\x1f\x7f\\]*$")]
"""LO (PS3.5, 6.2)."""


class _Mark(_Model):
    by: _Label = Field("", description="who drew it; empty: who saves it")


class Arrow(_Mark):
    """An arrow that points to `end`."""

    kind: Literal["arrow"]
    begin: _Point
    end: _Point


class Length(_Mark):
    """A straight line whose length is written beside it."""

    kind: Literal["length"]
    begin: _Point
    end: _Point


class Text(_Mark):
    """Words at a place."""

    kind: Literal["text"]
    at: _Point
    text: _Text


class Stroke(_Mark):
    """A line by hand."""

    kind: Literal["line"]
    points: list[_Point] = Field(min_length=2, max_length=MOST_OF_LINE)


Mark = Annotated[Arrow | Length | Text | Stroke, Field(discriminator="kind")]


class Drawing(_Model):
    """What was drawn on one frame, and the window it was drawn under."""

    frame: int = Field(ge=1)
    window: tuple[float, Annotated[float, Field(gt=0)]] | None = None
    """Centre and width, after slope and intercept; null: the image's own, or it is in colour."""
    label: _Label = Field("", description="what it is: Content Description")
    marks: list[Mark] = Field(min_length=1, max_length=MOST_MARKS)


def read_drawing(body: bytes) -> Drawing:
    """The drawing in a request's body. Raises BadDrawing."""
    try:
        return Drawing.model_validate_json(body)
    except ValidationError as error:
        told = "; ".join(problems(error)[:3])
        raise BadDrawing(f"expected a drawing (see /api/openapi.json), it is none: {told}") from None
