"""The chart of NEWS2, the National Early Warning Score 2, as it is published.

Royal College of Physicians: National Early Warning Score (NEWS) 2. Standardising the assessment of
acute-illness severity in the NHS. London: RCP, 2017, chart 1. © Royal College of Physicians 2017.

Between the chart's numbers a value is rounded as a person does who fills in the chart: temperature to a tenth
of a degree, all others to whole numbers, halves upwards. 35.05 °C is 35.1, 91.4 % is 91, 91.5 % is 92.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class Parameter(StrEnum):
    """What NEWS2 is made of, in the chart's order."""

    RESPIRATION = "respiration"
    """Breaths/min."""
    SPO2 = "spo2"
    """%."""
    OXYGEN = "oxygen"
    """1: supplemental oxygen, 0: air."""
    SYSTOLIC = "systolic"
    """mmHg."""
    PULSE = "pulse"
    """Beats/min."""
    CONSCIOUSNESS = "consciousness"
    """1: new confusion, or responds to voice, pain or nothing (CVPU); 0: alert."""
    TEMPERATURE = "temperature"
    """°C."""


class Row(NamedTuple):
    """One field of the chart: from `low` to `high`, both included; None is no limit."""

    text: str
    """As the chart prints it: "≤8", "9–11", "≥25"."""
    points: int
    low: Decimal | None
    high: Decimal | None
    under: str = ""
    """"air" or "oxygen" where the field is for one of them only."""


def _row(text: str, points: int, under: str = "") -> Row:
    if text[0] == "≤":
        return Row(text, points, None, Decimal(text[1:]), under)
    if text[0] == "≥":
        return Row(text, points, Decimal(text[1:]), None, under)
    low, high = text.split("–")
    return Row(text, points, Decimal(low), Decimal(high), under)


def _table(fields: Mapping[str, int]) -> tuple[Row, ...]:
    return tuple(_row(text, points) for text, points in fields.items())


CHART: Mapping[Parameter, tuple[Row, ...]] = {
    Parameter.RESPIRATION: _table({"≤8": 3, "9–11": 1, "12–20": 0, "21–24": 2, "≥25": 3}),
    Parameter.SPO2: _table({"≤91": 3, "92–93": 2, "94–95": 1, "≥96": 0}),
    Parameter.SYSTOLIC: _table({"≤90": 3, "91–100": 2, "101–110": 1, "111–219": 0, "≥220": 3}),
    Parameter.PULSE: _table({"≤40": 3, "41–50": 1, "51–90": 0, "91–110": 1, "111–130": 2, "≥131": 3}),
    Parameter.TEMPERATURE: _table({"≤35.0": 3, "35.1–36.0": 1, "36.1–38.0": 0, "38.1–39.0": 1, "≥39.1": 2}),
}
"""SpO2 by scale 1."""
SCALE_2 = (
    *_table({"≤83": 3, "84–85": 2, "86–87": 1, "88–92": 0}),
    _row("≥93", 0, "air"),
    *(_row("93–94", 1, "oxygen"), _row("95–96", 2, "oxygen"), _row("≥97", 3, "oxygen")),
)
"""SpO2 by scale 2: for a target of 88–92 % in hypercapnic respiratory failure, which a clinician decides."""
OXYGEN_POINTS, CVPU_POINTS = 2, 3


@lru_cache(maxsize=4096)
def row_of(parameter: Parameter, value: float, scale: int = 1, *, on_oxygen: bool = False) -> Row:
    """The chart's field for the value of a parameter that is measured."""
    rows = SCALE_2 if parameter is Parameter.SPO2 and scale == 2 else CHART[parameter]
    other = "air" if on_oxygen else "oxygen"
    charted = as_charted(parameter, value)
    return next(
        row
        for row in rows
        if row.under != other
        and (row.low is None or row.low <= charted)
        and (row.high is None or charted <= row.high)
    )


def as_charted(parameter: Parameter, value: float) -> Decimal:
    """`value` as it is written into the chart."""
    step = Decimal("0.1") if parameter is Parameter.TEMPERATURE else Decimal(1)
    return Decimal(str(value)).quantize(step, ROUND_HALF_UP)
