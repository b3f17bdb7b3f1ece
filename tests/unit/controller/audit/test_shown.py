"""Whom an answer shows is read from the answer."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.audit.shown import patients_in, patients_in_json

ANNA = {"identifier": "P1", "name": "Anna"}


@pytest.mark.parametrize(
    ("item", "whom"),
    [
        ({"bed": {"id": "bed-1", "patient": ANNA}}, {"P1"}),
        ({"beds": [{"patient": ANNA}, {"patient": None}, {"patient": {"identifier": "P2"}}]}, {"P1", "P2"}),
        ({"items": [{"patient": "P1"}]}, {"P1"}),
        ({"patients": ["P1", ANNA, {"identifier": "P3"}]}, {"P1", "P3"}),
        ({"patient": {"history": [{"patient": "P4"}]}}, {"P4"}),
        ({"metrics": {"spo2": {"mean": [97]}}}, set()),
        ({"why": "the patient P1"}, set()),
        ([], set()),
    ],
)
def test_patients_are_found_wherever_they_are_named(item: Any, whom: set[str]) -> None:
    assert patients_in(item) == whom
    assert patients_in_json(orjson.dumps(item)) == whom


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(JSON, JSON, st.text(min_size=1))
def test_however_deep_a_patient_is_named_it_is_found(before: Any, after: Any, identifier: str) -> None:
    item = [before, {"x": [{"patient": {"identifier": identifier}}]}, after]
    assert identifier in patients_in(item)
