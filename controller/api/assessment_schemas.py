"""What is entered of a patient at the bed, and what was."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape

KINDS = ("consciousness", "oxygen", "scale", "gcs")


class OxygenBody(Body):
    """Supplemental oxygen, and how much if it is told."""

    on: bool
    l_min: float | None = Field(None, gt=0, le=100, description="litres a minute")

    @model_validator(mode="after")
    def _air_has_no_flow(self) -> Self:
        if not self.on and self.l_min is not None:
            raise ValueError("expected no l_min without oxygen")
        return self


class GcsBody(Body):
    """Glasgow Coma Scale; null: not testable."""

    eye: int | None = Field(ge=1, le=4)
    verbal: int | None = Field(ge=1, le=5)
    motor: int | None = Field(ge=1, le=6)


class AssessmentBody(Body):
    """What was found, and of whom: it is refused when somebody else lies there by now."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)] = Field(
        description="identifier of the patient who was assessed"
    )
    consciousness: Literal["A", "C", "V", "P", "U"] | None = Field(
        None, description="alert, new confusion, or responds to voice, pain, nothing"
    )
    oxygen: OxygenBody | None = None
    scale: Literal[1, 2] | None = Field(
        None,
        description="of SpO2 in NEWS2, for the whole stay; 2: a clinician decided on a target of 88–92 %",
    )
    gcs: GcsBody | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.found():
            raise ValueError(f"expected at least one of {', '.join(KINDS)}")
        return self

    def found(self) -> dict[str, dict[str, Any]]:
        """By kind, as it is kept (controller/scores/entries.py)."""
        told = {
            "consciousness": self.consciousness and {"acvpu": self.consciousness},
            "oxygen": self.oxygen and self.oxygen.model_dump(),
            "scale": self.scale and {"spo2": self.scale},
            "gcs": self.gcs and self.gcs.model_dump(),
        }
        return {kind: value for kind, value in told.items() if value}


class Assessed(Shape):
    """One entry."""

    kind: Literal["consciousness", "oxygen", "scale", "gcs"]
    value: dict[str, Any]
    at_ms: int
    by: str


class Assessments(Shape):
    """The entries of the present stay: the last of each kind, and the last 200 of all, newest first."""

    last: dict[str, Assessed]
    entries: list[Assessed]
