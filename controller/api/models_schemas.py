"""What the score of a model of early warning looks like in answers."""

from typing import Literal

from pydantic import Field

from controller.api.schemas import Shape
from devices.model.scores_chart import Parameter


class ModelTold(Shape):
    """The model: which, how old, and what it was trained on."""

    name: str
    version: str = Field(description="of its file: SHA-256, 12 digits")
    date: str
    label: str = Field(description="what it was trained on: it is to be shown with every number")
    data: Literal["simulated", "public", "hospital"]
    outcome: str
    horizon_h: int


class ModelPush(Shape):
    """What a parameter adds to logit(p) by its value and trend, against the mean of those that the model was
    trained on; when it was measured counts as well, and is not in it."""

    parameter: Parameter
    push: float


class ModelScore(Shape):
    """What it said last; `probability` null: not computed."""

    at_ms: int = Field(description="when it was computed: not to be shown after 15 min")
    probability: float | None
    why: dict[str, str] = Field(
        description="why it was not computed: by parameter missing, stale, flawed, undated, beyond (what it "
        "was trained on); age: young; class: child, neonate; news2: missing; spo2: scale (2)"
    )
    seen_ms: dict[str, int] = Field(description="when each of its inputs was last seen")
    pushes: list[ModelPush] = Field(description="what counts most comes first")


class BedModel(Shape):
    """`model` null: none is configured; `score` null: nothing was said yet of who lies there."""

    model: ModelTold | None
    score: ModelScore | None
