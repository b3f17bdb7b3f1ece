"""How far two ways to measure agree, over a range and bin by bin.

    agreement = Agreement.of(pairs)              # pairs of (reference, measured)
    agreement.bias, agreement.arms

Bland JM, Altman DG (1986), Lancet 327:307: the bias is the mean of measured minus reference, its limits of
agreement are bias ± 1.96 standard deviations of the differences (n − 1). Bland and Altman (1999), Statistical
Methods in Medical Research 8:135, 4.3: the standard error of a limit is about √3 · SD / √n. ISO 80601-2-61,
201.12.1.101: the accuracy of a pulse oximeter is Arms = √(Σ(SpO2 − SR)² / n), over 70 to 100 %.
"""

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from hil.errors import BadMeasurement
from hil.evidence.measurement import COVERAGE_FACTOR, Measurement

Pair = tuple[float, float]
"""Reference and measured, in one unit."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `count` pairs, in their unit."""

    count: int
    bias: float
    sd: float
    low: float
    high: float
    arms: float

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "Agreement":
        """Raises BadMeasurement for fewer than two pairs: they have no spread."""
        differences = [measured - reference for reference, measured in pairs]
        if len(differences) < 2:
            raise BadMeasurement(f"expected at least two pairs to compare, not {len(differences)}")
        bias, sd = statistics.fmean(differences), statistics.stdev(differences)
        arms = math.sqrt(statistics.fmean(one * one for one in differences))
        return cls(len(differences), bias, sd, bias - 1.96 * sd, bias + 1.96 * sd, arms)

    def uncertainty(self, reference: float = 0.0, independent: int | None = None) -> float:
        """Of bias and Arms (k = 2): that of the `reference` (k = 2), and that of so few pairs.

        `independent`: how many of the pairs tell something of their own, such as fingers, when each gave many
        pairs. Of Arms it is an upper bound: the standard error of a root mean square of normal differences is
        √(2σ⁴ + 4μ²σ²) / (2 · Arms · √n), at most σ / √n.
        """
        return math.hypot(reference, COVERAGE_FACTOR * self.sd / math.sqrt(independent or self.count))

    def limits_uncertainty(self, reference: float = 0.0, independent: int | None = None) -> float:
        """Of each limit of agreement (k = 2)."""
        drawn = COVERAGE_FACTOR * math.sqrt(3) * self.sd / math.sqrt(independent or self.count)
        return math.hypot(reference, drawn)


class Bin(NamedTuple):
    """Pairs whose reference is at least `low` and below `high`; None: fewer than two were there."""

    low: float
    high: float
    agreement: Agreement | None


def binned(pairs: Sequence[Pair], edges: Sequence[float]) -> Iterator[Bin]:
    """Agreement between each two edges; the last edge belongs to its bin."""
    last = edges[-1]
    for low, high in pairwise(edges):
        inside = [one for one in pairs if low <= one[0] < high or (one[0] == high == last)]
        yield Bin(low, high, Agreement.of(inside) if len(inside) > 1 else None)


def accuracy(
    name: str,
    unit: str,
    pairs: Sequence[Pair],
    reference_uncertainty: float,
    *,
    independent: int | None = None,
    arms: float | None = None,
    note: str = "",
) -> list[Measurement]:
    """Bias, limits of agreement and Arms as measurements; `arms` is the most that is allowed of the last."""
    agreement = Agreement.of(pairs)
    of_mean = agreement.uncertainty(reference_uncertainty, independent)
    of_limits = agreement.limits_uncertainty(reference_uncertainty, independent)

    def told(what: str, value: float, uncertainty: float, upper: float | None = None) -> Measurement:
        return Measurement(
            f"{name}, {what}",
            value,
            unit,
            upper=upper,
            uncertainty=uncertainty,
            samples=agreement.count,
            note=note,
        )

    return [
        told("bias", agreement.bias, of_mean),
        told("lower limit of agreement", agreement.low, of_limits),
        told("upper limit of agreement", agreement.high, of_limits),
        told("Arms", agreement.arms, of_mean, arms),
    ]
