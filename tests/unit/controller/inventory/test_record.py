"""What may be recorded of a device: each refusal has column, expected, came and remedy."""

import pytest

from controller.errors import BadRecord
from controller.inventory.record import Problem, Record, checked, needed

RIGHT = {"device": "bp-1", "profile": "beurer-bm85"}


def test_spellings_become_one() -> None:
    record = needed({**RIGHT, "gtin": "4211125658212", "address": "001c05ffe874", "serial": " A17 "})
    assert record == Record(
        "bp-1", "beurer-bm85", gtin="04211125658212", address="00:1C:05:FF:E8:74", serial="A17"
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("device", ""),
        ("device", "Bett 1"),
        ("device", "../etc"),
        ("device", "#"),
        ("profile", ""),
        ("profile", "beurer"),
        ("asset_tag", "=1+1"),
        ("asset_tag", "x" * 41),
        ("serial", "A 17"),
        ("serial", "ä"),
        ("gtin", "04211125658213"),
        ("gtin", "12345"),
        ("address", "00:1C:05"),
        ("gateway", "Ward A"),
        ("calibration_due", "2026-02-29"),
        ("calibration_due", "2026-13-01"),
        ("calibration_due", "1.2.2026"),
        ("calibration_due", "٢٠٢٦-01-01"),
        ("notes", "x" * 1001),
        ("notes", "two\nlines"),
    ],
)
def test_a_wrong_value_is_told_with_its_column_and_a_remedy(column: str, value: str) -> None:
    record, problems = checked({**RIGHT, column: value})
    assert record is None
    [problem] = problems
    assert (problem.column, problem.came) == (column, value.strip())
    assert problem.expected and problem.remedy


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(BadRecord, match=r"^device: .*; profile: .*; gtin: .*scan the label again$"):
        needed({"gtin": "1"})


def test_a_leap_day_is_a_day() -> None:
    assert needed({**RIGHT, "calibration_due": "2028-02-29"}).calibration_due == "2028-02-29"


def test_a_problem_without_a_column_is_of_the_whole_row() -> None:
    assert str(Problem("", "a", "b", "c")) == "expected a, got 'b': c"
