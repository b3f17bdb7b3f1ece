"""What requests and answers about research projects look like."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.patients_schemas import Identifier
from controller.api.schemas import Shape
from controller.lake.research.projects import Basis
from controller.telemedicine.model import Language, Word

Text = Annotated[
    str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True, pattern=PRINTABLE)
]
Day = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$")]
MetricName = Annotated[str, StringConstraints(max_length=40)]


class ResearchBody(Body):
    """A project that is proposed; days are of the time of measurement, both included."""

    title: Text
    purpose: Text
    basis: Basis
    metrics: Annotated[list[MetricName], Field(min_length=1, max_length=80)]
    from_day: Day
    to_day: Day
    expires_utc_ms: Annotated[int, Field(ge=0, le=2**52)]


class ResearchStateBody(Body):
    """What becomes of a project; `why` is kept."""

    state: Literal["approved", "refused", "closed"]
    why: Text


class ResearchConsentBody(Body):
    """What a patient says of research, or of one project ("": of all)."""

    patient: Identifier
    said: Word
    language: Language
    project: Annotated[str, StringConstraints(max_length=20)] = ""


class ResearchRelease(Shape):
    """What left."""

    release: int
    generation: int
    people: int
    rows: int
    digest: str
    by: str
    utc_ms: int


class ResearchView(Shape):
    """A project."""

    number: str
    title: str
    purpose: str
    basis: Basis
    metrics: list[str]
    from_day: str
    to_day: str
    expires_utc_ms: int
    state: str
    holds: bool
    proposed_by: str
    proposed_utc_ms: int
    decided_by: str | None
    decided_utc_ms: int | None
    why: str
    closed_by: str | None
    closed_utc_ms: int | None
    releases: list[ResearchRelease]


class ResearchList(Shape):
    """All projects, the newest first; `metrics`: what a project may ask for, each with its unit (UCUM)."""

    now_utc_ms: int
    metrics: list[tuple[str, str]]
    projects: list[ResearchView]
