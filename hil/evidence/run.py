"""What a run was, as data: rig, seed, parts, tests, faults. Its verdict follows from it, and is not kept."""

from dataclasses import dataclass
from enum import StrEnum

from hil.errors import BadMeasurement
from hil.evidence.measurement import AnyMeasurement, Judgement, is_number


class Result(StrEnum):
    """Of a test. Nothing but PASSED speaks for the device."""

    PASSED = "passed"
    FAILED = "failed"
    """It does not do what it should."""
    ERROR = "error"
    """The test or the rig broke: nothing was learnt."""
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One test: `why` is the reason of whatever is not PASSED."""

    test: str
    result: Result
    seconds: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the rig, in plain words: real, or faked by what."""

    name: str
    real: bool
    description: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was brought about, in seconds since the run began; it counts only if it `fired`.

    `recovered_s` is when everything was as before it; None: never.
    """

    name: str
    at_s: float
    ended_s: float
    recovered_s: float | None
    fired: bool = True
    test: str = ""
    proof: str = ""
    """By what it is known that it fired, such as "240 bytes cut"."""

    def __post_init__(self) -> None:
        if not all(map(is_number, (self.at_s, self.ended_s, self.recovered_s or 0.0))):
            raise BadMeasurement(f"{self.name}: expected finite times of a fault")


@dataclass(frozen=True, slots=True)
class Taken:
    """A measurement, and the test in which it was taken."""

    test: str
    measured: AnyMeasurement


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement of docs/requirements.csv with its text of then, and a test that speaks to it."""

    requirement: str
    text: str
    test: str


@dataclass(frozen=True, slots=True)
class Run:
    """Everything but the bytes."""

    rig: str
    seed: int
    began_utc_us: int
    command: str
    """Repeats it."""
    parts: tuple[Part, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    """What software or firmware, and its SHA-256 in hexadecimal."""
    outcomes: tuple[Outcome, ...] = ()
    faults: tuple[Fault, ...] = ()
    covered: tuple[Covered, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader has to know to judge it, in sentences."""


class Verdict(StrEnum):
    """Of a run."""

    PASSED = "passed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """Nothing failed; but nothing passed, or a measurement leaves its limit open."""


def verdict(run: Run, taken: tuple[Taken, ...]) -> Verdict:
    """FAILED by one failed test or broken limit; PASSED only if a test passed and nothing is open."""
    results = {one.result for one in run.outcomes}
    judged = {one.measured.judgement for one in taken}
    if results & {Result.FAILED, Result.ERROR} or Judgement.BEYOND in judged:
        return Verdict.FAILED
    if Result.PASSED not in results or Judgement.INCONCLUSIVE in judged:
        return Verdict.INCONCLUSIVE
    return Verdict.PASSED


def verdict_of(outcome: Outcome, taken: tuple[Taken, ...]) -> Verdict | None:
    """Of one test with what was measured in it; None: it was skipped."""
    if outcome.result is Result.SKIPPED:
        return None
    judged = {one.measured.judgement for one in taken if one.test == outcome.test}
    if outcome.result is not Result.PASSED or Judgement.BEYOND in judged:
        return Verdict.FAILED
    return Verdict.INCONCLUSIVE if Judgement.INCONCLUSIVE in judged else Verdict.PASSED
