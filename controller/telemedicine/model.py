"""A visit, a consent and a link as they are kept.

Times `*_ms` are in the controller's time scale, but for `start_ms`, which is agreed upon in UTC.
"""

from dataclasses import dataclass
from typing import Literal

from controller.imaging.sight import Sight
from controller.telemedicine.states import VisitState

Way = Literal["scheduled", "bedside", "vehicle"]
"""How a visit comes about: agreed upon before; begun now at the bedside, or from a vehicle."""
Language = Literal["en", "zh"]
Guest = Literal["patient", "guest", "robot"]
"""Who comes in by a link: the patient; somebody whom staff invite, an interpreter or a relative; a robot's
tablet, under the robot's name."""
Scope = Literal["video", "recording", "sharing"]
"""What is agreed to."""
Word = Literal["permit", "deny", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient whom it is about, as who books knows them."""

    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is agreed upon."""

    host: str
    """The name of the account of who holds it."""
    start_ms: int
    """UTC."""
    minutes: int
    reason: str
    way: Way = "scheduled"
    follows: str = ""
    """The number of the visit that this one follows."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit, as it stands."""

    id: int
    number: str
    """TV00000001."""
    identifier: str
    """The patient's."""
    name: str
    plan: Plan
    state: VisitState
    revision: int
    booked_by: str
    booked_ms: int
    changed_by: str
    changed_ms: int
    began_ms: int | None
    ended_ms: int | None

    @property
    def entity(self) -> str:
        """As the trail calls it."""
        return f"visit/{self.number}"


@dataclass(frozen=True, slots=True)
class Known:
    """The visit that somebody means to change, as that person knows it."""

    number: str
    over: int
    """The revision that is to be replaced."""
    sight: Sight


@dataclass(frozen=True, slots=True)
class Consent:
    """What was said last of one thing (FHIR R4 Consent.provision.type, and that it was withdrawn)."""

    scope: Scope
    said: Word
    text: str
    """The words that were shown, whole."""
    language: Language
    by: str
    """"patient:4711", or who wrote it down for the patient."""
    at_ms: int
    until_ms: int
    """From then on it holds no more."""

    def holds(self, now_ms: int) -> bool:
        """Whether it is agreed to now."""
        return self.said == "permit" and now_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Link:
    """A way into one visit, without what opens it."""

    id: int
    visit: str
    guest: Guest
    name: str
    """A guest's, as staff wrote it; the patient's own."""
    by: str
    at_ms: int
    tries: int
    """Wrong codes that were said with it."""
    used_ms: int | None
    revoked_ms: int | None

    def who(self, patient: str) -> str:
        """How the audit trail calls who came in by it; no user's name has a colon."""
        return f"patient:{patient}" if self.guest == "patient" else f"guest:{self.visit}/{self.id}"
