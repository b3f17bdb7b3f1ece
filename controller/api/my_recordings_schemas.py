"""What answers about the recordings of a patient, for that patient, look like. Times `*_ms` are UTC."""

from pydantic import BaseModel, ConfigDict, Field

from controller.api.my_visits_schemas import MyLook
from controller.telemedicine.recordings.erasures import ErasureState
from controller.telemedicine.recordings.states import RecordingState


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MyErasure(_Told):
    """What became of the wish that it be erased, where the hospital has to keep it."""

    state: ErasureState
    at_ms: int
    answer: str = Field(description="why so")
    answered_by: str


class MyRecording(_Told):
    """One of them."""

    number: str
    room: str = Field(description="the visit's number, or the conference's")
    by: str = Field(description="who recorded: the name of an account")
    state: RecordingState
    of_visit: bool = Field(description="false: of a conference about the patient")
    asked_ms: int
    erase_ms: int | None = Field(description="until when it is kept")
    erased_ms: int | None
    may_erase: bool
    erasure: MyErasure | None
    watched: list[MyLook] = Field(description="who watched it, or took it away, by the audit trail")


class MyRecordings(_Told):
    """All of them, the latest first."""

    patient: str
    days: int = Field(description="so long a recording is kept after it stopped")
    is_at_once: bool = Field(description="false: the hospital has to keep them, and a physician answers")
    recordings: list[MyRecording]
