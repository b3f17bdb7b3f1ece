"""What requests and answers about patients look like."""

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.patients.model import AllergyStatus, Criticality, Kind, Sex

Identifier = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=PRINTABLE)
]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=PRINTABLE)
]
Line = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=PRINTABLE)]
BirthDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""HL7 FHIR R4, date: as much of it as is known."""
Moment = Annotated[int, Field(ge=0, le=2**52)]


class NewPatientBody(Body):
    """An out-patient, for the ward or clinic that looks after the patient."""

    identifier: Identifier
    name: Name
    ward: Identifier
    birth_date: BirthDate | None = None
    sex: Sex | None = None


class PatientPersonBody(Body):
    """Birth date and sex: both are replaced; null: unknown."""

    birth_date: BirthDate | None
    sex: Sex | None
    name: Name | None = Field(None, description="null: as it is; only of whom never had a stay")


class LookedAfterBody(Body):
    """Who looks after an out-patient; null: nobody any more."""

    ward: Identifier | None


class AllergyBody(Body):
    """What somebody says of one allergy or intolerance."""

    display: Annotated[
        str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=PRINTABLE)
    ] = Field(description="the substance in words")
    code: Line = Field("", description="of the substance; empty: it has only words")
    system: Line = Field("", description="URI of the code's system; given with a code, and only then")
    criticality: Criticality = "unable-to-assess"
    reaction: Line = ""
    status: AllergyStatus = "active"


class MeasurementBody(Body):
    """A measured value. The unit is said, so that no other is meant."""

    kind: Kind
    value: float
    unit: str = Field(description="UCUM: kg of weight, cm of height, umol/L of creatinine")
    at_ms: Moment | None = Field(None, description="when it was measured; null: now")


class SaidView(Shape):
    """That somebody said it."""

    by: str
    at_ms: int


class MeasuredView(Shape):
    """A measured value; it is shown with its age."""

    value: float
    unit: str = Field(description="UCUM")
    at_ms: int
    by: str


class AllergyView(Shape):
    """An allergy, as it was said last."""

    id: int
    code: str
    system: str
    display: str
    criticality: Criticality
    reaction: str
    status: AllergyStatus
    by: str
    at_ms: int


class PatientView(Shape):
    """What is known of a patient. No allergies and nobody who says that there are none: it is unknown."""

    identifier: str
    name: str
    birth_date: str | None
    sex: Sex | None
    allergies: list[AllergyView] = Field(description="of every status")
    no_known_allergies: SaidView | None
    weight: MeasuredView | None = Field(description="the newest, kg")
    height: MeasuredView | None = Field(description="the newest, cm")
    creatinine: MeasuredView | None = Field(description="the newest, umol/L")
    ward: str | None = Field(description="who looks after an out-patient")
    revision: int = Field(description="for If-Match; 0: nothing was said yet")


class PatientAnswer(Shape):
    """One patient."""

    server_ms: int
    patient: PatientView


class PatientList(Shape):
    """Patients by identifier."""

    server_ms: int
    patients: list[PatientView]
    next: str | None = Field(description="the address of the next page; null: there is none")
