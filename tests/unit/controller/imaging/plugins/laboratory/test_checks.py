"""Results that kill, that changed more than a patient does, and that do not fit together."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.plugins.laboratory.limits import _table, limits_of
from controller.imaging.plugins.laboratory.screening import KIND, LaboratoryChecks
from controller.imaging.plugins.model import AT_ONCE, REVIEW, SOON, URGENT, Finding, Given
from controller.imaging.plugins.plugin import BadGiven
from devices.codecs.lab_result import is_loinc

K, NA, CL, HCO3, HGB, HCT, ALB, TP, GLU_MG = (
    *("2823-3", "2951-2", "2075-0", "1963-8"),
    *("718-7", "4544-3", "1751-7", "2885-2", "2345-7"),
)
HOUR = 3600


def result(
    loinc: str, value: str, unit: str, hours: float = 100, specimen: str = "S2", comment: str = ""
) -> Any:
    named = {"loinc": loinc, "value": value, "unit": unit, "specimen": specimen, "comment": comment}
    return {**named, "at_s": hours * HOUR}


def found(one: Any, *others: Any) -> list[Finding]:
    content = json.dumps({"result": one, "others": others}).encode()
    return LaboratoryChecks().run(Given(KIND, content))


def codes(one: Any, *others: Any) -> list[str]:
    return [finding.code.value for finding in found(one, *others)]


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (result(K, "6.5", "mmol/L"), "HH"),
        (result(K, "2.5", "mEq/L"), "LL"),
        (result(NA, "118", "mmol/l"), "LL"),
        (result(HGB, "6.8", "g/dL"), "LL"),
        (result(GLU_MG, "540", "mg/dL"), "HH"),
        (result(GLU_MG, ">450.5", "mg/dL"), "HH"),
        (result("777-3", "12", "10^9/L"), "LL"),
    ],
)
def test_a_critical_result_is_told_at_once_with_limit_and_source(one: Any, code: str) -> None:
    [finding] = found(one)
    assert finding.code.value == code
    assert finding.urgency == AT_ONCE
    assert "Royal College" in finding.what or "Barnsley" in finding.what
    assert finding.confidence is None
    assert finding.evidence[0].value > 0


@pytest.mark.parametrize(
    "one",
    [
        result(K, "4.1", "mmol/L"),
        result(K, "6.4", "mmol/L"),
        result(HGB, "13.5", "g/dL"),
        result(GLU_MG, "99", "mg/dL"),
        result(K, "NEGATIVE", "mmol/L"),
        result(K, "-----", "mmol/L"),
        result(K, "7.5", "furlong"),
        result("", "7.5", "mmol/L"),
        result("12345-6", "7.5", "mmol/L"),
    ],
)
def test_an_ordinary_result_and_one_that_is_not_understood_give_nothing(one: Any) -> None:
    assert found(one) == []


def test_a_value_that_no_living_person_has_is_the_instruments() -> None:
    [finding] = found(result(NA, "14.2", "mmol/L"))
    assert finding.code.value == "implausible"
    assert finding.urgency == URGENT


def test_a_jump_from_the_specimen_before_asks_whether_it_is_the_same_patient() -> None:
    before = result(K, "3.9", "mmol/L", hours=90, specimen="S1")
    [finding] = found(result(K, "6.0", "mmol/L"), before)
    assert finding.code.value == "U"
    assert finding.urgency == SOON
    assert "right patient" in finding.what
    assert [measure.value for measure in finding.evidence] == [6.0, 3.9]
    assert codes(result(K, "2.9", "mmol/L"), result(K, "5.0", "mmol/L", 90, "S1")) == ["D"]


@pytest.mark.parametrize(
    "before",
    [
        result(K, "5.0", "mmol/L", hours=90, specimen="S1"),
        result(K, "3.0", "mmol/L", hours=20, specimen="S1"),
        result(K, "3.0", "mmol/L", hours=100, specimen="S2"),
        result(NA, "140", "mmol/L", hours=90, specimen="S1"),
    ],
    ids=["little change", "long ago", "the same specimen", "something else"],
)
def test_no_jump_is_told_of(before: Any) -> None:
    assert found(result(K, "6.0", "mmol/L"), before) == []


def test_units_may_change_between_two_results() -> None:
    assert found(result(HGB, "131", "g/L"), result(HGB, "13.0", "g/dL", 90, "S1")) == []


def test_haemolysed_blood_tells_nothing_of_potassium() -> None:
    assert codes(result(K, "6.9", "mmol/L", comment="Sample HEMOLYZED +++")) == ["implausible", "HH"]
    assert codes(result(K, "5.9", "mmol/L", comment="标本溶血")) == ["implausible"]
    assert codes(result(NA, "140", "mmol/L", comment="haemolysed")) == []


@pytest.mark.parametrize(
    ("one", "others", "word"),
    [
        (
            result(CL, "140", "mmol/L"),
            [result(NA, "140", "mmol/L"), result(HCO3, "24", "mmol/L")],
            "anion gap",
        ),
        (result(ALB, "45", "g/L"), [result(TP, "40", "g/L")], "albumin"),
        (result(HCT, "24", "%"), [result(HGB, "14.0", "g/dL")], "haematocrit expected"),
    ],
)
def test_results_of_one_specimen_that_do_not_fit_together_are_told(
    one: Any, others: list[Any], word: str
) -> None:
    [finding] = found(one, *others)
    assert finding.code.value == "implausible"
    assert word in finding.what
    elsewhere = [{**other, "specimen": "S1"} for other in others]
    assert found(one, *elsewhere) == []


def test_results_that_fit_together_give_nothing() -> None:
    assert found(result(CL, "104", "mmol/L"), result(NA, "140", "mmol/L"), result(HCO3, "24", "mmol/L")) == []
    assert found(result(HCT, "42", "%"), result(HGB, "14.0", "g/dL")) == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"result": {}}', b'{"result": 1, "others": []}'])
def test_what_is_no_result_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(BadGiven):
        LaboratoryChecks().run(Given(KIND, content))


@given(st.text(max_size=20), st.text(max_size=10), st.sampled_from([K, NA, HGB, "", "x"]))
def test_whatever_an_analyser_sends_is_survived(value: str, unit: str, loinc: str) -> None:
    for finding in found(result(loinc, value, unit)):
        assert 0 <= finding.urgency <= 3


def test_every_code_of_the_limits_is_one_of_loincs_and_every_limit_is_possible() -> None:
    assert len(_table()) > 20
    for code, limits in _table().items():
        assert is_loinc(code), code
        assert limits_of(code) is limits
        low, high = limits.critical_low or limits.least, limits.critical_high or limits.most
        assert limits.least <= low < high <= limits.most


def test_findings_are_for_a_physician() -> None:
    assert "physician" in REVIEW
