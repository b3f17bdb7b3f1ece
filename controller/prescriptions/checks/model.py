"""What is asked and answered: a line of a prescription and facts of a patient in, hints and gaps out."""

from dataclasses import dataclass
from enum import StrEnum

from controller.prescriptions.checks.units import Number, Quantity

ATC = "http://www.whocc.no/atc"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
GTIN = "https://www.gs1.org/gtin"


class Kind(StrEnum):
    """What a hint or a gap is about."""

    ALLERGY = "allergy"
    DUPLICATE = "duplicate"
    DOSE = "dose"
    PATIENT = "patient"
    """Age or renal function speaks against the substance at any dose."""
    INTERACTION = "interaction"


class Severity(StrEnum):
    """How much speaks against it. What could not be checked is a `Gap`, never a hint of low severity."""

    CONTRAINDICATED = "contraindicated"
    SERIOUS = "serious"
    MODERATE = "moderate"
    INFORMATION = "information"


RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""The gravest first."""


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in both languages of the pages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Coding:
    """A code and the system (URI) that it is of."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class Strength:
    """How much of an ingredient is in how much of the medicine: 500 mg in 1 {tablet}."""

    amount: Quantity
    per: Quantity


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A substance in a medicine; each base finds it by any of its codes, else by its exact name."""

    display: str
    codes: tuple[Coding, ...] = ()
    strength: Strength | None = None


@dataclass(frozen=True, slots=True)
class Medicine:
    """A product, or a substance as it is prescribed (FHIR R4, Medication)."""

    system: str
    code: str
    display: str
    ingredients: tuple[Ingredient, ...]
    form: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """`frequency` times in each `period` of `unit` (FHIR R4, Timing.repeat): 3 in 1 d."""

    frequency: Number
    period: Number
    unit: str
    """min, h, d, wk"""


@dataclass(frozen=True, slots=True)
class Line:
    """One medicine as it is prescribed."""

    id: str
    medicine: Medicine
    dose: Quantity | None = None
    """Each time: of the substance (mg), or of the medicine ({tablet}, mL)."""
    timing: Timing | None = None
    """None: once."""
    route: str = ""
    """One of reading.ROUTES, or "" where it is not said."""
    as_needed: bool = False
    max_per_day: Quantity | None = None
    """The most in 24 h, in a unit as of `dose` (FHIR R4, Dosage.maxDosePerPeriod)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value of the patient and when it was measured, ms since 1970 UTC."""

    value: Number
    unit: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy or intolerance as it is recorded (FHIR R4, AllergyIntolerance)."""

    system: str
    code: str
    display: str
    criticality: str = ""
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the patient; None and "" are "not known", and become gaps."""

    birth_date: str = ""
    """YYYY-MM-DD"""
    sex: str = ""
    """female or male (FHIR R4, AdministrativeGender); what else it may be, no formula is made for."""
    allergies: tuple[Allergy, ...] = ()
    no_known_allergies: bool = False
    """Somebody asked, and there are none."""
    weight: Measured | None = None
    creatinine: Measured | None = None
    """In serum: umol/L or mg/dL."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that a hint stands on, and how old it is (days; None where it does not age)."""

    name: str
    value: str
    unit: str = ""
    age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """What speaks against the line."""

    id: str
    """Of its content: same rule, dose and values of the patient, same id; how old these are is not in it."""
    kind: Kind
    severity: Severity
    what: Text
    lines: tuple[str, ...]
    """Ids of the lines that it is about, in order."""
    facts: tuple[Fact, ...]
    source: str
    """Name of the base that says so."""
    edition: str
    licence: str
    reference: str
    """What the base itself refers to: a label and its section."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What was NOT checked, and why."""

    id: str
    """Of its content, as that of a hint; how old a value is is not in it."""
    kind: Kind
    code: str
    """For programs: unknown-substance, no-weight, …"""
    what: Text


@dataclass(frozen=True, slots=True)
class Source:
    """A base that was asked, and how much it knows."""

    name: str
    edition: str
    licence: str
    substances: int
    with_doses: int
    """Substances of which it has any limit of the dose."""
    interactions: int
    not_covered: tuple[str, ...]
    """What it never looks at, in its own words."""
    reviewed_by: str = ""
    """The pharmacist who compared it with its sources, and when; "": nobody yet."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer: no hints does not mean harmless, see the other two."""

    hints: tuple[Hint, ...]
    """The gravest first."""
    not_checked: tuple[Gap, ...]
    sources: tuple[Source, ...]
