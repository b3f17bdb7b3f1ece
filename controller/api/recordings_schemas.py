"""What requests and answers about recordings look like. Times `*_ms` are in the controller's time scale."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.telemedicine.model import Language, Word
from controller.telemedicine.recordings.erasures import ErasureState
from controller.telemedicine.recordings.states import RecordingState
from controller.telemedicine.recordings.watching import Fault

_Seat = Annotated[int, Field(ge=1, le=2**31)]
_Count = Annotated[int, Field(ge=0, le=2**31)]
_Number = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PRINTABLE)]
_Why = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
_Media = Annotated[str, StringConstraints(max_length=80, pattern=r"^video/webm;[ a-z0-9=,.]+$")]


class RecordingAskBody(Body):
    """Who asks agrees by that."""

    seat: _Seat
    media: _Media = Field(description="what the page writes, with codecs")
    language: Language = "en"


class RecordingSaidBody(Body):
    """What somebody says of being recorded."""

    recording: _Number
    seat: _Seat
    said: Word
    language: Language = "en"


class RecordingBeginBody(Body):
    """The page that records."""

    seat: _Seat


class RecordingKeepBody(Body):
    """What the page has sent in all."""

    chunks: _Count


class RecordingWhyBody(Body):
    """Why it is done."""

    why: _Why


class RecordingErasureAnswerBody(Body):
    """What is said to a demand, and why: the patient reads it."""

    state: Literal["completed", "rejected"]
    why: _Why


class RecordingErasureBody(Body):
    """Which one the patient wants to be erased."""

    recording: _Number


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecordingWords(_Told):
    """What who asks for it would agree to."""

    en: str
    zh: str


class RecordingAsked(_Told):
    """The recording of this room, for who sits there."""

    recording: str | None = Field(description="its number; null: there is none")
    words: RecordingWords
    aloud: RecordingWords | None = Field(description="for staff: what a patient is asked who has no page")
    holds: bool = Field(description="whether who asks has agreed to it")
    may_record: bool = Field(description="whether who asks may ask for one, and stop it")
    mine: list[str] = Field(description="for the patient: those of this visit that are not erased")


class RecordingMade(_Told):
    """A new one."""

    recording: str


class RecordingStarted(_Told):
    """A run begins."""

    run: int
    key: str = Field(description="AES-256, base 64: chunks are sealed by it in the page")
    next: int = Field(description="the number of the next chunk")
    before: str = Field(description="the hash of the chunk before it, hexadecimal")


class RecordingHeard(_Told):
    """What is kept."""

    heard: int = Field(description="the number of the last chunk")


class RecordingErasure(_Told):
    """What became of the patient's demand."""

    erased: bool = Field(description="false: the hospital has to keep it, and somebody answers the demand")
    erase_ms: int | None


class RecordingSpoken(_Told):
    """What somebody said of being recorded."""

    actor: str
    name: str
    said: Word
    text: str
    language: Language
    at_ms: int


class RecordingRun(_Told):
    """When it ran."""

    n: int
    from_ms: int = Field(description="when its film begins")
    to_ms: int | None


class RecordingStretch(_Told):
    """What can be played without a gap; times are as a player counts in its run."""

    run: int
    from_ms: int
    to_ms: int


class RecordingGap(_Told):
    """What cannot be shown; times are as a player counts in its run."""

    run: int
    from_ms: int
    to_ms: int
    why: Fault


class RecordingView(_Told):
    """A recording, without what is in it."""

    number: str
    by: str
    state: RecordingState
    asked_ms: int
    stopped_ms: int | None
    why: str = Field(description='why it stopped: "stopped", "taken-back", "meeting-over", "left", …')
    erase_ms: int | None = Field(description="when it is erased")
    erased_ms: int | None
    began: bool = Field(description="false: it was asked for, and never ran: there is nothing to watch")


class RecordingDemand(_Told):
    """That it be erased, where the hospital has to keep it."""

    state: ErasureState
    by: str
    why: str
    at_ms: int
    answered_by: str
    answer: str = Field(description="why so, for the patient to read")
    answered_ms: int | None


class RecordingList(_Told):
    """Those of a meeting."""

    patient: str | None = Field(description="the one whom it was about, if it was about one")
    server_ms: int
    recordings: list[RecordingView]


class RecordingAnswer(_Told):
    """One of them, looked through."""

    patient: str | None
    server_ms: int
    recording: RecordingView
    said: list[RecordingSpoken]
    runs: list[RecordingRun]
    stretches: list[RecordingStretch]
    gaps: list[RecordingGap]
    is_cut: bool = Field(description="its end is not the one with which it was closed")
    erasure: RecordingDemand | None = Field(description="the last demand that waits, or was answered")
    may: list[Literal["export", "erase", "settle"]]
