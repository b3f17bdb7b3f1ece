"""What plug-ins are given and what they find."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

REVIEW: Final = "For review by a physician. Found by a program, not a diagnosis."
"""With every finding, wherever it goes."""
ROUTINE, SOON, URGENT, AT_ONCE = range(4)
"""Urgencies, as study.urgency has them."""


@dataclass(frozen=True, slots=True)
class Code:
    """A concept: `system` is the coding scheme as DICOM names it (PS3.16, 8): SCT, LN, DCM."""

    value: str
    system: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number behind a finding; `unit` in UCUM."""

    what: Code
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a physician should look at."""

    code: Code
    what: str
    """A sentence: what was seen, on what."""
    model: str
    version: str
    confidence: float | None
    """0 to 1: how often such a finding was right where that was measured (PPV); None: a rule."""
    urgency: int
    """ROUTINE … AT_ONCE."""
    evidence: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a plug-in looks at; `kind`: a SOP class, "lab-result", or a waveform's metric as "ecg_ii"."""

    kind: str
    content: bytes
    """A DICOM file; of other kinds, JSON."""


def finding_of(told: Mapping[str, Any]) -> Finding:
    """The Finding of which `told` is dataclasses.asdict. Raises KeyError, TypeError, ValueError."""
    evidence = tuple(
        Measure(Code(**one["what"]), float(one["value"]), str(one["unit"])) for one in told["evidence"]
    )
    urgency = int(told["urgency"])
    if not ROUTINE <= urgency <= AT_ONCE:
        raise ValueError(f"expected an urgency from {ROUTINE} to {AT_ONCE}, got {urgency}")
    rest = {name: told[name] for name in ("what", "model", "version", "confidence")}
    return Finding(Code(**told["code"]), urgency=urgency, evidence=evidence, **rest)
