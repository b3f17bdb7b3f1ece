"""A recording, and what belongs to it, as they are kept. Times `*_ms` are in the controller's time scale."""

from dataclasses import dataclass

from controller.telemedicine.model import Consent, Language, Word
from controller.telemedicine.recordings.states import RecordingState

FIRST = bytes(32)
"""What stands for the hash of the chunk before the first."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording, as it stands."""

    id: int
    number: str
    """RC00000001."""
    room: str
    """The meeting's number."""
    by: str
    """Who asked for it, and whose page records."""
    state: RecordingState
    key: str | None
    """Sealed; None: destroyed."""
    media: str
    asked_ms: int
    stopped_ms: int | None
    why: str
    erase_ms: int | None
    chunks: int | None
    """Once it is kept."""
    head: bytes | None
    """The hash of the last chunk, once it is kept."""
    erased_ms: int | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody in the room said of being recorded."""

    actor: str
    name: str
    said: Word
    text: str
    """The words that were shown, whole."""
    language: Language
    at_ms: int


@dataclass(frozen=True, slots=True)
class Run:
    """A time when everybody had agreed and it ran."""

    n: int
    seat: int
    from_ms: int
    to_ms: int | None
    """None: it runs."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A few seconds of a run; `from_ms` and `to_ms` are counted from its begin."""

    n: int
    run: int
    from_ms: int
    to_ms: int
    before: bytes
    digest: bytes
    bytes: int


@dataclass(frozen=True, slots=True)
class Whose:
    """The patient of a visit's room, who need not sit in it to be seen and heard."""

    actor: str
    consent: Consent | None
    """The last word on being recorded."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the hospital has set."""

    days: int = 30
    """So long a recording is kept after it stopped."""
    quota_bytes: int = 50_000_000_000
    erases_on_demand: bool = True
    """Whether a patient's demand erases it at once; else it is kept until its time, for legal reasons."""
