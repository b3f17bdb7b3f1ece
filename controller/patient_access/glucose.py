"""Glucose in mg/dL and in mmol/L: what was told is kept as it was told, the other is shown beside it."""

from devices.model import glucose

MG_PER_MMOL = float(glucose.MG_PER_MMOL)
MASS, MOLAR = glucose.MASS, glucose.MOLAR


def in_unit(value: float, unit: str, wanted: str) -> float:
    """A concentration of glucose in the other unit; in the same one it is what it was."""
    if unit == wanted:
        return value
    return value / MG_PER_MMOL if wanted == MOLAR else value * MG_PER_MMOL
