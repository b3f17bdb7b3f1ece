"""From one run to another: what differs by more than chance, and which way is worse."""

from pathlib import Path

import pytest

from hil.evidence.compare import Change, compared
from hil.evidence.measurement import Distribution, Measurement
from hil.evidence.run import Outcome, Result, Run, Taken
from hil.evidence.stored import Record
from hil.evidence.summary import comparison_page, difference
from tests.support.evidence import filled


def measured(*many: Measurement | Distribution) -> Record:
    return Record(Run("rig", 1, 0, "again"), tuple(Taken("t", one) for one in many))


def change(before: Measurement, after: Measurement) -> Change:
    (moved,) = compared(measured(before), measured(after)).measurements
    return moved.change


def at(value: float, lower: float | None = None, upper: float | None = 9.0) -> Measurement:
    return Measurement("recovery", value, "s", lower, upper, uncertainty=0.3)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (at(1.0), at(2.0), Change.WORSE),
        (at(2.0), at(1.0), Change.BETTER),
        (at(1.0), at(1.4), Change.SAME),
        (at(1.0), at(1.45), Change.WORSE),
        (at(1.0, 0.0, None), at(2.0, 0.0, None), Change.BETTER),
        (at(1.0, 0.0, 4.0), at(2.0, 0.0, 4.0), Change.BETTER),
        (at(2.0, 0.0, 4.0), at(3.5, 0.0, 4.0), Change.WORSE),
        (at(1.0, None, None), at(2.0, None, None), Change.DIFFERENT),
    ],
)
def test_values_are_held_against_the_root_sum_of_squares_of_their_uncertainties(
    before: Measurement, after: Measurement, expected: Change
) -> None:
    assert change(before, after) is expected


def test_another_unit_or_no_uncertainty_cannot_be_compared() -> None:
    assert change(at(1.0), Measurement("recovery", 900.0, "ms", uncertainty=1.0)) is Change.UNKNOWN
    assert change(at(1.0), Measurement("recovery", 2.0, "s")) is Change.UNKNOWN


def test_what_is_exactly_as_before_is_not_worse_whatever_nobody_knows() -> None:
    assert change(Measurement("recovery", 2.0, "s"), Measurement("recovery", 2.0, "s")) is Change.SAME


def test_what_got_worse_comes_first() -> None:
    before, after = measured(at(1.0), delays(1.0)), measured(at(3.0), delays(2.0))
    assert compared(before, after).measurements[0].change is Change.WORSE


def test_nothing_worse_is_no_praise_for_a_run_that_failed() -> None:
    failed = ran(a=Result.FAILED)
    assert "but the later run failed" in comparison_page(compared(failed, failed))


def test_a_measurement_that_only_one_has_is_told() -> None:
    found = compared(measured(at(1.0)), measured()).measurements
    assert [(one.change, one.after) for one in found] == [(Change.UNKNOWN, None)]


def delays(*samples: float) -> Distribution:
    return Distribution("delay", "s", samples, uncertainty=0.0)


def test_percentiles_differ_when_their_intervals_lie_apart() -> None:
    few, many = [n / 100 for n in range(8)], [n / 100 for n in range(400)]
    later = [one + 10 for one in many]
    by_name = {
        one.name: one.change
        for one in compared(measured(delays(*many)), measured(delays(*later))).measurements
    }
    assert by_name["delay, p50"] is Change.DIFFERENT
    assert by_name["delay, p95"] is Change.DIFFERENT
    assert by_name["delay, max"] is Change.UNKNOWN
    of_few = compared(measured(delays(*few)), measured(delays(*[one + 0.001 for one in few]))).measurements
    assert {one.change for one in of_few} == {Change.SAME, Change.UNKNOWN}


def ran(**results: Result) -> Record:
    outcomes = tuple(Outcome(name, result, 1.0, "why") for name, result in results.items())
    return Record(Run("rig", 1, 0, "again", outcomes=outcomes))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Result.PASSED, Result.FAILED, Change.WORSE),
        (Result.PASSED, Result.SKIPPED, Change.WORSE),
        (Result.SKIPPED, Result.FAILED, Change.WORSE),
        (Result.FAILED, Result.ERROR, Change.DIFFERENT),
        (Result.FAILED, Result.SKIPPED, Change.DIFFERENT),
        (Result.SKIPPED, Result.PASSED, Change.DIFFERENT),
        (Result.FAILED, Result.PASSED, Change.BETTER),
    ],
)
def test_a_test_that_turned(before: Result, after: Result, expected: Change) -> None:
    found = compared(ran(a=before, b=Result.PASSED), ran(a=after, b=Result.PASSED))
    assert [one.change for one in found.tests] == [expected]
    assert found.is_worse == (expected is Change.WORSE)


def test_a_test_that_is_gone_is_worse_and_a_new_one_that_fails_too() -> None:
    assert compared(ran(a=Result.PASSED), ran()).is_worse
    assert compared(ran(), ran(a=Result.FAILED)).is_worse
    assert not compared(ran(), ran(a=Result.PASSED)).is_worse


def test_the_same_run_twice_changes_nothing(tmp_path: Path) -> None:
    record = filled(tmp_path).record
    found = compared(record, record)
    assert (found.facts, found.digests, found.tests) == ([], [], [])
    assert {one.change for one in found.measurements} == {Change.SAME}


def test_a_slower_firmware_is_told_with_both_digests(tmp_path: Path) -> None:
    before = filled(tmp_path / "a").record
    found = compared(before, filled(tmp_path / "b", slower=1.5, firmware="cd" * 32).record)
    lines = "\n".join(difference(found))
    assert found.is_worse
    assert f"node's firmware: {'ab' * 32} → {'cd' * 32}" in lines
    assert "worse: recovery: 1.83 s (± 0.12) → 3.33 s (± 0.12)" in lines
    assert "worse: alarm delay, p95" in lines
    page = comparison_page(found)
    for said in ("✗ something got worse", "cd" * 32, "alarm delay, p95", "cannot be compared"):
        assert said in page


def test_the_comparison_is_text_whatever_a_device_said() -> None:
    evil = ran(**{"<script>alert(1)</script>": Result.FAILED})
    assert "<script>" not in comparison_page(compared(ran(), evil))
    lines = list(difference(compared(ran(), ran(**{"a\x1b[2J\nb": Result.FAILED}))))
    assert not any(letter in line for line in lines for letter in "\x1b\n")
