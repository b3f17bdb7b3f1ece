"""What is answered of the controller's own health."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from controller.api.bodies import Body


class ReadinessCheck(BaseModel):
    """One thing that the controller needs for its work. `why`: what is wrong, and what to do."""

    check: str
    ready: bool
    why: str


class ReadinessReport(BaseModel):
    """All of them."""

    ready: bool
    checks: list[ReadinessCheck]


class Paint(BaseModel):
    """A traced block as a screen showed it: `at_ms` by the controller's time scale."""

    model_config = ConfigDict(extra="forbid", strict=True)

    trace: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    at_ms: Annotated[int, Field(ge=0, lt=2**53)]


class PaintsBody(Body):
    """Some of them."""

    items: Annotated[list[Paint], Field(max_length=64)]
