"""What a run's verdict follows from: nothing that was not shown counts as shown."""

import pytest

from hil.evidence.measurement import Limits, Measurement
from hil.evidence.run import Outcome, Result, Run, Taken, Verdict, verdict, verdict_of

GOOD = Measurement("x", 1.0, "s", upper=2.0, uncertainty=0.1)
OPEN = Measurement("x", 1.95, "s", upper=2.0, uncertainty=0.1)
BAD = Measurement("x", 3.0, "s", upper=2.0, uncertainty=0.1)
PASSED, FAILED, ERROR, SKIPPED = (Outcome(f"t::{one}", one, 1.0, "why") for one in Result)


@pytest.mark.parametrize(
    ("outcomes", "measured", "expected"),
    [
        ((PASSED,), (GOOD,), Verdict.PASSED),
        ((PASSED, SKIPPED), (), Verdict.PASSED),
        ((PASSED, FAILED), (GOOD,), Verdict.FAILED),
        ((PASSED, ERROR), (GOOD,), Verdict.FAILED),
        ((PASSED,), (GOOD, BAD), Verdict.FAILED),
        ((PASSED,), (GOOD, OPEN), Verdict.INCONCLUSIVE),
        ((PASSED,), (OPEN, BAD), Verdict.FAILED),
        ((SKIPPED,), (), Verdict.INCONCLUSIVE),
        ((), (GOOD,), Verdict.INCONCLUSIVE),
        ((), (), Verdict.INCONCLUSIVE),
    ],
)
def test_a_verdict(
    outcomes: tuple[Outcome, ...], measured: tuple[Measurement, ...], expected: Verdict
) -> None:
    run = Run("rig", 1, 0, "again", outcomes=outcomes)
    assert verdict(run, tuple(Taken("t::passed", one) for one in measured)) is expected


@pytest.mark.parametrize(
    ("outcome", "measured", "expected"),
    [
        (PASSED, GOOD, Verdict.PASSED),
        (PASSED, OPEN, Verdict.INCONCLUSIVE),
        (PASSED, BAD, Verdict.FAILED),
        (FAILED, GOOD, Verdict.FAILED),
        (ERROR, GOOD, Verdict.FAILED),
        (SKIPPED, GOOD, None),
    ],
)
def test_a_tests_verdict_has_what_was_measured_in_it(
    outcome: Outcome, measured: Measurement, expected: Verdict | None
) -> None:
    assert verdict_of(outcome, (Taken(outcome.test, measured), Taken("another", BAD))) is expected


def test_limits_both_belong_to_what_is_allowed() -> None:
    assert Limits(1.0, 1.0)
