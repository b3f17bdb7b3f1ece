"""How far two ways to measure agree: bias, limits of agreement, accuracy, and how often there was a number.

Bland JM, Altman DG (1986), Lancet 327:307: bias is the mean difference, the limits are bias ± 1.96 standard
deviations. ISO 80601-2-61, 201.12.1.101: the accuracy is the root mean square of the differences.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Of `asked` times there was a number `given` times; its differences from the truth, in the unit."""

    asked: int
    given: int
    bias: float
    low: float
    high: float
    accuracy: float

    @classmethod
    def of(cls, differences: Sequence[float], asked: int) -> "Agreement":
        """That of measured minus true; all zero if there was no number."""
        if not differences:
            return cls(asked, 0, 0.0, 0.0, 0.0, 0.0)
        bias = statistics.fmean(differences)
        half = 1.96 * statistics.pstdev(differences)
        accuracy = statistics.fmean(one * one for one in differences) ** 0.5
        return cls(asked, len(differences), bias, bias - half, bias + half, accuracy)

    def __str__(self) -> str:
        if not self.given:
            return f"none of {self.asked}"
        return (
            f"{100 * self.given / self.asked:3.0f} % {self.bias:+6.2f} "
            f"[{self.low:+6.2f}, {self.high:+6.2f}] {self.accuracy:5.2f}"
        )
