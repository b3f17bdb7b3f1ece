"""Glucose in mg/dL and in mmol/L: what was told is kept as it was told, the other is shown beside it.

Molar mass of C6H12O6 by IUPAC's abridged standard atomic weights (2021: C 12.011, H 1.008, O 15.999):
180.156 g/mol, hence 1 mmol/L = 18.0156 mg/dL.
"""

MOLAR_MASS = 180.156
"""g/mol."""
MG_PER_MMOL = MOLAR_MASS / 10
"""mg/dL of glucose in 1 mmol/L."""
MASS, MOLAR = "mg/dL", "mmol/L"
"""UCUM."""


def in_unit(value: float, unit: str, wanted: str) -> float:
    """A concentration of glucose in the other unit; in the same one it is what it was."""
    if unit == wanted:
        return value
    return value / MG_PER_MMOL if wanted == MOLAR else value * MG_PER_MMOL
