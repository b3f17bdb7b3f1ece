"""What requests and answers about notes and summaries of visits look like."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.telemedicine.model import Language
from controller.telemedicine.notes.model import MOST_DAYS, MOST_TIMES, Measured

_WORDS = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""With new lines and tabs."""
_Long = Annotated[str, StringConstraints(max_length=3000, pattern=_WORDS)]
_Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]


class NotedVitalBody(Body):
    """A number of the room, taken over."""

    metric: _Name
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: _Name = Field(description="UCUM")
    device: _Name
    at_ms: Annotated[int, Field(ge=0, le=2**52)]


class HomePlanBody(Body):
    """What the patient is to measure at home."""

    what: Measured
    times: Annotated[int, Field(ge=1, le=MOST_TIMES, description="a day")]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]


class NoteBody(Body):
    """The notes, whole."""

    reason: _Long = ""
    history: _Long = ""
    examination: _Long = Field("", description="what was seen and heard by video")
    assessment: _Long = ""
    plan: _Long = ""
    referral: _Long = ""
    vitals: Annotated[list[NotedVitalBody], Field(default_factory=list, max_length=100)]
    home: Annotated[list[HomePlanBody], Field(default_factory=list, max_length=6)]


class SummaryBody(Body):
    """The summary in plain words; what is taken over from the notes is taken by the controller."""

    language: Language
    talked: _Long
    found: _Long = ""
    todo: _Long
    call: _Long = Field("", description="when to call, or to come at once")
    why: _Line = Field("", description="why another version takes the place of a signed one")


class SummarySignatureBody(Body):
    """By the personal key of who wrote it, over …/summary/document."""

    signature: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class _Told(BaseModel):
    """A JSON object with exactly these members. Times `*_ms` are in the controller's time scale."""

    model_config = ConfigDict(extra="forbid")


class NotedVital(_Told):
    """A number that was taken over from the room."""

    metric: str
    value: float
    unit: str
    device: str
    at_ms: int


class HomePlanView(_Told):
    """What the patient is to measure at home."""

    what: Measured
    times: int = Field(description="a day")
    days: int


class NoteView(_Told):
    """What staff wrote."""

    reason: str
    history: str
    examination: str
    assessment: str
    plan: str
    referral: str
    vitals: list[NotedVital]
    home: list[HomePlanView]


class NoteVersionView(_Told):
    """A version of the notes."""

    version: int = Field(description="for If-Match; 0: nothing was written yet")
    note: NoteView
    by: str
    at_ms: int


class MedicineView(_Told):
    """A prescription that was signed in the visit."""

    number: str
    name: str
    dosage: str


class NotesAnswer(_Told):
    """The notes of a visit as they stand."""

    server_ms: int
    patient: str
    notes: NoteVersionView
    prescribed: list[MedicineView]


class NoteVersionList(_Told):
    """All versions of the notes, the newest first."""

    server_ms: int
    patient: str
    versions: list[NoteVersionView]


class NoteVitals(_Told):
    """Numbers of the patient that hold now."""

    server_ms: int
    patient: str
    vitals: list[NotedVital]


class PlainView(_Told):
    """The summary in plain words."""

    language: Language
    talked: str
    found: str
    todo: str
    call: str
    why: str


class NextView(_Told):
    """The visit that follows."""

    number: str
    start_ms: int = Field(description="UTC")
    minutes: int


class SummaryView(_Told):
    """A version of the summary."""

    version: int
    plain: PlainView
    referral: str
    vitals: list[NotedVital]
    medicines: list[MedicineView]
    home: list[HomePlanView]
    follow_up: NextView | None
    by: str
    utc_ms: int = Field(description="when it was written, UTC")
    signed_by: str | None
    signed_ms: int | None = Field(description="UTC")


class SummaryAnswer(_Told):
    """The summary of a visit, all versions, the newest first."""

    server_ms: int
    patient: str
    version: int = Field(description="the newest, for If-Match; 0: there is none yet")
    versions: list[SummaryView]
    proposed: list[PlainView] = Field(description="words to begin with, of the notes, in each language")


class OwnSummary(_Told):
    """The summary for the patient: the newest version that is signed; null: none is yet."""

    server_ms: int
    patient: str
    summary: SummaryView | None
