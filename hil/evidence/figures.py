"""What a report draws beside the distributions: as data, so that it can be drawn and checked again."""

from dataclasses import dataclass
from typing import Literal

from hil.errors import BadMeasurement
from hil.evidence.measurement import is_number


@dataclass(frozen=True, slots=True)
class BlandAltman:
    """Two ways to measure one quantity, held against each other: pairs of (reference, measured) in `unit`."""

    title: str
    unit: str
    pairs: tuple[tuple[float, float], ...]
    kind: Literal["bland-altman"] = "bland-altman"

    def __post_init__(self) -> None:
        if len(self.pairs) < 2 or not all(is_number(value) for pair in self.pairs for value in pair):
            raise BadMeasurement(f"{self.title}: expected at least two pairs of finite numbers")


@dataclass(frozen=True, slots=True)
class Overlay:
    """A waveform as it was measured over the golden recording, both at `rate_hz` and aligned."""

    title: str
    unit: str
    rate_hz: float
    golden: tuple[float | None, ...]
    measured: tuple[float | None, ...]
    """None: a sample that was lost."""
    kind: Literal["overlay"] = "overlay"

    def __post_init__(self) -> None:
        if self.rate_hz <= 0 or len(self.golden) < 2 or not any(one is not None for one in self.golden):
            raise BadMeasurement(f"{self.title}: expected a rate, and at least two samples of the recording")
        if not all(is_number(one) for one in (*self.golden, *self.measured) if one is not None):
            raise BadMeasurement(f"{self.title}: expected finite samples: one that was lost is None")


Figure = BlandAltman | Overlay
