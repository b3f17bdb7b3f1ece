"""What requests and answers about the file of a case, and about what is concluded of it, look like."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.conferences_schemas import Told
from controller.api.patient_images_schemas import PatientStudy
from controller.conferences.conclusions import LONGEST
from controller.conferences.items import LONGEST_TEXT, Kind
from controller.conferences.model import Stand

_LINES = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
_Text = Annotated[str, StringConstraints(max_length=LONGEST, pattern=_LINES)]


class WhatBody(Body):
    """Which one; its members depend on the kind."""

    from_ms: Annotated[int, Field(ge=0, le=2**42)] | None = None
    to_ms: Annotated[int, Field(ge=0, le=2**42)] | None = None
    study: Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9.]+$")] | None = None
    accession: Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)] | None = None
    number: Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)] | None = None
    visit: Annotated[str, StringConstraints(max_length=40, pattern=PRINTABLE)] | None = None
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=_LINES)] | None = None


class CaseItemBody(Body):
    """Something of the record that is to be shown with the case."""

    kind: Kind
    what: WhatBody
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]


class ConclusionBody(Body):
    """What is concluded."""

    conclusion: _Text
    plan: _Text = ""


class StanceBody(Body):
    """What one means to sign; `words`: of who differs."""

    stand: Stand
    words: _Text = ""


class SignatureBody(StanceBody):
    """The same, signed: a detached JWS over the document that was answered."""

    signature: Annotated[str, StringConstraints(min_length=1, max_length=20_000, pattern=r"^[!-~]+$")]


class ItemLine(Told):
    """Something that was chosen."""

    id: int
    kind: Kind
    title: str
    by: str
    at_ms: int


class FileAnswer(Told):
    """The file of a case."""

    server_ms: int
    patient: str
    items: list[ItemLine]


class ItemAnswer(Told):
    """What an item says; `content` depends on the kind."""

    server_ms: int
    patient: str
    item: ItemLine
    content: dict[str, Any]


class StudyAnswer(Told):
    """The images of an item."""

    patient: str
    study: PatientStudy


class OpinionView(Told):
    """What somebody signed."""

    actor: str
    stand: Stand
    words: str


class RecordLine(Told):
    """What was concluded of a patient."""

    number: str
    case: int
    title: str
    question: str
    conclusion: str
    plan: str
    by: str
    utc_ms: int
    closed_ms: int
    closed_why: str
    opinions: list[OpinionView]


class RecordAnswer(Told):
    """The conclusions on a patient's record, the latest first."""

    server_ms: int
    patient: str
    conclusions: list[RecordLine]
