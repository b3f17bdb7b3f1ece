"""Both halves of canonical JSON, the controller's and the pages', in their real engines: the same bytes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import BadSignature
from controller.signing.canonical import EXACT, canonical, parsed
from tests.support.node import Call, Thrown, node

TEXTS = st.text(max_size=6) | st.sampled_from(
    ["", "__proto__", "constructor", "10", "9", "\U0001f600", "\ufb33", "é"]
)
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(-2, 2)
    | st.integers(-EXACT, EXACT)
    | st.integers(1, 9999).map(lambda n: n / 1000)
    | st.integers(-12, 2).map(lambda power: float(f"1.25e{power}"))
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def by_page(call: Call, value: Any) -> bytes | None:
    try:
        return call("signing/canonical.js", "canonical", value).encode()
    except Thrown as thrown:
        assert str(thrown) == "TypeError"
        return None


def by_controller(value: Any) -> bytes | None:
    try:
        return canonical(value)
    except BadSignature:
        return None


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_both_make_the_same_bytes_of_a_value_or_refuse_it_both(call: Call, value: Any) -> None:
    made = by_controller(value)
    assert made == by_page(call, value)
    if made is not None:
        assert parsed(made) == value
        assert by_page(call, json.loads(made)) == made


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (1.0, "1"),
        (333333333.33333329, "333333333.3333333"),
        (4.50, "4.5"),
        (2e-3, "0.002"),
        (1e-6, "0.000001"),
        (0.000001234, "0.000001234"),
        (-1.5e-6, "-0.0000015"),
        (1e-7, "1e-7"),
        (-1.25e-9, "-1.25e-9"),
        (0.000000000000000000000000001, "1e-27"),
        (5e-324, "5e-324"),
        (2.0**53 - 1, "9007199254740991"),
    ],
)
def test_decimals_are_as_the_standard_has_them(call: Call, number: float, text: str) -> None:
    """RFC 8785, 3.2.2.3 and appendix B."""
    assert canonical(number) == text.encode() == by_page(call, number)
    assert parsed(text.encode()) == number


@pytest.mark.parametrize(
    "text", ["0.50", "1.0", "-0", "5e-1", "1e3", "0.5e0", "1E-7", "1e-07", "9007199254740993"]
)
def test_another_form_of_a_number_is_refused(text: str) -> None:
    with pytest.raises(BadSignature):
        parsed(f'{{"dose":{text}}}'.encode())


def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(BadSignature, match="canonical form"):
        parsed(b'{"dose":0.5,"dose":5}')


def test_json_without_end_is_refused() -> None:
    with pytest.raises(BadSignature):
        parsed(b"[" * 200_000)
