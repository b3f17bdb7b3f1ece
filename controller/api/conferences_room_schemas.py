"""What a room hears of who wants to speak, and of the chair."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import Body


class HandBody(Body):
    """Somebody asks to speak, or not any more."""

    k: Literal["hand"]
    up: bool


class HushBody(Body):
    """The chair asks a page to turn its microphone off."""

    k: Literal["hush"]
    seat: Annotated[int, Field(ge=1, le=2**31)]


_Number = Annotated[int, Field(ge=1, le=2**52)]
_Uid = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9]+(\.[0-9]+)*$")]


class ImageBody(Body):
    """An image of the case that is spoken about is shown to all, by the chair or who presents the case."""

    k: Literal["image"]
    case: _Number
    item: _Number = Field(description="a study of images that was chosen for the case")
    series: _Uid = Field(description="Series Instance UID")
    instance: _Uid = Field(description="SOP Instance UID")
    frame: Annotated[int, Field(ge=1, le=2**31)]


class ImageAwayBody(Body):
    """And is not any more."""

    k: Literal["image-away"]


LedBody = HandBody | HushBody | ImageBody | ImageAwayBody
"""What is said so."""


class KeptDrawing(BaseModel):
    """What the archive has now."""

    model_config = ConfigDict(extra="forbid")

    patient: str
    study: str
    state: str = Field(description="SOP Instance UID of the presentation state")
