"""ASTM records: they are split as their header says, and texts are as they were meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.astm.records import Delimiters, Record, encode_header, encode_record

USUAL = Delimiters()
LINE = b"O|1|S-1^rack^3||^^^GLU\\^^^K\\^^^NA|R|||  |"
MARKS = st.sampled_from(
    [USUAL, Delimiters("!", "@", "$", "%"), Delimiters("|", "~", "^", "\\"), Delimiters("|", "@", "^", "\\")]
)
TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=["Zs", "Cc"]), max_size=12
)


def record(line: bytes = LINE, marks: Delimiters = USUAL) -> Record:
    return Record.parse(line, marks)


def test_fields_are_counted_from_the_type() -> None:
    assert (record().type, record().text(1), record().text(2)) == ("O", "1", "S-1^rack^3")


def test_what_is_not_there_is_empty() -> None:
    assert (record().text(99), record().components(99), record().repeats(99), record().first(99)) == (
        "",
        [""],
        [],
        "",
    )


def test_components_are_those_of_the_first_repeat() -> None:
    assert record().components(4) == ["", "", "", "GLU"]


def test_repeats_are_whole() -> None:
    assert record().repeats(4) == ["^^^GLU", "^^^K", "^^^NA"]


def test_the_first_component_that_says_something_is_found() -> None:
    assert record().first(4) == "GLU"
    assert record(b"O|1|^^      113^A").first(2) == "113"


def test_fill_is_left_out() -> None:
    assert record().text(8) == ""
    assert record(b"R|1|x|  5.5  ").text(3) == "5.5"


@pytest.mark.parametrize("letter", [b"r", b" R", b"R "])
def test_a_type_is_known_however_it_is_written(letter: bytes) -> None:
    assert record(letter + b"|1").type == "R"


@pytest.mark.parametrize(
    ("header", "marks"),
    [
        (b"H|\\^&|||X", USUAL),
        (b"H|\\^&", USUAL),
        (b"H", USUAL),
        (b"H|", USUAL),
        (b"H|\\^|||X", USUAL),
        (b"H|\\\\^&|||X", USUAL),
        (b"H|@^\\|X", Delimiters("|", "@", "^", "\\")),
        (b"H|^~\\&|X", Delimiters("|", "~", "^", "\\")),
        (b"H!\\$&!!!X", Delimiters("!", "\\", "$", "&")),
    ],
)
def test_a_header_defines_the_delimiters(header: bytes, marks: Delimiters) -> None:
    assert Delimiters.of(header) == marks


@given(MARKS)
def test_a_header_defines_what_it_was_encoded_with(marks: Delimiters) -> None:
    header = encode_header(["", "", ["X", "1.0"]], marks)
    if marks.repeat != "~":
        assert Delimiters.of(header) == marks
    assert Record.parse(header[1:], marks).components(4) == ["X", "1.0"]


@given(MARKS, st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=6))
def test_a_record_survives_encoding(marks: Delimiters, fields: list[list[str]]) -> None:
    found = Record.parse(encode_record(["R", *fields], marks), marks)
    assert [found.components(n) for n in range(1, len(fields) + 1)] == fields


@given(MARKS, st.text(max_size=30))
def test_any_text_is_unescaped_without_complaint(marks: Delimiters, text: str) -> None:
    assert isinstance(marks.unescaped(text), str)


@given(MARKS, st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_an_escaped_text_has_no_delimiters_and_means_the_same(marks: Delimiters, text: str) -> None:
    escaped = marks.escaped(text)
    assert not set(escaped) & {marks.field, marks.component, marks.repeat, "\r", "\n"}
    assert marks.unescaped(escaped) == text
