"""What answers about the archive of images look like."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape

Why = Annotated[
    str, StringConstraints(min_length=3, max_length=200, strip_whitespace=True, pattern=PRINTABLE)
]

Text = Annotated[
    str, StringConstraints(max_length=64, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f\\]*$")
]
"""A value of DICOM (LO, PN): a backslash would make it two."""


class ImagedPatient(Shape):
    """Whose a study is, as its files say."""

    identifier: str | None = Field(description="null: the files name none")
    name: str = Field(description="Family^Given (PS3.5, 6.2, PN)")


class ImagingStudy(Shape):
    """A study. Texts are as its files say; dates YYYYMMDD, times HHMMSS, as far as they are known."""

    study: str = Field(description="Study Instance UID")
    patient: ImagedPatient
    birth_date: str
    sex: str
    date: str
    time: str
    accession: str
    description: str
    modalities: list[str]
    series: int
    instances: int
    urgency: int = Field(ge=0, le=3, description="0 routine … 3 at once")
    held: str = Field(description="why only those who look after the archive see it; empty: all do")
    order: str | None = Field(None, description="the accession number of the order here; null: it has none")


class Worklist(Shape):
    """Studies, the urgent and the new ones first."""

    port: int = Field(description="of the viewer, on the host name of this page")
    studies: list[ImagingStudy]
    more: bool = Field(description="whether there are more after these")


class NotLetIn(Shape):
    """A file that was not let into the archive, and waits for a person."""

    id: int
    at_ms: int
    from_whom: str
    reason: str
    message: str
    size: int = Field(description="bytes")
    study: str
    instance: str
    patient: str | None = Field(description="the identifier, if it could be read")


class NotLetInList(Shape):
    """The newest first."""

    server_ms: int
    files: list[NotLetIn]
    total: int


class Doubt(Shape):
    """A study whose patient may be another than it says."""

    at_ms: int
    reason: str
    message: str
    expected: str = Field(description="the name that the hospital has for that identifier; empty: none")
    study: ImagingStudy


class DoubtList(Shape):
    """The newest first."""

    server_ms: int
    doubts: list[Doubt]


class Statement(Shape):
    """What a person agrees to who adds a file, in each language: it is repeated word for word."""

    en: str
    zh: str


class Added(Shape):
    """What became of a file that somebody added."""

    outcome: Literal["stored", "already", "held", "quarantined", "refused"] = Field(
        description="held: in the archive, and only those who look after it see it until it is settled whose"
    )
    study: str = Field(description="Study Instance UID")
    series: str = Field(description="Series Instance UID")
    instance: str = Field(description="SOP Instance UID")
    patient_id: str
    reason: str = Field(description="a word to count by; empty: nothing is wrong")
    message: str


class UrgencyBody(Body):
    """How soon a study is to be looked at."""

    urgency: Annotated[int, Field(ge=0, le=3)]


class SettledBody(Body):
    """What becomes of a file that was not let in."""

    how: Literal["discarded", "taken"]


class MoveBody(Body):
    """The patient of whom a study is (PS3.3, C.7.1.1), and how that is known."""

    identifier: Text = Field(min_length=1)
    name: Text = Field(min_length=1, description="Family^Given")
    birth_date: Annotated[str, StringConstraints(pattern=r"^([0-9]{8})?$")] = ""
    sex: Literal["F", "M", "O", ""] = ""
    why: Why


class DeleteBody(Body):
    """Why a study is deleted."""

    why: Why
