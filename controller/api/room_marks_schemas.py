"""What pages say to a room of marks, frozen pictures and checklists, and are answered."""

import base64
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from controller.api.bodies import PRINTABLE, Body
from controller.telemedicine.checklists.library import Words
from controller.telemedicine.marks.images import PREFIX
from controller.telemedicine.rooms.room import ROOM

_Id = Annotated[str, StringConstraints(min_length=22, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
_Still = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9A-Za-z_-]*$")]
_Seat = Annotated[int, Field(ge=1, le=2**31)]
_Part = Annotated[float, Field(ge=0, le=1, strict=False, allow_inf_nan=False)]
_Point = Annotated[list[_Part], Field(min_length=2, max_length=2)]
_Side = Annotated[int, Field(ge=1, le=16_384)]
_Size = Annotated[list[_Side], Field(min_length=2, max_length=2)]
_Words = Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)]
View = Annotated[int, Field(ge=0, le=15, description="which camera of that seat, as its page counts them")]
_List = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-z-]*$")]
_POINTS = {"pen": (2, 400), "arrow": (2, 2), "measure": (2, 2), "text": (1, 1), "pin": (1, 1)}
_WRITTEN = frozenset({"text", "pin"})
PATCH_BYTES = 49 * 49
"""Of a pinned label: a square of grey pixels, by which every page finds it again (room/marks/pin.js)."""


class MarkBody(Body):
    """Something that is drawn, kept until it is taken away; points are parts of the picture's sides."""

    k: Literal["mark"]
    id: _Id = Field(description="drawn by the page: the same mark said again is kept once")
    seat: Annotated[int, Field(ge=0, le=2**31)] = Field(
        description="on whose picture; 0: on the image that is shown to all"
    )
    still: _Still = Field("", description="that image, or a frozen picture; empty: on the live one")
    view: View = 0
    kind: Literal["pen", "arrow", "measure", "text", "pin"]
    points: Annotated[list[_Point], Field(min_length=1, max_length=400)]
    size: _Size = Field(description="of the picture that it was drawn on, in pixels: width, height")
    text: _Words = ""
    mm: Annotated[float, Field(gt=0, le=3000, strict=False)] | None = Field(
        None, description="how long somebody says that this line is: others are measured by it"
    )
    patch: Annotated[str, StringConstraints(max_length=4 * PATCH_BYTES)] = Field(
        "", repr=False, description="base64 of 49 by 49 grey pixels about a pinned label"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        least, most = _POINTS[self.kind]
        if not least <= len(self.points) <= most:
            raise ValueError(f"expected {least} to {most} points for {self.kind}, got {len(self.points)}")
        if (self.kind in _WRITTEN) != bool(self.text.strip()):
            raise ValueError("expected words at what is written, and nowhere else")
        if self.mm is not None and self.kind != "measure":
            raise ValueError("expected a length at a measured line alone")
        if (self.seat == ROOM) != self.still.startswith(PREFIX):
            raise ValueError(f"expected {PREFIX}… as still of seat 0, and of no other")
        if self.seat == ROOM and (self.kind == "pin" or self.mm is not None):
            raise ValueError("expected neither a pinned label nor a length that is said on an image")
        if (self.kind == "pin") != bool(self.patch) or not _is_patch(self.patch):
            raise ValueError(f"expected base64 of {PATCH_BYTES} bytes at a pinned label alone")
        return self


class UnmarkBody(Body):
    """Take away what oneself has drawn; staff, what anybody has."""

    k: Literal["unmark"]
    ids: Annotated[list[_Id], Field(min_length=1, max_length=300)]


class MarkingBody(Body):
    """Whether guests may draw, by staff."""

    k: Literal["marking"]
    guests: bool


class ThawBody(Body):
    """A frozen picture is live again."""

    k: Literal["thaw"]
    still: _Id


class ChecklistBody(Body):
    """Begin a checklist; empty: put away the one that is on. By staff."""

    k: Literal["checklist"]
    which: _List


class StepBody(Body):
    """A step is done, or is not after all. By staff."""

    k: Literal["step"]
    run: Annotated[int, Field(ge=1, le=2**52)] = Field(description="of the checklist that the page shows")
    step: _List
    done: bool


MarksBody = MarkBody | UnmarkBody | MarkingBody | ThawBody | ChecklistBody | StepBody
"""For the room: see api/rooms_schemas.py."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MarkView(_Told):
    """A mark."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str
    author: int = Field(alias="from", description="the seat of who drew it")
    name: str
    seat: int
    still: str
    view: int = 0
    kind: str
    points: list[list[float]]
    size: list[int]
    text: str
    mm: float | None = None
    patch: str


class StillView(_Told):
    """A frozen picture: of which seat, and by whom."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str
    seat: int
    author: int = Field(alias="from")
    name: str


class ShownImage(_Told):
    """The image of a case that is shown to all; each page asks for it by its person's own right."""

    id: str = Field(description="as marks on it call it; empty: one may not see it")
    n: int = Field(description="the place of its case on the agenda")
    by: str = ""
    case: int = 0
    item: int = 0
    series: str = ""
    instance: str = ""
    frame: int = Field(0, description="from 1 on")
    leads: bool = Field(False, description="whether one may show another")


class StepDone(_Told):
    """Who did it, and when."""

    name: str
    at_ms: int


class StepView(_Told):
    """A step of the checklist that is on."""

    id: str
    words: Words
    done: StepDone | None


class ChecklistView(_Told):
    """The checklist that is on."""

    run: int
    which: str
    words: Words
    source: str
    steps: list[StepView]


class ListView(_Told):
    """A checklist that can be begun."""

    id: str
    words: Words


class MarksAnswer(_Told):
    """What is drawn in a room, for who comes late."""

    guests: bool = Field(description="whether guests may draw")
    marks: list[MarkView]
    stills: list[StillView]
    image: ShownImage | None
    checklist: ChecklistView | None
    lists: list[ListView]


class SnapshotAnswer(_Told):
    """What the archive has now; empty while it waits for the archive, which does not answer."""

    patient: str
    state: Literal["kept", "waiting"]
    study: str
    bare: str = Field(description="the instance as the camera gave it")
    annotated: str | None = Field(description="and as it was drawn upon, if it was")


class SnapshotView(_Told):
    """A picture that was kept."""

    id: int
    actor: str = Field(description="by whom")
    at_ms: int = Field(description="UTC")
    state: Literal["waiting", "kept", "refused"] = Field(description="waiting: the archive does not answer")
    study: str
    annotated: bool = Field(description="whether there is one that was drawn upon, too")
    why: str = Field(description="why it was refused")


class SnapshotsAnswer(_Told):
    """The pictures of a visit, the earliest first."""

    patient: str
    snapshots: list[SnapshotView]


def _is_patch(text: str) -> bool:
    if not text:
        return True
    try:
        return len(base64.b64decode(text, validate=True)) == PATCH_BYTES
    except ValueError:
        return False
