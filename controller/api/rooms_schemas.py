"""What pages in a room say to the controller, and are answered."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from controller.api import conferences_room_schemas as led
from controller.api import room_marks_schemas as marks
from controller.api.bodies import PRINTABLE, Body
from controller.telemedicine.rooms.talk import LONGEST

_Instance = Annotated[str, StringConstraints(min_length=22, max_length=64, pattern=r"^[0-9A-Za-z_-]+$")]
_Seat = Annotated[int, Field(ge=1, le=2**31)]
_Count = Annotated[int, Field(ge=0, le=2**31)]
_Sdp = Annotated[str, StringConstraints(max_length=60_000)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]
_SeatName = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
_Reduced = Annotated[dict[_SeatName, Literal["less", "sound", "text"]], Field(max_length=12)]
_Short = Annotated[str, StringConstraints(max_length=2000)]


class SeatBody(Body):
    """A page that wants a seat."""

    instance: _Instance = Field(repr=False, description="drawn by the page, and told to nobody else")


class CandidateBody(Body):
    """An ICE candidate (W3C WebRTC, RTCIceCandidateInit)."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)

    candidate: _Short
    sdp_mid: _Short | None = None
    sdp_m_line_index: Annotated[int, Field(ge=0, le=65535)] | None = None
    username_fragment: _Short | None = None


class SignalBody(Body):
    """What one page tells another about their connection; `n` counts the offers."""

    k: Literal["offer", "answer", "candidate", "ask"]
    n: _Count = 0
    fresh: bool = False
    sdp: _Sdp = ""
    candidate: CandidateBody | None = None


class ChatBody(Body):
    """A line for everybody, kept."""

    k: Literal["chat"]
    text: _Text
    key: _Instance = Field(description="drawn by the page: the same line said again is kept once")


class MediaBody(Body):
    """What the page sends now."""

    k: Literal["media"]
    audio: bool
    video: bool
    view: marks.View = 0
    reduced: _Reduced = Field({}, description="by seat, 0: all; what a slow network leaves of it")


class PublishBody(Body):
    """What the page offers to send by the hospital's server; `n` counts its attempts in this era."""

    k: Literal["publish"]
    era: _Count
    n: _Count
    sdp: _Sdp


class SubscribedBody(Body):
    """What the page answers to offer `v` of what it is shown by the hospital's server."""

    k: Literal["subscribed"]
    era: _Count
    n: _Count
    v: _Count
    sdp: _Sdp


class ToSeat(Body):
    """For another seat."""

    to: _Seat
    body: SignalBody


class ToRoom(Body):
    """For the room."""

    to: Literal[0]
    body: Annotated[
        ChatBody | MediaBody | PublishBody | SubscribedBody | marks.MarksBody | led.LedBody,
        Field(discriminator="k"),
    ]


class SaidBody(Body):
    """What a page says, numbered from `first` on; said again, it is heard once. Nothing is a sign of life."""

    seat: _Seat
    epoch: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)]
    confirms: _Count = Field(description="the number of what it was told last")
    first: Annotated[int, Field(ge=1, le=2**31)]
    said: Annotated[list[ToSeat | ToRoom], Field(max_length=50)]


class LeftBody(Body):
    """A page that goes."""

    seat: _Seat


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TalkLine(_Told):
    """A line that was written in the room."""

    id: int
    actor: str
    name: str
    text: str
    at_ms: int


class IceServer(_Told):
    """As RTCPeerConnection takes it."""

    urls: list[str]
    username: str
    credential: str


class SeatAnswer(_Told):
    """The seat that a page has."""

    patient: str | None = Field(description="whose visit it is, for who may know")
    server_ms: int
    epoch: str
    seat: int
    told: int = Field(description="the number of what it was told last: events go on from there")
    talk: list[TalkLine]
    ice: list[IceServer]


class HeardAnswer(_Told):
    """What was heard."""

    heard: int


def plain(body: Body) -> dict[str, Any]:
    """As it is passed on: what is not said is left out."""
    return body.model_dump(exclude_none=True, by_alias=True)
