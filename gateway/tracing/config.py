"""`[tracing]` of the configuration file: where traces go, and of how many blocks."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from devices.wire.traces import collector


class TracingConfig(BaseModel):
    """`[tracing]`. `share`: of all blocks, those that are traced; the controller has to have the same."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    endpoint: Annotated[str, AfterValidator(collector)]
    share: Annotated[float, Field(gt=0, le=1, strict=False)] = 0.001
