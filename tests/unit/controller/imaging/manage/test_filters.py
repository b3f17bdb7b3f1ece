"""What may be asked of the worklist: whatever is no filter is told, never passed on."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.errors import BadQuery
from controller.imaging.manage.filters import NAMES, filters, whole


def test_empty_filters_and_unknown_names_are_left_out() -> None:
    asked = {"patient": " müll ", "from": "", "offset": "50", "held": "1", "patients": "null"}
    assert filters(asked) == {"patient": "müll"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("from", "2026-11-26"),
        ("to", "١٢٣٤٥٦٧٨"),
        ("modality", "ct"),
        ("urgency", "4"),
        ("study", "../1"),
        ("patient", "a\nb"),
        ("accession", "x" * 65),
    ],
)
def test_a_filter_of_another_form_is_refused(name: str, text: str) -> None:
    with pytest.raises(BadQuery, match=f"expected {name} to be"):
        filters({name: text})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=80)))
def test_what_is_let_through_is_printable_in_one_line_and_short(query: Mapping[str, str]) -> None:
    try:
        asked = filters(query)
    except BadQuery:
        return
    assert all(0 < len(text) <= 64 and "\n" not in text for text in asked.values())


@given(st.text(max_size=12))
def test_a_number_is_one_from_0_to_the_most(text: str) -> None:
    try:
        number = whole({"limit": text}, "limit", 50, 200)
    except BadQuery:
        return
    assert 0 <= number <= 200
    assert whole({}, "limit", 50, 200) == 50
