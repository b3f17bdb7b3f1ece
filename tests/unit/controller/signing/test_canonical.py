"""JSON in one form: the examples of RFC 8785, and what any value becomes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadSignature
from controller.signing.canonical import EXACT, canonical, parsed

DECIMALS = st.floats(-float(EXACT), float(EXACT))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-EXACT, EXACT)
    | DECIMALS
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
)


def test_members_are_sorted_by_code_units_as_the_standards_example_has_it() -> None:
    """RFC 8785, 3.2.3."""
    example = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert list(json.loads(canonical(example)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_text_is_escaped_as_the_standards_example_has_it() -> None:
    """RFC 8785, 3.2.2.2."""
    text = '€$\x0f\nA\'B"\\\\"/'
    assert canonical({"string": text}) == b'{"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical([None, True, False, 10**15, -1]) == b"[null,true,false,1000000000000000,-1]"


@given(VALUES)
def test_what_is_read_back_is_the_same_and_has_one_form(value: Any) -> None:
    told = canonical(value)
    assert parsed(told) == value
    if told.strip() and told[:1] in b"[{":
        with pytest.raises(BadSignature, match="canonical form"):
            parsed(told[:1] + b" " + told[1:])


@pytest.mark.parametrize(
    "value", [EXACT + 1, 1e16, float("nan"), float("inf"), b"x", {"a": {1}}, {1: "a"}, (1,)]
)
def test_what_readers_of_json_read_differently_is_refused(value: Any) -> None:
    with pytest.raises(BadSignature, match="expected texts, whole numbers"):
        canonical(value)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(BadSignature, match="surrogate"):
        canonical("\ud800")
    with pytest.raises(BadSignature, match="surrogate"):
        parsed(b'"\\ud800"')


@given(st.binary(max_size=40))
def test_whatever_comes_is_read_or_refused_in_words(content: bytes) -> None:
    try:
        parsed(content)
    except BadSignature as error:
        assert str(error)
