"""The checks of one result: alone, against the patient's results before it, and beside those of its
specimen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from controller.imaging.plugins.laboratory.limits import DELTA_HOURS, Limits
from controller.imaging.plugins.model import AT_ONCE, SOON, URGENT, Code, Finding, Measure

NAME, VERSION = "wardlink-laboratory-checks", "1.0"
_INTERPRETATION: Final = "v3-ObservationInterpretation"
CRITICAL_LOW: Final = Code("LL", _INTERPRETATION, "Critical low")
CRITICAL_HIGH: Final = Code("HH", _INTERPRETATION, "Critical high")
UP: Final = Code("U", _INTERPRETATION, "Significant change up")
DOWN: Final = Code("D", _INTERPRETATION, "Significant change down")
IMPLAUSIBLE: Final = Code("implausible", "99WARDLINK", "Result that may not be the patient's")
_HAEMOLYSED: Final = ("hemoly", "haemoly", "hämoly", "溶血")
_GAP_LOW, _GAP_HIGH = 0.0, 40.0
"""Anion gap Na - Cl - HCO3, mmol/L: outside of it one of the three is rather wrong than the patient."""
_MCHC_HIGH: Final = 380.0
"""g/L: more haemoglobin does not go into a red cell but in spherocytosis; think of lipaemia, cold
agglutinins."""
_THREE: Final = 3.0, 5.0
"""Haematocrit (%) is about 3 × haemoglobin (g/dL), give or take 5."""


@dataclass(frozen=True, slots=True)
class Value:
    """A result of which unit and analyte are understood: `value` in the limits' unit."""

    limits: Limits
    loinc: str
    value: float
    at_h: float
    """When, hours."""
    specimen: str
    comment: str = ""


def check(result: Value, others: Sequence[Value]) -> Iterator[Finding]:
    """`others`: of the same patient, before it or at its time."""
    limits, value = result.limits, result.value
    if not limits.least <= value <= limits.most:
        yield _finding(result, IMPLAUSIBLE, f"outside of {limits.least:g} to {limits.most:g}", URGENT)
        return
    yield from _haemolysed(result)
    yield from _critical(result)
    yield from _delta(result, others)
    yield from _together(result, others)


def _critical(result: Value) -> Iterator[Finding]:
    limits, value = result.limits, result.value
    if limits.critical_low is not None and value <= limits.critical_low:
        told = f"at or below {limits.critical_low:g} ({limits.source})"
        yield _finding(result, CRITICAL_LOW, told, AT_ONCE)
    if limits.critical_high is not None and value >= limits.critical_high:
        told = f"at or above {limits.critical_high:g} ({limits.source})"
        yield _finding(result, CRITICAL_HIGH, told, AT_ONCE)


def _delta(result: Value, others: Sequence[Value]) -> Iterator[Finding]:
    """Against the newest before it of another specimen: too much for the patient, or not the same patient?"""
    before = [
        one
        for one in others
        if one.limits.analyte == result.limits.analyte
        and 0 < result.at_h - one.at_h <= DELTA_HOURS
        and (not one.specimen or one.specimen != result.specimen)
    ]
    if not before:
        return
    last = max(before, key=lambda one: one.at_h)
    change = result.value - last.value
    allowed = result.limits.delta
    if result.limits.delta_percent is not None:
        allowed = last.value * result.limits.delta_percent / 100
    if allowed is not None and abs(change) > allowed:
        hours = result.at_h - last.at_h
        told = (
            f"{change:+.3g} from {last.value:.4g} within {hours:.0f} h (over {allowed:.3g}): right patient?"
        )
        yield _finding(
            result, UP if change > 0 else DOWN, told, SOON, Measure(_code(last), last.value, last.limits.unit)
        )


def _haemolysed(result: Value) -> Iterator[Finding]:
    if result.limits.analyte == "potassium" and any(word in result.comment.lower() for word in _HAEMOLYSED):
        yield _finding(result, IMPLAUSIBLE, "the specimen is haemolysed: take another one", URGENT)


def _together(result: Value, others: Sequence[Value]) -> Iterator[Finding]:
    """What does not fit to the other results of its specimen, when the last of them comes."""
    values = {one.limits.analyte: one for one in others if one.specimen and one.specimen == result.specimen}
    values[result.limits.analyte] = result
    amounts = {name: one.value for name, one in values.items()}
    for names, told in _misfits(amounts):
        if result.limits.analyte in names:
            evidence = (
                Measure(_code(values[name]), amounts[name], values[name].limits.unit) for name in names
            )
            yield _finding(result, IMPLAUSIBLE, told, SOON, *evidence)


def _misfits(amounts: dict[str, float]) -> Iterator[tuple[tuple[str, ...], str]]:
    if {"sodium", "chloride", "bicarbonate"} <= amounts.keys():
        gap = amounts["sodium"] - amounts["chloride"] - amounts["bicarbonate"]
        if not _GAP_LOW <= gap <= _GAP_HIGH:
            yield ("sodium", "chloride", "bicarbonate"), f"anion gap {gap:.0f} mmol/L"
    if {"albumin", "protein"} <= amounts.keys() and amounts["albumin"] > amounts["protein"]:
        yield ("albumin", "protein"), "more albumin than total protein"
    if {"haemoglobin", "haematocrit"} <= amounts.keys():
        times, give = _THREE
        expected = times * amounts["haemoglobin"] / 10
        if abs(expected - amounts["haematocrit"]) > give + 0.1 * expected:
            yield ("haemoglobin", "haematocrit"), f"haematocrit expected near {expected:.0f} %"
    if amounts.get("mchc", 0) > _MCHC_HIGH:
        yield ("mchc",), f"MCHC above {_MCHC_HIGH:.0f} g/L: lipaemia, cold agglutinins, spherocytes?"


def _finding(result: Value, code: Code, told: str, urgency: int, *evidence: Measure) -> Finding:
    limits = result.limits
    what = f"{limits.analyte} {result.value:.4g} {limits.unit}: {told}"
    own = Measure(_code(result), result.value, limits.unit)
    rest = tuple(one for one in evidence if one.what != own.what or one.value != own.value)
    return Finding(code, what, NAME, VERSION, None, urgency, (own, *rest))


def _code(value: Value) -> Code:
    return Code(value.loinc, "LN", value.limits.analyte)
