"""What requests and answers about visits by video look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.telemedicine.links import DIGITS
from controller.telemedicine.model import Guest, Language, Scope, Way, Word
from controller.telemedicine.states import VisitState

_Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
_Number = Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)]
_Moment = Annotated[int, Field(ge=0, le=2**52)]
_Minutes = Annotated[int, Field(ge=1, le=1440)]


class VisitBody(Body):
    """What is agreed upon."""

    patient: _Name = Field(description="the identifier")
    host: Annotated[str, StringConstraints(max_length=64, pattern=PRINTABLE)] = Field(
        "", description="who holds it: the name of an account; empty: who asks"
    )
    start_ms: _Moment | None = Field(None, description="UTC; null: now")
    minutes: _Minutes = 20
    reason: _Line
    way: Way = "scheduled"
    follows: _Number = ""


class VisitTimeBody(Body):
    """When it is instead."""

    start_ms: _Moment = Field(description="UTC")
    minutes: _Minutes


class VisitStateBody(Body):
    """How it goes on."""

    state: Literal["in-progress", "fulfilled", "cancelled", "noshow", "entered-in-error"]
    why: _Line = ""


class VisitLinkBody(Body):
    """Whom to let in."""

    guest: Guest
    name: _Line = Field("", description="a guest's: all in the room see it; a robot's: as /api/robots has it")


class ConsentBody(Body):
    """What the patient says of one thing."""

    scope: Scope
    said: Word
    language: Language = "en"


class VisitEnterBody(Body):
    """Who wants in."""

    link: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)] = Field(
        repr=False, description="what stands behind # in the link"
    )
    code: Annotated[str, StringConstraints(pattern=rf"^[0-9]{{{DIGITS}}}$")] = Field(repr=False)


class _Told(BaseModel):
    """A JSON object with exactly these members. Times `*_ms` are in the controller's time scale, but for
    start_ms, which is UTC."""

    model_config = ConfigDict(extra="forbid")


class VisitPatient(_Told):
    """Whose it is."""

    identifier: str
    name: str


class VisitView(_Told):
    """A visit."""

    number: str
    patient: VisitPatient
    host: str
    start_ms: int
    minutes: int
    reason: str
    way: Way
    follows: str
    state: VisitState
    possible: list[VisitState] = Field(description="what it may become now")
    revision: int = Field(description="for If-Match")
    booked_by: str
    booked_ms: int
    changed_by: str
    changed_ms: int
    began_ms: int | None
    ended_ms: int | None


class ConsentView(_Told):
    """What was said of one thing."""

    scope: Scope
    said: Word
    holds: bool = Field(description="whether it is agreed to now")
    text: str = Field(description="the words that were shown")
    language: Language
    by: str
    at_ms: int
    until_ms: int


class LinkView(_Told):
    """A way in, without what opens it."""

    id: int
    guest: Guest
    name: str
    by: str
    at_ms: int
    used_ms: int | None
    revoked_ms: int | None
    spent: bool = Field(description="too many wrong codes were said with it")


class VisitAnswer(_Told):
    """One visit, and what belongs to it."""

    server_ms: int
    visit: VisitView
    consents: list[ConsentView] = Field(description="the last word on each thing")
    links: list[LinkView]
    busy: list[str] = Field(description="other visits that the same person holds at that time")


class VisitList(_Told):
    """Visits."""

    server_ms: int
    utc_ms: int
    visits: list[VisitView]


class LinkAnswer(_Told):
    """A new link. Link and code are told this once, and go to the person in two ways."""

    patient: str
    id: int
    address: str
    qr: list[str] = Field(description="the address as a QR code: rows of 0 and 1")
    code: str


class ConsentWords(_Told):
    """What is to be agreed to."""

    scope: Scope
    en: str
    zh: str


class OwnVisit(_Told):
    """The visit for who came in by a link."""

    server_ms: int
    utc_ms: int
    number: str
    patient: str | None = Field(description="the identifier, for the patient alone")
    name: str = Field(description="under which one is in the room")
    guest: Guest
    host: str
    start_ms: int
    minutes: int
    state: VisitState
    consents: list[ConsentView] = Field(description="for the patient alone")
    words: list[ConsentWords] = Field(description="what the patient is asked")
