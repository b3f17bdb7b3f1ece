"""A patient's facts as they stand. Times `*_ms` are in the controller's time scale."""

from dataclasses import dataclass
from typing import Literal, get_args

from controller.imaging.sight import WHOLE, Sight

Sex = Literal["male", "female", "other", "unknown"]
"""HL7 FHIR R4, AdministrativeGender."""
Criticality = Literal["low", "high", "unable-to-assess"]
"""HL7 FHIR R4, AllergyIntoleranceCriticality."""
AllergyStatus = Literal["active", "inactive", "resolved", "entered-in-error"]
"""HL7 FHIR R4, AllergyIntoleranceClinicalStatusCodes; the last is of its verification status."""
Kind = Literal["weight", "height", "creatinine"]
"""What is measured: body weight in kg, body height in cm, creatinine in serum in umol/L."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Said:
    """That somebody said it, and when."""

    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured value: `unit` in UCUM, `at_ms` when it was measured. It is shown with its age."""

    value: float
    unit: str
    at_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class Substance:
    """What somebody says of one allergy. `code` and `system` "": there are only words for it."""

    display: str
    code: str = ""
    system: str = ""
    criticality: Criticality = "unable-to-assess"
    reaction: str = ""
    status: AllergyStatus = "active"


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy or intolerance: its newest version, by whom and of when. One that was an error stays."""

    id: int
    code: str
    system: str
    display: str
    criticality: Criticality
    reaction: str
    status: AllergyStatus
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What is known of one patient. `revision` 0: nothing was ever said of one who had a stay."""

    identifier: str
    name: str
    birth_date: str | None
    """HL7 FHIR R4, date: YYYY, YYYY-MM or YYYY-MM-DD."""
    sex: Sex | None
    allergies: tuple[Allergy, ...]
    """Of every status, in the order in which they were first said."""
    no_known_allergies: Said | None
    """Somebody said that there are none, and nobody has said otherwise since."""
    weight: Measured | None
    """The newest, in kg; likewise `height` in cm, `creatinine` in umol/L."""
    height: Measured | None
    creatinine: Measured | None
    ward: str | None
    """Who looks after an out-patient."""
    revision: int

    @property
    def active_allergies(self) -> tuple[Allergy, ...]:
        """Those that count."""
        return tuple(one for one in self.allergies if one.status == "active")

    @property
    def allergies_known(self) -> bool:
        """Whether anything may be concluded from there being no active allergy."""
        return bool(self.active_allergies) or self.no_known_allergies is not None


@dataclass(frozen=True, slots=True)
class Person:
    """Birth date and sex as somebody gives them; None: unknown. `name` None: as it is."""

    birth_date: str | None
    sex: Sex | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """The patient whose facts somebody means to change, as that person knows them."""

    identifier: str
    sight: Sight = WHOLE
    """Whom this person sees."""
    over: int | None = None
    """The revision that is to be replaced; None: whichever it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which patients are asked for, from one page of a list to the next."""

    text: str = ""
    """The identifier, or a part of the name."""
    ward: str = ""
    after: str = ""
    """The last identifier of the page before."""
