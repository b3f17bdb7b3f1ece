"""What laboratory codecs share: LOINC codes are told where they are certain, and no text is without bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.lab_result import LONGEST_TEXT, is_loinc, lab_result, loinc_of, unmapped
from devices.model.observation import EventKind, Instant

NOW = Instant(5)


@pytest.mark.parametrize(
    "code",
    ["6690-2", "789-8", "718-7", "4544-3", "787-2", "785-6", "786-4", "777-3", "2345-7", "59408-5", "8867-4"],
)
def test_codes_of_loinc_are_known_by_their_check_digit(code: str) -> None:
    assert is_loinc(code)
    assert not any(is_loinc(f"{code[:-1]}{digit}") for digit in "0123456789" if digit != code[-1])


@pytest.mark.parametrize(
    "text", ["", "-", "6690", "6690-", "-2", "66-2", "A690-2", "6690-22", " 6690-2", "789-9"]
)
def test_what_has_not_the_form_of_a_code_is_none(text: str) -> None:
    assert not is_loinc(text)


@given(st.text(max_size=12))
def test_any_text_may_be_asked_about(text: str) -> None:
    assert is_loinc(text) in (True, False)
    assert loinc_of(text, text) in ("", loinc_of(text, text))


@pytest.mark.parametrize(
    ("name", "unit", "code"),
    [
        ("WBC", "10*9/L", "6690-2"),
        ("wbc", "10^3/µL", "6690-2"),
        ("WBC", "10E3/uL", "6690-2"),
        ("PLT", "10*3/μL", "777-3"),
        ("RBC", "10*12/L", "789-8"),
        ("HGB", "g/L", "718-7"),
        ("HCT", "%", "4544-3"),
        ("MCV", "um3", "787-2"),
        ("WBC", "/HPF", ""),
        ("RBC", "/uL", ""),
        ("HGB", "mmol/L", ""),
        ("HCT", "L/L", ""),
        ("WBC", "", ""),
        ("GLU", "mg/dL", ""),
        ("WBC-BF", "10*9/L", ""),
    ],
)
def test_a_name_is_a_code_with_the_units_of_a_blood_count_only(name: str, unit: str, code: str) -> None:
    assert loinc_of(name, unit) == code


def test_a_result_always_has_code_system_and_value_and_else_only_what_is_said() -> None:
    event = lab_result(NOW, "GLU", "X1", "", unit="mg/dL", flags="", specimen_type="SER")
    assert event.kind == EventKind.LAB_RESULT
    assert event.at == NOW
    assert event.detail == {
        "code": "GLU",
        "system": "X1",
        "value": "",
        "unit": "mg/dL",
        "specimen-type": "SER",
    }


def test_a_text_without_end_is_cut_and_its_length_told() -> None:
    event = unmapped(NOW, "M", "X1", text="x" * (LONGEST_TEXT + 1))
    assert event.kind == EventKind.UNMAPPED
    assert len(str(event.detail["text"])) == LONGEST_TEXT
    assert event.detail["length"] == LONGEST_TEXT + 1


def test_a_text_of_the_longest_length_is_whole() -> None:
    assert "length" not in lab_result(NOW, "T", "X1", "x" * LONGEST_TEXT).detail
