"""What is due of a round, what a nurse means to give, and what was given, as they stand."""

import sqlite3
from dataclasses import dataclass
from typing import Literal, NamedTuple

from controller.prescriptions.model import Prescription, Quantity
from controller.prescriptions.states import GivenState
from controller.security.badges import Shown, Way

AloneReason = Literal["emergency", "nobody-reachable", "other"]
"""Why one person gave what two give; "other" says it in words."""


@dataclass(frozen=True, slots=True)
class Given:
    """FHIR's MedicationAdministration: what was given, or why not."""

    id: int
    number: str
    prescription: int
    due_ms: int | None
    state: GivenState
    revision: int
    given_ms: int
    value: str
    unit: str
    gtin: str
    batch: str
    why: str
    by: str
    witness: str
    """The second person, at a high-alert medicine; "": none was needed, or none was there (`alone`)."""
    at_ms: int
    changed_by: str
    changed_ms: int
    alone: AloneReason | Literal[""]
    """Why a high-alert medicine was given without a witness; "": it was not."""
    alone_why: str
    """The same in words."""
    alone_how: Way | Literal[""]
    """By what who gave it proved to be that person."""
    seen_by: str
    """Who looked at it afterwards, which makes nobody a witness; "": nobody yet."""
    seen_how: Way | Literal[""]
    seen_ms: int | None


class Pack(NamedTuple):
    """What was scanned; "": only the pharmacy's label was."""

    gtin: str = ""
    batch: str = ""
    high_alert: bool = False
    """Two people look at it."""


class Second(NamedTuple):
    """Who else was there when it was given; or why nobody was. Neither: nobody is needed."""

    witness: str = ""
    alone: AloneReason | Literal[""] = ""
    why: str = ""
    how: Way | Literal[""] = ""
    """By what who gives it alone proved to be that person."""


class Alone(NamedTuple):
    """Somebody gives alone what two give: why, and what shows that it is that person."""

    reason: AloneReason
    why: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Item:
    """A dose of a round; `due_ms` None: as needed."""

    rx: Prescription
    due_ms: int | None
    given: Given | None
    newest: str
    """Number of the newest that was charted of it; "": none."""
    wait: str
    """Why it may not be given now."""
    needs_witness: bool
    """Two people give it. A pack that is scanned may need it, too."""


@dataclass(frozen=True, slots=True)
class Giving:
    """What a nurse means to give, as it was scanned at the bed."""

    number: str
    due_ms: int | None
    wristband: str
    drug: str
    """The pack's code, or the prescription's number on the pharmacy's label."""
    dose: Quantity
    after: str = ""
    """Of a dose as needed: the newest that was charted, as the nurse knows it."""
    witness: Shown | None = None
    """What the second person shows, at a high-alert medicine."""
    alone: Alone | None = None
    """Instead: there is no second person."""


def given_of(row: sqlite3.Row) -> Given:
    """The administration of a row."""
    told = {name: row[name] for name in Given.__dataclass_fields__ if name != "state"}
    return Given(**told, state=GivenState(row["state"]))
