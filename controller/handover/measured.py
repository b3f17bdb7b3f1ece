"""What was measured, as FHIR R4 Observations by the vital signs profiles: the last, and all summed up."""

from collections.abc import Iterable, Mapping
from typing import Any

from controller.handover.case import Case, Told, Trend, Vital
from controller.handover.coded import (
    TERMS,
    Json,
    coding,
    concept,
    full,
    metric_concept,
    notes,
    number,
    period,
    quantity,
    time,
)
from controller.handover.observation import (
    PRESSURES,
    TOGETHER_MS,
    Reading,
    doubts,
    name_of,
    observation,
    pressure,
)

_STATISTICS = f"{TERMS}observation-statistics"


def last_readings(case: Case, about: Mapping[str, Any], devices: Mapping[str, str]) -> Iterable[Json]:
    """An Observation for the last reading of every metric in every stay. `about`: members that all have."""
    for stay in case.stays:
        of = {vital.name: vital for vital in case.vitals if vital.stay == stay}
        for names in PRESSURES:
            together = _together([of[name] for name in names if name in of])
            if together:
                yield _pressure(case, together, about, devices)
                of = {name: vital for name, vital in of.items() if vital not in together}
        yield from (_reading(case, vital, about, devices) for vital in of.values())


def summaries(case: Case, about: Mapping[str, Any]) -> Iterable[Json]:
    """An Observation for all of a metric in one stay: how many, lowest, highest, mean, and the trend."""
    return (_summary(case, vital, about) for vital in case.vitals)


def aliens(case: Case, about: Mapping[str, Any], devices: Mapping[str, str]) -> Iterable[Json]:
    """An Observation for each reading that is not the patient's, as they say: it counts as none (R4,
    ObservationStatus)."""
    for one in case.aliens:
        said = notes(f"Measured in {one.stay.place}", "Not the patient's, as the patient says")
        more = {"device": _by(one.told, devices), "note": said}
        yield observation(_read(one.told), status="entered-in-error", **more, **about)


def _reading(case: Case, vital: Vital, about: Mapping[str, Any], devices: Mapping[str, str]) -> Json:
    more = {"device": _by(vital.last, devices), **_against(case, [vital])}
    return observation(_read(vital.last), **more, **about)


def _pressure(
    case: Case, together: list[Vital], about: Mapping[str, Any], devices: Mapping[str, str]
) -> Json:
    more = {"device": _by(together[0].last, devices), **_against(case, together)}
    return pressure([_read(vital.last) for vital in together], **more, **about)


def _read(told: Told) -> Reading:
    return Reading(told.metric, told.value, told.reason, told.at_ms)


def _together(vitals: list[Vital]) -> list[Vital]:
    """Those of one measurement, if systolic and diastolic are among them."""
    if not vitals or not vitals[0].name.endswith("_sys"):
        return []
    first = vitals[0].last
    same = [vital for vital in vitals if _is_with(vital.last, first)]
    return same if any(vital.name.endswith("_dia") for vital in same) else []


def _is_with(told: Told, first: Told) -> bool:
    return told.device == first.device and abs(told.at_ms - first.at_ms) <= TOGETHER_MS


def _against(case: Case, vitals: list[Vital]) -> Json:
    """What is to be said against values: flaws, age, and of one without a value the last that there was."""
    words, more = [f"Measured in {vitals[0].stay.place}"], list[str]()
    for vital in vitals:
        if vital.is_stale(case.made_ms):
            age_s = (case.made_ms - vital.last.at_ms) // 1000
            limit_s = vital.metric.stale_after_s
            more.append("stale")
            words.append(f"{name_of(vital.name)} is not current: {age_s} s old, at most {limit_s} s are")
        if vital.last.value is None and vital.last_value is not None:
            before = vital.last_value
            words.append(
                f"Last value of {name_of(vital.name)}: {number(before.value or 0)} {vital.metric.unit} "
                f"at {time(before.at_ms)}"
            )
    flaws = [vital.last.quality for vital in vitals]
    return full(interpretation=doubts(*flaws, more=more), note=notes(*words))


def _by(told: Told, devices: Mapping[str, str]) -> Json:
    return {"reference": devices[told.device], "display": told.device}


def _summary(case: Case, vital: Vital, about: Mapping[str, Any]) -> Json:
    stay, unit = vital.stay, vital.metric.unit
    until = case.made_ms if stay.to_ms is None else min(stay.to_ms, case.made_ms)
    counted = ("count", vital.valued), ("without a value", vital.readings - vital.valued)
    measured = ("minimum", vital.low), ("maximum", vital.high), ("average", vital.mean)
    return full(
        resourceType="Observation",
        status="final",
        code=metric_concept(vital.metric, f"{name_of(vital.name)}: all readings in {stay.place}"),
        effectivePeriod=period(vital.trend.from_ms, until),
        component=[
            *({"code": _statistic(name), "valueInteger": told} for name, told in counted),
            {"code": concept("doubtful, counted too"), "valueInteger": vital.flawed},
            *(
                {"code": _statistic(n), "valueQuantity": quantity(v, unit)}
                for n, v in measured
                if v is not None
            ),
            *_trend(vital.trend, unit),
        ],
        **about,
    )


def _amount(name: str, value: float, unit: str) -> Json:
    return {"code": _statistic(name), "valueQuantity": quantity(value, unit)}


def _statistic(name: str) -> Json:
    return concept(name) if " " in name else concept(name, coding(_STATISTICS, name))


def _trend(trend: Trend, unit: str) -> Iterable[Json]:
    """Lowest, highest and mean of each step; E stands for a step in which nothing was measured."""
    if not trend.steps:
        return
    by_number = {step.number: step for step in trend.steps}
    steps = [by_number.get(place) for place in range(trend.steps[-1].number + 1)]
    for name, of in (("lowest", "low"), ("highest", "high"), ("mean", "mean")):
        told = " ".join("E" if step is None else _plain(getattr(step, of)) for step in steps)
        sampled = {
            "origin": quantity(0, unit),
            "period": trend.step_ms,
            "dimensions": 1,
            "data": told,
        }
        yield {"code": concept(f"{name} of each step"), "valueSampledData": sampled}


def _plain(value: float) -> str:
    """Without an exponent: SampledData has none."""
    return f"{value:.5f}".rstrip("0").rstrip(".")
