"""A model as it is kept and used: a file of JSON, and the score in plain Python.

    model = load(path)                          # raises ModelError: what was expected, what came, what to do
    found = model.look(history, at_ms)          # features.Look, or Lacking
    scored = model.scored(found.values)         # Scored: probability, and what pushes it

Logistic regression: logit(p) = intercept + Σ coefficient × (value − mean) / scale. `version` is of the
SHA-256 of the file, so that no two files have the same.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import exp
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from controller.errors import ModelError
from controller.models.cohort import Data
from controller.models.features import FEATURES, History, Lacking, Look, look
from devices.model.scores_chart import Parameter

FORMAT = 1
LABELS = {
    "simulated": "trained on simulated data – for trial only",
    "public": "trained on public recordings – for trial only",
    "hospital": "trained on a hospital's own data – for trial only",
}
Finite = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,39}$")]
MOST_BYTES = 1_000_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Weighed(_Part):
    """A feature (controller/models/features.py) and what it counts for."""

    name: str
    unit: str
    mean: float
    scale: Annotated[float, Field(gt=0)]
    coefficient: float
    """Change of logit(p) for one `scale` more."""
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    """What part of the training moments lay in each bin of `edges`: for drift."""

    @model_validator(mode="after")
    def _bins(self) -> "Weighed":
        if len(self.shares) != len(self.edges) + 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("expected rising edges, and a share more than there are edges")
        return self


class TrainedOn(_Part):
    """The cohort, and what of it was used."""

    title: str
    data: Data
    source: str
    settings: dict[str, Any]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    patients: int
    landmarks: int
    events: int
    """Moments that an event followed."""
    predicted: Finite
    """Mean probability of the training moments."""


class Scored(NamedTuple):
    """`pushes`: by parameter, what it adds to logit(p) against the mean of the training moments."""

    probability: float
    pushes: Mapping[Parameter, float]


class Model(_Part):
    """What the file says."""

    format: Literal[1]
    name: Name
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    label: Annotated[str, Field(min_length=1)]
    outcome: str
    horizon_h: Annotated[int, Field(ge=1, le=72)]
    limit_min: Annotated[int, Field(ge=1, le=1440)]
    step_h: Annotated[int, Field(ge=1, le=24)]
    intercept: float
    features: tuple[Weighed, ...]
    trained_on: TrainedOn
    seed: int
    penalty: float
    cut: str
    """UTC: who first came after that was held out."""
    software: dict[str, str]

    @model_validator(mode="after")
    def _known_features(self) -> "Model":
        ours = [(one.name, one.unit) for one in FEATURES]
        if [(one.name, one.unit) for one in self.features] != ours:
            raise ValueError("expected the features of this software: train it anew, or use what trained it")
        if self.label != LABELS[self.trained_on.data]:
            raise ValueError(f"label: expected {LABELS[self.trained_on.data]!r}")
        return self

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the file's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @cached_property
    def text(self) -> str:
        """The file."""
        return json.dumps(self.model_dump(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def look(self, history: History, at_ms: int) -> Look | Lacking:
        """The features at `at_ms`, or why there are none."""
        return look(history, at_ms, self.limit_min * 60_000)

    def scored(self, values: Sequence[float]) -> Scored:
        """The probability of an event within the horizon, of values in the order of FEATURES."""
        pushes = dict.fromkeys(Parameter, 0.0)
        for feature, one, value in zip(FEATURES, self.features, values, strict=True):
            pushes[feature.parameter] += one.coefficient * (value - one.mean) / one.scale
        return Scored(logistic(self.intercept + sum(pushes.values())), pushes)


def logistic(logit: float) -> float:
    """1 / (1 + e^−x), for any x."""
    if logit < 0:
        return exp(logit) / (1 + exp(logit))
    return 1 / (1 + exp(-logit))


def load(path: Path) -> Model:
    """Raises ModelError."""
    try:
        content = path.read_bytes()[: MOST_BYTES + 1]
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error}: `wardlink model train` makes one") from error
    return parsed(content, str(path))


def parsed(content: bytes, where: str) -> Model:
    """A model of the bytes of a file. Raises ModelError."""
    if len(content) > MOST_BYTES:
        raise ModelError(f"{where}: expected at most {MOST_BYTES} bytes")
    try:
        model = Model.model_validate(json.loads(content))
        text = model.text.encode()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(f"{where}: {place}: {first['msg']}, {error.error_count()} problems in all") from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not a model's JSON: {error}") from None
    if text != content:
        raise ModelError(f"{where}: changed by hand: expected the bytes that `wardlink model train` wrote")
    return model
