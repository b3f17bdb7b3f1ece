"""A prescription as it is kept. Times `*_ms` are in the controller's time scale, but for those of a document
and of the doses that come of it (`begin_ms`, `authored_ms`, `signed_ms`, `due_ms`), which are UTC.

Amounts are decimals as text ("0.5", "2"), exactly as written and never binary floats; units are UCUM.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from controller.errors import OrderError
from controller.imaging.sight import Sight
from controller.prescriptions.states import RxState

Setting = Literal["inpatient", "community", "discharge"]
"""terminology.hl7.org, CodeSystem/medicationrequest-category."""
Delivery = Literal["ward", "home", "pick-up"]
"""How it comes to the patient, who or whose ward chooses."""
Priority = Literal["routine", "urgent", "asap", "stat"]
"""hl7.org/fhir/request-priority."""
Rhythm = Literal["per-day", "every", "at", "once", "as-needed"]

_WHOLE, _PLACES = 7, 6
_FORM = f"a decimal above 0 with up to {_WHOLE} digits before the point and {_PLACES} after it"


@dataclass(frozen=True, slots=True)
class Coded:
    """FHIR's Coding."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """What is in it, and how much: "500 mg"."""

    substance: Coded
    strength: str = ""


@dataclass(frozen=True, slots=True)
class Medicine:
    """What is prescribed."""

    code: Coded
    form: str = ""
    ingredients: tuple[Ingredient, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much: `value` as `amount` gives it, `unit` UCUM ("mg", "{tablet}")."""

    value: str
    unit: str

    @property
    def exact(self) -> Decimal:
        """Its value."""
        return Decimal(self.value)

    def __str__(self) -> str:
        """For people."""
        return f"{self.value} {self.unit}"


@dataclass(frozen=True, slots=True)
class Timing:
    """When. Of its members those of its rhythm count (timing.py)."""

    rhythm: Rhythm
    times: int = 0
    """"per-day": how many; "as-needed": at most, in any 24 hours."""
    hours: int = 0
    """"every": so many; "as-needed": at least so many between two."""
    at: tuple[str, ...] = ()
    """"at": times of day, "08:00"."""
    reason: str = ""
    """"as-needed": for what."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is prescribed: all of it is signed."""

    setting: Setting
    medicine: Medicine
    dose: Quantity
    route: Coded
    timing: Timing
    quantity: Quantity
    """To be handed out each time."""
    begin_ms: int | None = None
    """UTC; None: when it is signed."""
    days: int = 0
    """For how long; 0: until it is stopped."""
    repeats: int = 0
    """How often the quantity may be handed out again."""
    substitution: bool = True
    """Whether another product of the same substances may be handed out."""
    reason: str = ""
    note: str = ""
    priority: Priority = "routine"


@dataclass(frozen=True, slots=True)
class Basis:
    """A fact of the patient that a hint stands on; `age_days`: how old it was then, None: it does not age."""

    name: str
    value: str
    unit: str
    age_days: int | None


@dataclass(frozen=True, slots=True)
class Issue:
    """What the checks found, or could not check; `why` says why it was overridden. FHIR's DetectedIssue."""

    code: str
    """Of its content: the same hint or gap has the same."""
    severity: Literal["high", "moderate", "low"]
    detail: str
    """In both languages."""
    why: str = ""
    kind: str = ""
    """"allergy", "duplicate", "dose", "patient", "interaction"."""
    grade: str = ""
    """The checks' own: "contraindicated", "serious", "moderate", "information"; "": of a gap."""
    gap: str = ""
    """Why it was not checked: "no-weight", …; "": it is a hint."""
    en: str = ""
    zh: str = ""
    facts: tuple[Basis, ...] = ()
    source: str = ""
    """The base that says so, with its edition and licence."""
    edition: str = ""
    licence: str = ""
    reference: str = ""
    """What the base itself refers to: a label and its section."""

    @property
    def needs_reason(self) -> bool:
        """Whether nobody signs over it without one."""
        return self.severity == "high"


@dataclass(frozen=True, slots=True)
class Prescription:
    """One prescription, as it stands."""

    id: int
    number: str
    """"RX00000001"."""
    identifier: str
    """The patient's, as known now."""
    subject: str
    """The patient's when it was written, which is what is signed."""
    name: str
    wanted: Wanted
    issues: tuple[Issue, ...]
    delivery: Delivery
    replaces: str
    """The number of the one before, which ends when this one is signed; "": none."""
    prescriber: str
    """Who wrote it last, and signs it."""
    state: RxState
    revision: int
    drafted_ms: int
    authored_ms: int
    """When the draft was changed last."""
    signed_ms: int | None
    changed_by: str
    changed_ms: int

    @property
    def begin_ms(self) -> int | None:
        """From when on it holds; None: it is not signed."""
        return self.signed_ms if self.wanted.begin_ms is None else self.wanted.begin_ms


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody means to change, as that person knows it."""

    number: str
    over: int
    """Its revision."""
    sight: Sight


@dataclass(frozen=True, slots=True)
class Person:
    """The patient for whom something is written."""

    identifier: str
    name: str


def amount(text: str) -> str:
    """A decimal in its one form: no zeros that say nothing. Raises OrderError."""
    whole, point, rest = text.partition(".")
    digits = whole + rest
    is_formed = digits.isascii() and digits.isdecimal() and whole and bool(rest) == bool(point)
    if not is_formed or len(whole) > _WHOLE or len(rest) > _PLACES or not digits.strip("0"):
        raise OrderError(f"expected {_FORM}, got {text!r:.40}")
    rest = rest.rstrip("0")
    return f"{int(whole)}{'.' if rest else ''}{rest}"


def told(value: Decimal) -> str:
    """A decimal as text, without an exponent: 0 as "0"."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def number(text: str) -> int | float:
    """An amount as a number of JSON. Of 15 digits a double gives back exactly the decimal that was written;
    nothing is ever computed with it."""
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
