"""What answers about the checks of prescriptions look like: hints, gaps, and whom they are from."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """A JSON object with exactly these members. Times `*_ms` are in the controller's time scale, but for
    `begin_ms`, `authored_ms`, `signed_ms` and `due_ms`: UTC."""

    model_config = ConfigDict(extra="forbid")


class BasisView(Shape):
    """A fact of the patient that a hint stands on."""

    name: str
    value: str
    unit: str
    age_days: int | None = Field(description="how old it was when it was checked; null: it does not age")


class IssueView(Shape):
    """What the checks found (a hint), or could not check (`gap` says why)."""

    code: str = Field(description="stable: of its content; for `reasons`")
    severity: Literal["high", "moderate", "low"]
    detail: str = Field(description="in both languages")
    why: str = Field(description="why it was overridden")
    needs_reason: bool = Field(description="nobody signs over it without one")
    kind: str = Field(description="allergy, duplicate, dose, patient, interaction")
    grade: str = Field(description="contraindicated, serious, moderate, information; empty: of a gap")
    gap: str = Field(description="no-weight, unknown-substance, …; empty: it is a hint")
    en: str
    zh: str
    facts: list[BasisView]
    source: str = Field(description="the base that says so")
    edition: str
    licence: str
    reference: str = Field(description="what the base itself refers to: a label and its section")


class SourceView(Shape):
    """A knowledge base that is asked, and how much it knows."""

    name: str
    edition: str
    licence: str
    substances: int
    with_doses: int = Field(description="substances of which it has any limit of the dose")
    interactions: int
    not_covered: list[str] = Field(description="what it never looks at, in its own words")
    reviewed_by: str = Field(description="a pharmacist, and when; empty: nobody yet")
    remark_en: str
    remark_zh: str


class SourceList(Shape):
    """Whom the checks ask. No hint does not mean harmless."""

    sources: list[SourceView]
