"""What a trend tells of readings that are in none."""

from pydantic import BaseModel, ConfigDict


class NotTheirs(BaseModel):
    """A reading at home that the patient says is somebody else's. `t_ms`: in the controller's time scale."""

    model_config = ConfigDict(extra="forbid")

    metric: str
    t_ms: int
    value: float
