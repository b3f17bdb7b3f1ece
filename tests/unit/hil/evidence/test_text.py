"""Texts and numbers as they are shown: nothing hides, and no digit is more than is known."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.evidence.measurement import Measurement, Rule
from hil.evidence.text import limits, moment, plus_minus, rounded, sentence, visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u202edessap", "<U+202E>dessap"),
        ("pass\u200bed", "pass<U+200B>ed"),
        ("\x1b[2J", "<U+001B>[2J"),
        ("a\x00b", "a<U+0000>b"),
        ("a\rb", "a<U+000D>b"),
        ("\ud800", "<U+D800>"),
        ("\ufeff", "<U+FEFF>"),
    ],
)
def test_what_cannot_be_seen_is_shown(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@given(st.text())
def test_no_control_and_no_turning_of_letters_is_left(text: str) -> None:
    left = {unicodedata.category(letter) for letter in visible(text) if letter not in "\t\n\xad"}
    assert not left & {"Cc", "Cs"}
    assert not {unicodedata.bidirectional(letter) for letter in visible(text)} & {"RLO", "LRO", "RLE", "LRE"}


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("value", "uncertainty", "shown"),
    [
        (1.8341, 0.12, "1.83"),
        (1.8341, 0.012, "1.834"),
        (1834.1, 120.0, "1830"),
        (0.00012345, 0.0000021, "0.0001234"),
        (1.8341, None, "1.834"),
        (3.0, 0.0, "3"),
        (-0.014, 0.19, "-0.01"),
    ],
)
def test_a_value_has_the_digits_of_its_uncertainty(
    value: float, uncertainty: float | None, shown: str
) -> None:
    assert rounded(value, uncertainty) == shown


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        ((None, None), "none"),
        ((None, 5.0), "at most 5"),
        ((1.5, None), "at least 1.5"),
        ((-1.0, 1.0), "-1 to 1"),
    ],
)
def test_limits_in_words(ends: tuple[float | None, float | None], shown: str) -> None:
    assert limits(Measurement("x", 1.0, "s", *ends, rule=Rule.SIMPLE)) == shown


def test_an_uncertainty_that_nobody_knows_is_not_nought() -> None:
    assert plus_minus(Measurement("x", 1.0, "s")) == "not known"
    assert plus_minus(Measurement("x", 1.0, "s", uncertainty=0.123)) == "± 0.12"


def test_a_tests_name_is_a_sentence() -> None:
    assert sentence("tests/rig/test_x.py::test_a_reset_loses_nothing[3-uart]") == (
        "A reset loses nothing (3-uart)"
    )


def test_times_are_utc() -> None:
    assert moment(1_760_000_000_000_000) == "2025-10-09 08:53:20 UTC"


def test_nought_has_no_sign() -> None:
    assert rounded(-0.0004, 0.11) == "0.00"
