"""A model as it is kept and used: a file of JSON, and the score in plain Python.

    model = load(path)                          # raises ModelError: what was expected, what came, what to do
    found = model.look(history, at_ms)          # features.Look, or Lacking
    scored = model.scored(found.values)         # Scored: probability, and what pushes it

Logistic regression: logit(p) = intercept + Σ coefficient × (value − mean) / scale. `version` is of the
SHA-256 of the file, so that no two files have the same. The file has the SHA-256 of the rest of itself: what
was damaged or changed is not used.
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

FORMAT = 2
CHECKSUM = "checksum"
"""In the file: SHA-256 of all else that is in it."""
LABELS = {
    "simulated": "trained on simulated data – for trial only",
    "public": "trained on public recordings – for trial only",
    "hospital": "trained on a hospital's own data – for trial only",
}
Finite = Annotated[float, Field(allow_inf_nan=False)]
NAME = r"^[a-z0-9][a-z0-9.-]{0,39}$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
MOST_BYTES = 1_000_000


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Weighed(_Part):
    """A feature (controller/models/features.py) and what it counts for."""

    name: str
    unit: str
    mean: float
    scale: Annotated[float, Field(gt=0)]
    low: float
    high: float
    """Between which the training moments lay."""
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
    scored: Annotated[float, Field(ge=0, le=1)]
    """What part of the cohort's moments could be scored: for drift."""


class Scored(NamedTuple):
    """`pushes`: by parameter, what value and trend add to logit(p) against the mean of the training moments;
    `measuring`: what it adds, of all of them, when they were measured, and whether a trend is known."""

    probability: float
    pushes: Mapping[Parameter, float]
    measuring: float


class Model(_Part):
    """What the file says."""

    format: Literal[2]
    name: Annotated[str, Field(pattern=NAME)]
    date: Annotated[str, Field(pattern=DATE)]
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
        told = self.model_dump()
        return _json(told | {CHECKSUM: hashlib.sha256(_json(told).encode()).hexdigest()})

    def look(self, history: History, at_ms: int) -> Look | Lacking:
        """The features at `at_ms`, or why there are none: "beyond", too, all that was trained on."""
        found = look(history, at_ms, self.limit_min * 60_000)
        if isinstance(found, Look) and (beyond := self.beyond(found.values)):
            return Lacking(dict.fromkeys(beyond, "beyond"))
        return found

    def beyond(self, values: Sequence[float]) -> list[Parameter]:
        """Of what a value, or its trend, is such as no training moment had: of those nothing was learned."""
        told = zip(FEATURES, self.features, values, strict=True)
        return [
            feature.parameter
            for feature, one, value in told
            if not one.low <= value <= one.high
            and (feature.kind == "last" or (feature.kind == "slope" and one.coefficient))
        ]

    def scored(self, values: Sequence[float]) -> Scored:
        """The probability of an event within the horizon, of values in the order of FEATURES."""
        pushes, measuring = dict.fromkeys(Parameter, 0.0), 0.0
        for feature, one, value in zip(FEATURES, self.features, values, strict=True):
            push = one.coefficient * (value - one.mean) / one.scale
            if feature.kind in ("no-trend", "minutes"):
                measuring += push
            else:
                pushes[feature.parameter] += push
        return Scored(logistic(self.intercept + sum(pushes.values()) + measuring), pushes, measuring)


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


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
        told: Any = json.loads(content)
        if isinstance(told, dict):
            told.pop(CHECKSUM, None)
        model = Model.model_validate(told)
        text = model.text.encode()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise ModelError(
            f"{where}: {place}: {first['msg']}, {error.error_count()} problems in all: train it anew"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where}: not a model's JSON: {error}") from None
    if text != content:
        raise ModelError(f"{where}: damaged or changed by hand: expected what `wardlink model train` wrote")
    return model
