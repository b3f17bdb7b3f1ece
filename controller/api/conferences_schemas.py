"""What requests and answers about conferences look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.conferences.model import Part, Stand
from controller.conferences.notices import Kind as NoticeKind
from controller.conferences.states import AnswerState, CaseState, ConferenceState
from controller.telemedicine.model import Language, Word

Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
Actor = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
_Moment = Annotated[int, Field(ge=0, le=2**42)]
_Minutes = Annotated[int, Field(ge=1, le=1440)]
_Question = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PRINTABLE)]


class MemberBody(Body):
    """Somebody who is asked."""

    actor: Actor = Field(description="an account, or an expert as /api/experts names one")
    part: Part = "expert"
    required: bool = Field(False, description="without them it does not take place")


class CaseBody(Body):
    """A patient on the agenda."""

    patient: _Name = Field(description="the identifier")
    question: _Question = Field(description="without what says who it is: all who are asked read it")
    minutes: _Minutes = 10
    presenter: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""


class CaseChangeBody(Body):
    """What is asked of a case instead."""

    question: _Question
    minutes: _Minutes
    presenter: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""


class RequestBody(Body):
    """A conference that is asked for."""

    title: Line
    start_ms: _Moment = Field(description="UTC")
    minutes: _Minutes = 45
    scribe: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""
    members: Annotated[list[MemberBody], Field(min_length=1, max_length=40)]
    cases: Annotated[list[CaseBody], Field(max_length=30)]


class AnswerBody(Body):
    """What somebody says to being asked."""

    answer: Literal["accepted", "declined", "tentative"]
    why: Line = ""
    proposed_ms: _Moment | None = Field(None, description="UTC, of who proposes another time (tentative)")


class TimeBody(Body):
    """When it is instead."""

    start_ms: _Moment = Field(description="UTC")
    minutes: _Minutes


class MembersBody(Body):
    """Who is asked, too."""

    members: Annotated[list[MemberBody], Field(min_length=1, max_length=40)]


class RequiredBody(Body):
    """Whether somebody has to be there."""

    actor: Actor
    required: bool


class StateBody(Body):
    """How it goes on."""

    state: Literal["in-progress", "finished", "fulfilled", "cancelled", "entered-in-error"]
    why: Line = ""


class AgendaOrderBody(Body):
    """Every case once, in this order."""

    order: Annotated[list[int], Field(max_length=30)]


class OffBody(Body):
    """Whether a case is taken off the agenda."""

    off: bool


class NowBody(Body):
    """What is spoken about now."""

    case: int


class PresentBody(Body):
    """Who sat at another's screen."""

    actor: Actor


class SharingBody(Body):
    """What the patient said of the experts seeing the case, written down by who heard it."""

    said: Word
    language: Language = "en"
    sites: Annotated[list[_Name], Field(max_length=20)] = Field(
        default_factory=list[str], description="other hospitals that it is for, too"
    )


class Told(BaseModel):
    """A JSON object with exactly these members. Times `*_ms` are in the controller's time scale, but for
    start_ms, proposed_ms and utc_ms, which are UTC."""

    model_config = ConfigDict(extra="forbid")


class MemberView(Told):
    """Who was asked, and what they said."""

    actor: str
    site: str
    display: str
    part: Part
    required: bool
    answer: AnswerState
    why: str
    proposed_ms: int | None
    answered_ms: int | None


class CasePatient(Told):
    """Whose case it is."""

    identifier: str
    name: str


class SharingView(Told):
    """What the patient said last."""

    said: Word
    holds: bool
    sites: list[str]
    by: str
    at_ms: int
    until_ms: int


class VoteView(Told):
    """What somebody signed."""

    actor: str
    stand: Stand
    words: str
    at_ms: int


class ConclusionView(Told):
    """The newest version of what was concluded."""

    version: int
    conclusion: str
    plan: str
    by: str
    utc_ms: int
    votes: list[VoteView]


class CaseView(Told):
    """A case on the agenda."""

    id: int
    place: int
    patient: CasePatient | None = Field(description="null: for who may not know, or not yet, or not any more")
    is_seen: bool = Field(description="who asks sees the patient without the conference, too")
    question: str
    minutes: int
    presenter: str
    state: CaseState
    consent: SharingView | None = Field(description="for who may know; null: nobody was asked")
    version: int = Field(description="of the conclusion, for If-Match; 0: there is none")
    conclusion: ConclusionView | None
    missing: list[str] = Field(description="who is asked to sign, and has not")


class ConferenceView(Told):
    """A conference."""

    number: str
    title: str
    start_ms: int
    minutes: int
    scribe: str
    state: ConferenceState
    possible: list[ConferenceState]
    revision: int = Field(description="for If-Match")
    requester: str
    requested_ms: int
    changed_by: str
    changed_ms: int
    began_ms: int | None
    ended_ms: int | None
    closed_ms: int | None
    closed_why: str
    me: str = Field(description="the actor who asks")
    is_chair: bool
    members: list[MemberView]
    cases: list[CaseView]


class SharingWords(Told):
    """What a patient is asked to agree to."""

    en: str
    zh: str


class ConferenceAnswer(Told):
    """One conference."""

    server_ms: int
    utc_ms: int
    words: SharingWords
    conference: ConferenceView


class ConferenceNoticeView(Told):
    """Something that one has to know."""

    id: int
    number: str
    title: str
    start_ms: int
    kind: NoticeKind
    detail: str
    at_ms: int


class ConferenceLine(Told):
    """A conference in a list."""

    number: str
    title: str
    start_ms: int
    minutes: int
    state: ConferenceState
    chair: str
    cases: int
    answer: AnswerState = Field(description="one's own")
    mark: str = Field(description="another as soon as anything of it is: then ask for it again")
    to_sign: int = Field(description="cases that one is asked to sign")


class ConferenceList(Told):
    """Those that one was asked to, the latest first, and what one has not read."""

    server_ms: int
    utc_ms: int
    conferences: list[ConferenceLine]
    notices: list[ConferenceNoticeView]
