"""An order and a report as they are kept. Times `*_ms` are in the controller's time scale."""

from dataclasses import dataclass
from typing import Literal

from controller.imaging.sight import Sight
from controller.radiology.states import OrderState, ReportState

Priority = Literal["routine", "urgent", "asap", "stat"]
"""HL7 FHIR R4, RequestPriority."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    modality: str
    """PS3.3, C.7.3.1.1.1: CT, US …"""
    part: str
    reason: str
    priority: Priority
    station: str
    """AE title of the device that is to do it; "": any."""
    scheduled_ms: int


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A study in the archive of which somebody means to write a report, as the archive tells of it."""

    study: str
    """Study Instance UID."""
    accession: str
    """What its files say; "": none."""
    patient: str
    modality: str
    part: str


@dataclass(frozen=True, slots=True)
class ImagingOrder:
    """One order, as it stands."""

    id: int
    accession: str
    study: str
    """Study Instance UID."""
    identifier: str
    """The patient's."""
    name: str
    bed: str
    """Where the patient lay when it was placed."""
    wanted: Wanted
    state: OrderState
    revision: int
    placed_by: str
    placed_ms: int
    changed_by: str
    changed_ms: int
    arrived_ms: int | None

    @property
    def procedure(self) -> str:
        """Requested Procedure ID (0040,1001)."""
        return f"RP{self.id:08d}"

    @property
    def step(self) -> str:
        """Scheduled Procedure Step ID (0040,0009)."""
        return f"SP{self.id:08d}"


@dataclass(frozen=True, slots=True)
class Known:
    """The order that somebody means to change, or to report, as that person knows it."""

    accession: str
    over: int
    """The order's revision, or the report's version, which is to be replaced; 0: there is none yet."""
    sight: Sight
    """Whose orders this person sees."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a person writes as the next version of a report."""

    state: ReportState
    findings: str
    conclusion: str
    critical: bool
    why: str = ""
    """The reason; needed of what changes a signed one."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a report, as it is kept for ever."""

    version: int
    written: Written
    by: str
    at_ms: int
    document: str | None
    signature: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """That a signed report is there."""

    id: int
    accession: str
    version: int
    person: str
    """Whom it is for."""
    identifier: str
    name: str
    wanted: str
    """What was asked for: modality and part."""
    conclusion: str
    critical: bool
    at_ms: int
    read_ms: int | None
    acknowledged_ms: int | None
    acknowledged_by: str | None
