"""JUnit XML: what readers count is what the report says."""

from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hil.evidence.junit import junit
from hil.evidence.measurement import Measurement
from hil.evidence.run import Outcome, Result, Run
from hil.evidence.stored import Record
from tests.support.evidence import DELAY, begun, filled


def suite_of(record: Record) -> ElementTree.Element:
    suite = ElementTree.fromstring(junit(record)).find("testsuite")
    assert suite is not None
    return suite


def test_tests_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    evidence = filled(tmp_path)
    evidence.outcome("tests/rig/test_x.py::test_a", Result.FAILED, 1.0, "3 is not 4")
    evidence.outcome("tests/rig/test_x.py::test_b", Result.ERROR, 1.0, "no rig")
    suite = suite_of(evidence.record)
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert counts == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "14.250"}


def test_a_case_has_the_names_that_pytest_gives_it(tmp_path: Path) -> None:
    case = suite_of(filled(tmp_path).record)[0]
    assert case.attrib == {
        "classname": "tests.rig.test_delay",
        "name": "test_an_alarm_is_at_the_controller_in_its_time",
        "file": "tests/rig/test_delay.py",
        "time": "12.250",
    }


def test_a_skipped_test_has_its_reason(tmp_path: Path) -> None:
    skipped = suite_of(filled(tmp_path).record).find("testcase/skipped")
    assert skipped is not None
    assert skipped.get("message") == "needs the bench: no emulator has this radio"


def test_a_broken_limit_is_a_failure_and_an_open_one_an_error(tmp_path: Path) -> None:
    for value, tag in ((9.0, "failure"), (2.0, "error")):
        evidence = begun(tmp_path / tag)
        evidence.measure(Measurement("recovery", value, "s", upper=2.0, uncertainty=0.1), DELAY)
        evidence.outcome(DELAY, Result.PASSED, 1.0)
        found = suite_of(evidence.record).find(f"testcase/{tag}")
        assert found is not None
        assert "recovery" in str(found.get("message"))


def test_a_broken_limit_of_no_test_is_not_lost(tmp_path: Path) -> None:
    evidence = begun(tmp_path)
    evidence.outcome(DELAY, Result.PASSED, 1.0)
    evidence.measure(Measurement("recovery", 9.0, "s", upper=2.0, uncertainty=0.1))
    suite = suite_of(evidence.record)
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


@given(st.text(), st.text())
def test_whatever_a_device_said_it_is_xml(test: str, why: str) -> None:
    run = Run("rig", 1, 0, "again", outcomes=(Outcome(test, Result.FAILED, 1.0, why),))
    assert suite_of(Record(run)).get("failures") == "1"
