"""What requests and answers about a patient's own visits, measurements and record look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.my_targets import HomeTarget, Standing
from controller.api.visit_notes_schemas import SummaryView
from controller.patient_access.looks import What, Who
from controller.patient_access.measured import Word
from controller.security.permissions import Role
from controller.telemedicine.model import Language, Scope, Way
from controller.telemedicine.model import Word as ConsentWord
from controller.telemedicine.notes.model import Measured
from controller.telemedicine.states import VisitState

ConsentKind = Literal["visit", "conference", "partner"]
"""What it was given for."""
_About = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]


class _Told(BaseModel):
    """Times `*_ms` are in the controller's time scale, but for those that are said to be UTC."""

    model_config = ConfigDict(extra="forbid")


class TakenBackBody(Body):
    """What is not agreed to any more."""

    kind: ConsentKind
    about: _About
    scope: Scope = "sharing"
    language: Language = "en"


class ReadingSaidBody(Body):
    """Whether it was the patient whom the device measured."""

    said: Word


class MyVisit(_Told):
    """A visit as its patient sees it."""

    number: str
    state: VisitState
    host: str = Field(description="who holds it: the name of an account")
    start_ms: int = Field(description="UTC")
    minutes: int
    reason: str
    way: Way
    began_ms: int | None
    ended_ms: int | None
    is_open: bool = Field(description="it is to come, or is held now")
    may_enter: bool = Field(description="the way in is open")
    opens_ms: int = Field(description="from when on it is, UTC")
    summary: SummaryView | None = Field(description="the newest that is signed")


class MyConsent(_Told):
    """The last word on one thing."""

    kind: ConsentKind
    about: str = Field(description="the number of the visit or the conference, or the partner's site")
    name: str = Field(description="of the partner, of the sites")
    start_ms: int | None = Field(description="when the visit is, UTC; null: it is of none")
    scope: Scope
    said: ConsentWord
    holds: bool = Field(description="whether it is agreed to now")
    text: str = Field(description="the words that were shown")
    language: Language
    by: str
    at_ms: int = Field(description="UTC")


class MyConsents(_Told):
    """All of them, the latest first."""

    utc_ms: int
    patient: str
    consents: list[MyConsent]


class MyVisits(_Told):
    """Those of the patient, the latest first."""

    server_ms: int
    utc_ms: int
    patient: str
    visits: list[MyVisit]


class HomeReading(_Told):
    """A value that a device at home measured; nobody of the hospital saw it."""

    id: int
    kind: Measured
    device: str
    at_ms: int
    value: float
    second: float | None = Field(description="the diastolic one of a blood pressure")
    unit: str = Field(description="UCUM")
    is_doubtful: bool = Field(description="the device says something against it")
    said: Word | None = Field(description="what the patient says of it")
    against: Standing | None = Field(description="how it stands to the target; null: there is none for it")


class HomePlanned(_Told):
    """What is to be measured at home, as a signed summary says. Times are UTC."""

    what: Measured
    at: list[str] = Field(description="times of day")
    until_ms: int
    next_ms: int | None = Field(description="null: it is over before the next one")
    visit: str
    by: str


class HomeReadings(_Told):
    """Of the last 14 days, the newest first; of what is measured all the while the last one of each hour."""

    server_ms: int
    patient: str
    readings: list[HomeReading]
    targets: list[HomeTarget]
    planned: list[HomePlanned]


class MyLook(_Told):
    """Somebody, a kind of thing, a day."""

    who: Who
    name: str
    roles: list[Role] = Field(description="what they are now; empty: no person, or none any more")
    what: What
    day: str
    first_ms: int = Field(description="UTC")
    last_ms: int = Field(description="UTC")
    broke_glass: bool = Field(description="they were not in charge, and gave a reason")


class MyLooks(_Told):
    """Of the last 30 days, the newest first."""

    patient: str
    days: Literal[30]
    looks: list[MyLook]
    is_whole: bool = Field(description="false: there were more than are told")


class HomeBody(Body):
    """Whether a patient lives at that place."""

    home: bool
