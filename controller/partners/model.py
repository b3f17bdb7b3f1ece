"""Partners, what goes between them, and referrals, as they are kept. Times `*_ms` are UTC."""

from dataclasses import dataclass
from typing import Literal

from controller.partners.states import PartnerState, ReferralState

Outcome = Literal["taken", "refused"]
"""What became of a message: it was done, or it will never be."""
Language = Literal["en", "zh"]
Word = Literal["permit", "deny", "withdrawn"]
Way = Literal["out", "in"]
"""We refer, or are referred to."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner site as it stands on this side."""

    id: int
    site: str
    name: str
    address: str
    """HOST:PORT."""
    root: bytes
    """DER of its authority's root, which alone is believed."""
    fingerprint: str
    life: str
    state: PartnerState
    revision: int
    added_by: str
    added_ms: int
    changed_by: str
    changed_ms: int
    heard_ms: int | None
    """It reached us last."""
    reached_ms: int | None
    """We reached it last."""
    trouble: str

    @property
    def entity(self) -> str:
        """As the trail calls it."""
        return f"partner/{self.site}"

    @property
    def actor(self) -> str:
        """As the trail calls it when it does something: no user's name has a colon."""
        return f"site:{self.site}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that goes to a partner next."""

    id: int
    topic: str
    number: int
    kind: str
    body: bytes
    tried: bool
    """It may have left already, and only the receipt was lost."""
    until_ms: int | None
    """When the consent that it rests on ends."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiver says of one message, each time it comes."""

    number: int
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a patient said last of being shared with one partner (FHIR R4, Consent.provision.type)."""

    number: str
    patient: str
    site: str
    said: Word
    text: str
    language: Language
    by: str
    at_ms: int
    until_ms: int

    def holds(self, utc_ms: int) -> bool:
        """Whether it is agreed to then."""
        return self.said == "permit" and utc_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class Referral:
    """A patient whom one site asks another to treat."""

    id: int
    site: str
    """Of the other side."""
    site_name: str
    way: Way
    number: str
    patient: str
    name: str
    expert: str
    reason: str
    asked_by: str
    consent: str
    until_ms: int
    withdrawn_ms: int | None
    answer: str
    state: ReferralState
    revision: int
    at_ms: int
    changed_by: str
    changed_ms: int

    @property
    def entity(self) -> str:
        """As the trail calls it."""
        return f"referral/{self.site}/{self.number}"

    @property
    def whose(self) -> str:
        """The patient, as the trail names one of ours or one of the partner's."""
        return self.patient if self.way == "out" else f"{self.site}:{self.patient}"

    def is_shown(self, utc_ms: int) -> bool:
        """Whether a copy may still be looked at; our own record is ours."""
        return self.way == "out" or (self.withdrawn_ms is None and utc_ms < self.until_ms)
