"""How good probabilities and scores are: the textbook's formulas, on arrays; no clock, no randomness.

Each takes `happened` (0 or 1) and `weights`, how often a row counts: a bootstrap by patient is other weights.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 50
SUREST = 1e-12
"""Nearer to 0 or 1 no probability counts: its logarithm would not end."""
FLOOR = 1e-4
"""A share of nobody counts as so much in the stability index: its logarithm would not end."""


def auroc(score: Floats, happened: Floats, weights: Floats) -> float:
    """Probability that who had the event had the higher score; ties count half (Mann and Whitney). NaN: there
    is nobody with, or nobody without."""
    with_, without = _by_score(score, happened, weights)
    below = np.cumsum(without) - without
    pairs = with_.sum() * without.sum()
    return float((with_ * (below + without / 2)).sum() / pairs) if pairs else float("nan")


def auprc(score: Floats, happened: Floats, weights: Floats) -> float:
    """Average precision: Σ (recall gained) × precision, from the highest score down. NaN: no event."""
    with_, without = (one[::-1] for one in _by_score(score, happened, weights))
    true, false = np.cumsum(with_), np.cumsum(without)
    if not true[-1]:
        return float("nan")
    alarmed = np.maximum(true + false, np.finfo(float).tiny)
    return float((with_ * true / alarmed).sum() / true[-1])


def _by_score(score: Floats, happened: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Weight with and without the event at each score that there is, the lowest first."""
    _, place = np.unique(score, return_inverse=True)
    with_ = np.bincount(place, weights * happened).astype(float)
    return with_, np.bincount(place, weights).astype(float) - with_


def brier(probability: Floats, happened: Floats, weights: Floats) -> float:
    """Mean squared error of the probability (Brier, Mon Weather Rev 1950; 78: 1 to 3)."""
    return float(np.average((probability - happened) ** 2, weights=weights))


class Calibration(NamedTuple):
    """Ideal: slope 1, intercept 0 (Cox, Biometrika 1958; 45: 562 to 565)."""

    intercept: float
    """In the large: of logit(event) = intercept + 1 × logit(p)."""
    slope: float
    """Of logit(event) = a + slope × logit(p)."""


def calibration(probability: Floats, happened: Floats, weights: Floats) -> Calibration:
    """By maximum likelihood (Newton); NaN where there is nobody with, or nobody without."""
    known = np.clip(probability, SUREST, 1 - SUREST)
    logit = np.log(known / (1 - known))
    share = np.average(happened, weights=weights)
    if not 0 < share < 1:
        return Calibration(float("nan"), float("nan"))
    ones = np.ones((len(logit), 1))
    (large,) = _newton(ones, happened, weights, logit)
    _, steep = _newton(np.column_stack([ones, logit]), happened, weights, np.zeros_like(logit))
    return Calibration(float(large), float(steep))


def _newton(columns: Floats, happened: Floats, weights: Floats, offset: Floats) -> Floats:
    """Coefficients of a logistic regression with an offset."""
    beta = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        expected = 1 / (1 + np.exp(-np.clip(offset + columns @ beta, -700, 700)))
        gradient = columns.T @ (weights * (happened - expected))
        hessian = (columns * (weights * expected * (1 - expected))[:, None]).T @ columns
        step = np.linalg.lstsq(hessian, gradient, rcond=None)[0]
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return beta


def net_benefit(treated: Any, happened: Floats, weights: Floats, threshold: float) -> float:
    """TP/n − FP/n × pt/(1 − pt): true alarms for each patient, less false ones by what `threshold` says they
    cost (Vickers and Elkin, Med Decis Making 2006; 26: 565 to 574)."""
    total = weights.sum()
    true = (weights * treated * happened).sum()
    false = (weights * treated * (1 - happened)).sum()
    return float(true / total - false / total * threshold / (1 - threshold))


class Group(NamedTuple):
    """A point of a calibration curve."""

    predicted: float
    observed: float
    size: int


def curve(probability: Floats, happened: Floats, groups: int = 10) -> list[Group]:
    """Groups of equal size by predicted probability: the mean of it, and the share of events."""
    order = np.argsort(probability, kind="stable")
    parts = [one for one in np.array_split(order, groups) if len(one)]
    return [Group(float(probability[one].mean()), float(happened[one].mean()), len(one)) for one in parts]


def stability(expected: Sequence[float], found: Sequence[float]) -> float:
    """Population stability index: Σ (found − expected) × ln(found / expected) of shares by bin. By custom
    below 0.1 is the same, above 0.25 another population (Siddiqi, Credit Risk Scorecards, Wiley 2006)."""
    pairs = [(max(one, FLOOR), max(other, FLOOR)) for one, other in zip(expected, found, strict=True)]
    return float(sum((now - was) * np.log(now / was) for was, now in pairs))


def shares(values: Floats, edges: Sequence[float]) -> list[float]:
    """What part of `values` lies in each bin: up to and with the first edge, …, above the last."""
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return [float(one) for one in counts / max(1, len(values))]
