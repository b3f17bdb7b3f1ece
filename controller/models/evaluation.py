"""What held-out moments say of a model, beside what they say of NEWS2 of the same readings.

    told = evaluated(model, found, held_out, probability, (seed, resamples, rules))

Intervals are of 95 %, by a bootstrap of patients: moments of one patient are not independent. The report is
made of this alone (controller/models/report.py).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from controller.models.landmarks import Landmark, Landmarks, Rules
from controller.models.model import Model
from controller.models.statistics import Floats, auprc, auroc, brier, calibration, curve, net_benefit

Json = dict[str, Any]
Asked = tuple[int, int, Rules]
"""Seed, resamples, rules."""
NEWS2_CUTS = (5, 7)
"""An urgent and an emergency response (Royal College of Physicians, NEWS2, 2017, chart 2)."""
THRESHOLDS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
FEWEST = 10
"""Patients with an event; of a group with fewer nothing is said but its size."""
BINS = 10


class Held(NamedTuple):
    """The held-out moments, as arrays."""

    rows: Sequence[Landmark]
    probability: Floats
    news2: Floats
    happened: Floats
    ones: Floats


def evaluated(
    model: Model, found: Landmarks, rows: Sequence[Landmark], probability: Floats, asked: Asked
) -> Json:
    """Everything that the report says; numbers are rounded to 4 digits after the point."""
    news2, happened = (np.array([one[at] for one in rows], dtype=float) for at in (3, 4))
    held = Held(rows, probability, news2, happened, np.ones(len(rows)))
    seed, resamples, rules = asked
    drawn = list(_drawn(held, seed, resamples))
    discrimination = _discrimination(held, drawn)
    told = {
        "model": {"name": model.name, "version": model.version, "label": model.label, "date": model.date},
        "cohort": model.trained_on.model_dump(),
        "rules": {"horizon_h": rules.horizon_h, "step_h": rules.step_h, "limit_min": rules.limit_min},
        "cut": model.cut,
        "held_out": _sizes(held) | {"beyond": sum(bool(model.beyond(row.values)) for row in rows)},
        "not_scored": {
            "moments": found.not_scored,
            "of": found.not_scored + len(found.rows),
            "events": found.not_scored_events,
            "lacking": dict(found.lacking),
            "young_stays": found.young,
        },
        "discrimination": discrimination,
        "as_good": not discrimination["difference"]["auroc"]["low"] > 0,
        "calibration": _calibrated(held, drawn),
        "decision": _decisions(held),
        "alerts": [_alerts(held, cut, rules) for cut in NEWS2_CUTS],
        "groups": [_group(name, held, chosen) for name, chosen in _groups(rows)],
        "coefficients": {one.name: one.coefficient for one in model.features},
    }
    return _rounded(told)


def _sizes(held: Held) -> Json:
    patients = {row.stay.patient for row in held.rows}
    events = {row.stay.patient for row in held.rows if row.event}
    rate = float(held.happened.mean())
    return {
        "patients": len(patients),
        "patients_with_event": len(events),
        "moments": len(held.rows),
        "events": int(held.happened.sum()),
        "rate": rate,
    }


MEASURES: dict[str, Callable[[Floats, Floats, Floats], float]] = {"auroc": auroc, "auprc": auprc}


def _drawn(held: Held, seed: int, resamples: int) -> Iterator[Floats]:
    """Of each drawing of as many patients, with repetition: how often each moment counts."""
    names = sorted({row.stay.patient for row in held.rows})
    number = {name: at for at, name in enumerate(names)}
    whose = np.array([number[row.stay.patient] for row in held.rows])
    draw = np.random.default_rng(seed)
    for _ in range(resamples):
        times = np.bincount(draw.integers(0, len(names), len(names)), minlength=len(names)).astype(float)
        yield times[whose]


def _both(
    held: Held, measure: Callable[[Floats, Floats, Floats], float], weights: Floats
) -> tuple[float, float]:
    ours, theirs = (measure(one, held.happened, weights) for one in (held.probability, held.news2))
    return ours, theirs


def _discrimination(held: Held, weights: Sequence[Floats]) -> Json:
    told: Json = {"model": {}, "news2": {}, "difference": {}}
    for name, measure in MEASURES.items():
        point = _both(held, measure, held.ones)
        drawn = np.array([_both(held, measure, one) for one in weights])
        told["model"][name] = _interval(point[0], drawn[:, 0])
        told["news2"][name] = _interval(point[1], drawn[:, 1])
        told["difference"][name] = _interval(point[0] - point[1], drawn[:, 0] - drawn[:, 1])
    return told


def _interval(value: float, drawn: Floats) -> Json:
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return {"value": value, "low": float(low), "high": float(high)}


def _calibrated(held: Held, weights: Sequence[Floats]) -> Json:
    parts = held.probability, held.happened, held.ones
    found, rate = calibration(*parts), float(held.happened.mean())
    drawn = np.array([calibration(held.probability, held.happened, one) for one in weights])
    return {
        "predicted": float(held.probability.mean()),
        "observed": rate,
        "intercept": found.intercept,
        "slope": found.slope,
        "intervals": {
            name: _interval(value, column)
            for name, value, column in zip(found._fields, found, drawn.T, strict=True)
        },
        "brier": brier(*parts),
        "brier_of_the_mean": rate * (1 - rate),
        "curve": [one._asdict() for one in curve(held.probability, held.happened, BINS)],
    }


def _decisions(held: Held) -> list[Json]:
    """Net benefit of whom each way of deciding would see, by threshold."""
    told: list[Json] = []
    for threshold in THRESHOLDS:
        ways = {
            "model": held.probability >= threshold,
            **{f"news2_{cut}": held.news2 >= cut for cut in NEWS2_CUTS},
            "all": np.ones(len(held.rows)),
        }
        found = {way: net_benefit(one, held.happened, held.ones, threshold) for way, one in ways.items()}
        told.append({"threshold": threshold, **found, "none": 0.0})
    return told


def _alerts(held: Held, cut: int, rules: Rules) -> Json:
    """Alerts for each day of a patient, of NEWS2 ≥ `cut` and of the model where it finds as many moments.

    An alert is where it begins: the moment before, of the same stay, was below.
    """
    alarmed = held.news2 >= cut
    sensitivity = float(alarmed[held.happened == 1].mean())
    descending = np.sort(held.probability[held.happened == 1])[::-1]
    reached = max(1, int(np.ceil(sensitivity * len(descending))))
    threshold = float(descending[reached - 1])
    ours, days = held.probability >= threshold, len(held.rows) * rules.step_h / 24
    return {
        "news2_at_least": cut,
        "sensitivity": sensitivity,
        "model_threshold": threshold,
        "model_sensitivity": float(ours[held.happened == 1].mean()),
        "news2_per_patient_day": _begun(held.rows, alarmed, rules) / days,
        "model_per_patient_day": _begun(held.rows, ours, rules) / days,
        "news2_precision": _precision(alarmed, held.happened),
        "model_precision": _precision(ours, held.happened),
    }


def _begun(rows: Sequence[Landmark], alarmed: Any, rules: Rules) -> int:
    count, before = 0, ("", 0)
    for row, alarm in zip(rows, alarmed, strict=True):
        if alarm:
            stay, at_ms = before
            count += stay != row.stay.id or row.at_ms - at_ms > rules.step_h * 3_600_000
            before = row.stay.id, row.at_ms
    return count


def _precision(alarmed: Any, happened: Floats) -> float:
    return float(happened[alarmed].mean()) if alarmed.any() else float("nan")


def _groups(rows: Sequence[Landmark]) -> Iterator[tuple[str, list[int]]]:
    """Name of a group, and which rows are of it."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        stay = row.stay
        names = f"age {_age(stay.age)}", f"sex {stay.sex or 'not known'}", f"ward {stay.ward}"
        for name in names:
            found.setdefault(name, []).append(number)
    yield from sorted(found.items())


def _age(age: int | None) -> str:
    if age is None:
        return "not known"
    return "16–64" if age < 65 else "65–79" if age < 80 else "80 and more"


def _group(name: str, held: Held, chosen: Sequence[int]) -> Json:
    happened, probability = held.happened[chosen], held.probability[chosen]
    patients = len({held.rows[number].stay.patient for number in chosen})
    events = int(happened.sum())
    told = {"group": name, "patients": patients, "moments": len(chosen), "events": events}
    ill = len({held.rows[number].stay.patient for number in chosen if held.rows[number].event})
    if ill < FEWEST or events == len(chosen):
        return told
    ones = held.ones[chosen]
    return {
        **told,
        "model_auroc": auroc(probability, happened, ones),
        "news2_auroc": auroc(held.news2[chosen], happened, ones),
        "observed_by_expected": float(happened.sum() / probability.sum()),
    }


def _rounded(told: Any) -> Any:
    """Numbers with 4 digits after the point; what is no number is None."""
    if isinstance(told, dict):
        return {key: _rounded(one) for key, one in told.items()}
    if isinstance(told, list):
        return [_rounded(one) for one in told]
    if isinstance(told, float):
        return round(told, 4) if np.isfinite(told) else None
    return told
