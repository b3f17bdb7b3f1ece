"""Whether the people whom a model is shown for are still like those that it was trained on.

    told = checked(model, cohort, utc="2026-11-27T03:00:00Z")
    told.psi["pulse"], told.large    # stability by feature; intercept in the large, if events are known

A cohort of less than `FEWEST` moments says nothing. Without events nothing is said of the calibration.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from controller.errors import ModelError
from controller.files import write_private
from controller.models.cohort import Cohort
from controller.models.features import FEATURES
from controller.models.landmarks import Rules, landmarks
from controller.models.model import Model
from controller.models.statistics import calibration, shares, stability

FEWEST = 200
"""Moments."""
MOVED = 0.25
"""A population stability index above it: another population (Siddiqi, Credit Risk Scorecards, Wiley 2006)."""
FILE = "models/check.json"
"""In the folder of data: what the last check found."""


@dataclass(frozen=True, slots=True)
class Drift:
    """`psi`: population stability index by feature; `large`: calibration in the large, ideal 0."""

    model: str
    version: str
    checked: str
    """UTC."""
    moments: int
    not_scored: int
    predicted: float | None
    psi: Mapping[str, float]
    observed: float | None = None
    large: float | None = None

    @property
    def moved(self) -> list[str]:
        """Features that are distributed as in another population."""
        return [name for name, value in self.psi.items() if value > MOVED]


def checked(model: Model, cohort: Cohort, utc: str, *, outcomes: bool) -> Drift:
    """`outcomes`: the cohort's events are all there were."""
    rules = Rules(model.horizon_h, model.step_h, model.limit_min)
    found = landmarks(cohort, rules)
    about = model.name, model.version, utc, len(found.rows), found.not_scored
    if len(found.rows) < FEWEST:
        return Drift(*about, None, {})
    values = np.array([row.values for row in found.rows])
    probability = np.array([model.scored(row.values).probability for row in found.rows])
    psi = {
        one.name: round(stability(weighed.shares, shares(values[:, number], weighed.edges)), 4)
        for number, (one, weighed) in enumerate(zip(FEATURES, model.features, strict=True))
    }
    predicted = round(float(probability.mean()), 6)
    if not outcomes:
        return Drift(*about, predicted, psi)
    happened = np.array([row.event for row in found.rows], dtype=float)
    large = calibration(probability, happened, np.ones(len(happened))).intercept
    told = round(large, 4) if np.isfinite(large) else None
    return Drift(*about, predicted, psi, round(float(happened.mean()), 6), told)


def keep(data: Path, drift: Drift) -> None:
    """For whoever asks: the metrics, `wardlink model show`."""
    write_private(data / FILE, json.dumps(asdict(drift), indent=1, sort_keys=True) + "\n")


def kept(data: Path) -> Drift | None:
    """What the last check found; None: there was none. Raises ModelError."""
    path = data / FILE
    try:
        return Drift(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{path}: cannot be read ({error}): `wardlink model check` mends it") from error
