"""What a trend tells of readings that are in none."""

from pydantic import BaseModel, ConfigDict


class NotTheirs(BaseModel):
    """A reading at home that the patient says is somebody else's. `t_ms`: in the controller's time scale."""

    model_config = ConfigDict(extra="forbid")

    metric: str
    t_ms: int
    value: float


class SomebodyElses(BaseModel):
    """A reading that the patient at home says is somebody else's, beside the newest one of the patient."""

    model_config = ConfigDict(extra="forbid")

    value: float | None
    at_ms: int
