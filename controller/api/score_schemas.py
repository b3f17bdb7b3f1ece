"""What the scores of a bed look like in answers and events.

Times `*_ms` are milliseconds since 1970 in the controller's time scale: every number has its own.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from devices.model.scores import Lack, Risk
from devices.model.scores_chart import Parameter


class _Shape(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class ScorePart(_Shape):
    """One line of NEWS2: its points and the chart's field that they are for."""

    parameter: Parameter
    points: int | None = Field(description="null: it does not count")
    reason: str = Field(description='the chart\'s field: "≤8", "9–11"; empty where the chart has none')
    under: Literal["", "air", "oxygen"]
    lack: Lack | None = Field(description="why it does not count")
    value: float | str | None = Field(description="ACVPU for consciousness, l/min for oxygen, where told")
    at_ms: int | None
    metric: str | None = Field(description="null: a person entered it")
    device: str | None


class News2Told(_Shape):
    """NEWS2 (Royal College of Physicians, 2017)."""

    total: int | None = Field(description="null: incomplete; it is `least` or more then")
    least: int
    risk: Risk = Field(description="of `least`: an incomplete score's is this or a higher one")
    missing: list[Parameter]
    oldest_ms: int | None = Field(description="time of the oldest of what counts")
    scale: Literal[1, 2] = Field(description="of SpO2")
    parts: list[ScorePart]


class ShockIndex(_Shape):
    """Pulse by systolic pressure."""

    value: float
    pulse: float
    pulse_ms: int
    systolic: float
    systolic_ms: int


class GcsTold(_Shape):
    """The last Glasgow Coma Scale that was entered."""

    total: int | None = Field(description="null: something was not testable")
    text: str = Field(description='"E4 V5 M6"; NT is not testable')
    at_ms: int
    old: bool = Field(description="too old to be the present one")


class Score(_Shape):
    """The scores of the patient on a bed; `news2` null: nothing is known to score."""

    bed: str
    at_ms: int = Field(description="when they were made: after 15 s without news they are not to be shown")
    news2: News2Told | None
    shock_index: ShockIndex | None
    gcs: GcsTold | None
