"""What a room hears of who wants to speak, and of the chair."""

from typing import Annotated, Literal

from pydantic import Field

from controller.api.bodies import Body


class HandBody(Body):
    """Somebody asks to speak, or not any more."""

    k: Literal["hand"]
    up: bool


class HushBody(Body):
    """The chair asks a page to turn its microphone off."""

    k: Literal["hush"]
    seat: Annotated[int, Field(ge=1, le=2**31)]


LedBody = HandBody | HushBody
"""What is said so."""
