"""What a hand-over looks like in answers. Times `*_ms` are ms since 1970 in the controller's time scale."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from devices.model.scores import Risk


class _Shape(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class HandoverPatient(_Shape):
    """Whose it is."""

    identifier: str
    name: str
    unknown: bool = Field(description="nobody has said who it is")
    sex: Literal["female", "male", "other", "unknown"] | None = Field(description="null: not told")
    age: int | None = Field(description="years, as the crew estimated it")


class HandoverPlace(_Shape):
    """Where the patient was."""

    bed: str
    name: str
    vehicle: bool
    from_ms: int
    to_ms: int | None = Field(description="null: still there")


class HandoverVital(_Shape):
    """A metric as it was last, and all of its readings in that place."""

    metric: str
    device: str
    at_ms: int
    value: float | None
    reason: str | None = Field(description="why there is none")
    quality: list[str] = Field(description="what the device or the gateway says against it")
    stale: bool = Field(description="too old to be the present one")
    low: float | None
    high: float | None
    mean: float | None
    readings: int
    valued: int = Field(description="of them with a value: low, high and mean are of these")
    flawed: int = Field(description="of these with something against it")


class HandoverScore(_Shape):
    """NEWS2 at the end."""

    total: int | None = Field(description="null: incomplete; it is `least` or more then")
    least: int
    risk: Risk


class HandoverCounts(_Shape):
    """How much there is in the document."""

    given: int
    marks: int
    assessments: int
    checks: int
    alarms: int
    requests: int
    instructions: int
    not_taken: int = Field(description="entries of the crew that could not be given to a patient")


class Handover(_Shape):
    """What would be handed over now."""

    patient: HandoverPatient
    made_ms: int
    from_ms: int = Field(description="what was before is not in the document, but in the record")
    until_ms: int
    places: list[HandoverPlace]
    vitals: list[HandoverVital]
    news2: HandoverScore | None
    counts: HandoverCounts
    people: list[str] = Field(description="who told any of it")
