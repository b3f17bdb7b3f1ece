"""Training: the one module that needs scikit-learn, of the extra `data`.

trained = train(cohort, Asked(name="deterioration-12h", seed=1), "2026-11-27")
trained.model.text, trained.report         # the same cohort, request, date and software: the same bytes
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from controller.clock import utc_text
from controller.errors import ModelError
from controller.models.cohort import EVENTS, Cohort
from controller.models.evaluation import Json, evaluated
from controller.models.features import FEATURES
from controller.models.landmarks import Landmark, Landmarks, Rules, landmarks, split
from controller.models.model import DATE, FORMAT, LABELS, NAME, Model, TrainedOn, Weighed
from controller.models.statistics import Floats, shares

BINS = 10
FEWEST_PATIENTS = 10
"""Patients with an event in each part; with fewer nothing is trained, however many moments they have."""
_DIGITS = 12
"""Of the coefficients, in the file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be trained. `penalty`: C of scikit-learn, the inverse of the L2 penalty."""

    name: str = "deterioration-12h"
    seed: int = 1
    penalty: float = 0.1
    rules: Rules = field(default_factory=Rules)
    resamples: int = 200
    """Of the bootstrap by patient."""


@dataclass(frozen=True, slots=True)
class Trained:
    """`report`: controller/models/evaluation.py says what is in it."""

    model: Model
    report: Json
    pipeline: Pipeline


def train(cohort: Cohort, asked: Asked, date: str) -> Trained:
    """`date`: of the day, "2026-11-27". Raises ModelError: a name or date that no model may have; too few
    patients with an event to learn or to judge from."""
    for form, told, what in (NAME, asked.name, "name"), (DATE, date, "date"):
        if not re.fullmatch(form, told):
            raise ModelError(f"expected a {what} of the form {form}, got {told!r}")
    found = landmarks(cohort, asked.rules)
    rows, held_out, cut_ms = split(found, asked.rules)
    for part, name in (rows, "to train with"), (held_out, "held out"):
        events = len({row.stay.patient for row in part if row.event})
        others = len({row.stay.patient for row in part if not row.event})
        if min(events, others) < FEWEST_PATIENTS:
            raise ModelError(
                f"expected at least {FEWEST_PATIENTS} patients with an event and as many without {name}, "
                f"got {events} and {others}: take a larger cohort"
            )
    pipeline = fitted(rows, asked.penalty)
    scored = len(found.rows) / (len(found.rows) + found.not_scored)
    model = _model(cohort, asked, (pipeline, rows, scored), (utc_text(cut_ms * 1000), date))
    return Trained(model, _report(model, found, held_out, asked), pipeline)


def fitted(rows: Sequence[Landmark], penalty: float) -> Pipeline:
    """Scaler and logistic regression, by scikit-learn, in one thread: sums are added in one order.

    How far a value is outside of NEWS2's normal field never lowers the number. Where few were that far and
    hardly one of them had an event, it would: whoever is cold would be safe. Such a feature is left at 0, and
    the others are fitted anew.
    """
    outside = np.array([one.kind in ("below", "above") for one in FEATURES])
    kept = np.ones(len(FEATURES), dtype=bool)
    with threadpool_limits(1):
        scaler = StandardScaler().fit(matrix(rows))
        scaled: Any = scaler.transform(matrix(rows))
        while True:
            regression = LogisticRegression(C=penalty, max_iter=2000, tol=1e-8)
            regression.fit(scaled * kept, labels(rows))
            wrong = outside & (regression.coef_[0] < 0)
            if not wrong.any():
                return Pipeline([("scaler", scaler), ("regression", regression)])
            kept &= ~wrong


def matrix(rows: Sequence[Landmark]) -> Floats:
    """A row for each moment, a column for each feature."""
    return np.array([row.values for row in rows], dtype=float).reshape(len(rows), len(FEATURES))


def labels(rows: Sequence[Landmark]) -> Floats:
    """1: an event followed."""
    return np.array([row.event for row in rows], dtype=float)


def _model(
    cohort: Cohort, asked: Asked, fit: tuple[Pipeline, Sequence[Landmark], float], when: tuple[str, str]
) -> Model:
    (pipeline, rows, scored), (cut, date) = fit, when
    scaler: Any = pipeline["scaler"]
    regression: Any = pipeline["regression"]
    about, values = cohort.about, matrix(rows)
    trained_on = TrainedOn(
        title=about.title,
        data=about.data,
        source=about.source,
        settings=dict(about.settings),
        sha256=cohort.digest,
        patients=len({row.stay.patient for row in rows}),
        landmarks=len(rows),
        events=sum(row.event for row in rows),
        predicted=_round(pipeline.predict_proba(values)[:, 1].mean()),
        scored=_round(scored),
    )
    weighed = [
        _weighed(number, values[:, number], numbers)
        for number, numbers in enumerate(zip(scaler.mean_, scaler.scale_, regression.coef_[0], strict=True))
    ]
    return Model(
        format=FORMAT,
        name=asked.name,
        date=date,
        label=LABELS[about.data],
        outcome=f"{', '.join(EVENTS)} within {asked.rules.horizon_h} h",
        horizon_h=asked.rules.horizon_h,
        limit_min=asked.rules.limit_min,
        step_h=asked.rules.step_h,
        intercept=_round(regression.intercept_[0]),
        features=tuple(weighed),
        trained_on=trained_on,
        seed=asked.seed,
        penalty=asked.penalty,
        cut=cut,
        software=_software(),
    )


def _weighed(number: int, values: Floats, numbers: Sequence[float]) -> Weighed:
    feature = FEATURES[number]
    mean, scale, coefficient = map(_round, numbers)
    inner = np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1], method="inverted_cdf")
    edges = sorted({float(one) for one in inner if one < values.max()})
    low, high = float(values.min()), float(values.max())
    told = {"mean": mean, "scale": scale, "low": low, "high": high, "coefficient": coefficient}
    kept = tuple(round(one, _DIGITS) for one in shares(values, edges))
    return Weighed(name=feature.name, unit=feature.unit, edges=tuple(edges), shares=kept, **told)


def _report(model: Model, found: Landmarks, held_out: Sequence[Landmark], asked: Asked) -> Json:
    probability = np.array([model.scored(row.values).probability for row in held_out])
    return evaluated(model, found, held_out, probability, (asked.seed, asked.resamples, asked.rules))


def _software() -> dict[str, str]:
    packages = {name: version(name) for name in ("scikit-learn", "numpy", "scipy")}
    return {"python": ".".join(map(str, sys.version_info[:3])), **packages}


def _round(number: float) -> float:
    """To as many digits as are the same on every machine that has the same libraries."""
    return float(f"{number:.{_DIGITS}g}")
