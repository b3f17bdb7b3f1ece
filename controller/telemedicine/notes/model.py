"""What notes and summaries of a visit say. Times `*_ms` are in the controller's time scale, or UTC."""

from dataclasses import dataclass
from typing import Literal

from controller.telemedicine.model import Language, Subject

Measured = Literal[
    "blood-pressure", "weight", "blood-glucose", "body-temperature", "heart-rate", "oxygen-saturation"
]
"""What a patient can measure at home."""
MOST_TIMES, MOST_DAYS = 8, 366


@dataclass(frozen=True, slots=True)
class Taken:
    """A number that was taken over from the room; in its metric's unit."""

    metric: str
    value: float
    unit: str
    """UCUM."""
    device: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class HomePlan:
    """What the patient is to measure at home."""

    what: Measured
    times: int
    """A day."""
    days: int


@dataclass(frozen=True, slots=True)
class Note:
    """What staff write while a visit is held."""

    reason: str = ""
    history: str = ""
    examination: str = ""
    """What was seen and heard by video."""
    assessment: str = ""
    plan: str = ""
    referral: str = ""
    """To whom the patient is sent, and for what."""
    vitals: tuple[Taken, ...] = ()
    home: tuple[HomePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version of the notes, as it is kept for ever; 0: nothing was written."""

    version: int
    note: Note
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Plain:
    """What a physician tells the patient in plain words."""

    language: Language
    talked: str
    """What was talked about."""
    found: str
    todo: str
    call: str
    """When to call, or to come at once."""
    why: str = ""
    """Why another version takes the place of a signed one."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """A prescription that was signed in the visit."""

    number: str
    name: str
    dosage: str


@dataclass(frozen=True, slots=True)
class Next:
    """The visit that follows."""

    number: str
    start_ms: int
    """UTC."""
    minutes: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A version of the summary: the words, and what is taken over from notes and records with them."""

    number: str
    """The visit's."""
    subject: Subject
    """Whose, as they were called then."""
    host: str
    began_ms: int | None
    ended_ms: int | None
    """None: it went on."""
    replaces: int
    """The version that was signed before; 0: none was."""
    plain: Plain
    referral: str
    vitals: tuple[Taken, ...]
    medicines: tuple[Medicine, ...]
    home: tuple[HomePlan, ...]
    follow_up: Next | None


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed of it."""

    by: str
    utc_ms: int
    """UTC."""
    document: str
    """Canonical JSON."""
    signature: str
    receipt: str


@dataclass(frozen=True, slots=True)
class SummaryVersion:
    """A version of the summary, as it is kept for ever."""

    version: int
    summary: Summary
    by: str
    at_ms: int
    utc_ms: int
    """UTC."""
    signed: Signed | None
