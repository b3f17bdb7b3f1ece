"""Glucose: two metrics of a sample, one for each unit, and one factor between them."""

from decimal import Decimal

import pytest

from devices.model.glucose import MASS, MG_PER_MMOL, MOLAR, measured_in, mg_per_dl
from devices.model.metrics import METRICS


@pytest.mark.parametrize("sample", ["glucose", "glucose_cap", "glucose_isf"])
def test_each_sample_has_a_metric_in_either_unit_with_the_same_limits(sample: str) -> None:
    molar = METRICS[measured_in(sample, MOLAR)]
    mass = METRICS[measured_in(molar.name, MASS)]
    assert (mass.name, mass.unit, molar.unit) == (sample, MASS, MOLAR)
    for name in ("physio_low", "physio_high", "reject_low", "reject_high"):
        low, high = getattr(molar, name), getattr(mass, name)
        assert abs(mg_per_dl(low) - high) <= MG_PER_MMOL / 10


def test_what_is_no_glucose_is_what_it_was() -> None:
    assert measured_in("weight", "kg") == "weight"
    assert measured_in("glucose_trend", MOLAR) == "glucose_trend"


def test_the_factor_is_exact() -> None:
    assert mg_per_dl(Decimal("5.5")) == Decimal("99.0858")
