"""Whether the people whom a model is shown for are still like those that it was trained on.

    told = checked(model, cohort, utc="2026-11-27T03:00:00Z")
    told.psi["pulse"], told.large    # stability by feature; intercept in the large, if events are known
    told.psi[SCORED]                 # the same of what part of the moments could be scored

A cohort of less than `FEWEST` moments says nothing, nor does one of less than `FEWEST_PATIENTS`: moments of
few people differ from those of the training as these people do. Without events nothing is said of the
calibration.
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
from controller.models.landmarks import Landmarks, Rules, landmarks
from controller.models.model import Model
from controller.models.statistics import Floats, calibration, shares, stability

FEWEST = 200
"""Moments."""
FEWEST_PATIENTS = 50
"""Of 20 people who had not moved at all 5 of 12 drawings were above MOVED, of 30 2, of 50 none."""
FEWEST_EVENTS = 60
"""Moments with an event, expected or found; with fewer nothing is said of the calibration. At 12 h and every
2 h a patient with an event has six at most: it is ten patients, or more."""
SCORED = "scored"
"""In `psi`: whether inputs are missing more often than they were."""
MOVED = 0.25
"""A population stability index above it: another population (Siddiqi, Credit Risk Scorecards, Wiley 2006)."""
FILE = "models/check.json"
"""In the folder of data: what the last check found."""


@dataclass(frozen=True, slots=True)
class Drift:
    """`psi`: population stability index by feature; `large`: calibration in the large, ideal 0; None: events
    are not known, or too few."""

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
    scored = _scored(model, found)
    if len(found.rows) < FEWEST or len({row.stay.patient for row in found.rows}) < FEWEST_PATIENTS:
        return Drift(*about, None, scored)
    values = np.array([row.values for row in found.rows])
    probability = np.array([model.scored(row.values).probability for row in found.rows])
    psi = {
        one.name: round(stability(weighed.shares, shares(values[:, number], weighed.edges)), 4)
        for number, (one, weighed) in enumerate(zip(FEATURES, model.features, strict=True))
    } | scored
    predicted = round(float(probability.mean()), 6)
    if not outcomes:
        return Drift(*about, predicted, psi)
    happened = np.array([row.event for row in found.rows], dtype=float)
    enough = max(probability.sum(), happened.sum()) >= FEWEST_EVENTS
    large = _large(probability, happened) if enough else None
    return Drift(*about, predicted, psi, round(float(happened.mean()), 6), large)


def _scored(model: Model, found: Landmarks) -> dict[str, float]:
    """{}: too few moments, of however few people."""
    everything = len(found.rows) + found.not_scored
    if everything < FEWEST or found.patients < FEWEST_PATIENTS:
        return {}
    now, was = len(found.rows) / everything, model.trained_on.scored
    return {SCORED: round(stability([was, 1 - was], [now, 1 - now]), 4)}


def _large(probability: Floats, happened: Floats) -> float:
    """The intercept; without any event it would be minus infinity, and is as if half a moment had had one."""
    known = happened if happened.any() else np.full_like(happened, 0.5 / len(happened))
    return round(calibration(probability, known, np.ones(len(known))).intercept, 4)


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
