"""Glucose in mg/dL and in mmol/L: two metrics of each sample, so that what a meter told is kept as told.

measured_in("glucose_cap", "mmol/L")          # "glucose_cap_molar"
mg_per_dl(Decimal("5.5"))                     # 99.0858: for what is shown beside it, or looked at by limits

No number of a device is converted from the one into the other before it is kept. LOINC has two terms for
these as well; IEEE 11073-10101 has one, which tells its unit with each value.
"""

from decimal import Decimal

MOLAR_MASS = Decimal("180.156")
"""g/mol of C6H12O6 by IUPAC's abridged standard atomic weights (2021): C 12.011, H 1.008, O 15.999."""
MG_PER_MMOL = MOLAR_MASS / 10
"""mg/dL in 1 mmol/L: 18.0156."""
MASS, MOLAR = "mg/dL", "mmol/L"
"""UCUM."""
_MOLAR_OF = {name: f"{name}_molar" for name in ("glucose", "glucose_cap", "glucose_isf")}
_MASS_OF = {molar: mass for mass, molar in _MOLAR_OF.items()}


def measured_in(metric: str, unit: str) -> str:
    """The metric of the same sample that is in `unit`; one that is no glucose is what it was."""
    mass = _MASS_OF.get(metric, metric)
    return _MOLAR_OF.get(mass, metric) if unit == MOLAR else mass


def mg_per_dl(value: Decimal) -> Decimal:
    """A concentration in mmol/L as mg/dL."""
    return value * MG_PER_MMOL
