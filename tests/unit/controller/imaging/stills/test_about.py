"""What is said of a file is checked field by field, and refused by name."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.imaging.errors import BadQuery
from controller.imaging.stills.about import person_name, read_import, read_known, read_still
from tests.unit.controller.imaging.stills.test_imported import ONE
from tests.unit.controller.imaging.stills.test_still import STILL

KNOWN = {"gateway": "box-1", "stay": "a", "was": "UNKNOWN-a", "patient_id": "4711", "patient_name": "Ann"}


def test_what_is_whole_is_read() -> None:
    assert read_still(asdict(STILL)) == STILL
    assert read_import(asdict(ONE)) == ONE
    assert read_known(KNOWN).was == "UNKNOWN-a"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"patient_id": ""}, "patient_id"),
        ({"patient_id": "47\\11"}, "patient_id"),
        ({"patient_id": "x" * 65}, "patient_id"),
        ({"patient_id": 4711}, "patient_id"),
        ({"media": "image/gif"}, "media"),
        ({"sex": "female"}, "sex"),
        ({"birth_date": "1980-02-14"}, "birth_date"),
        ({"date": "20261301"}, "date"),
        ({"consent": ""}, "consent"),
        ({"consent": "yes"}, "consent"),
        ({"more": "x"}, "more"),
    ],
)
def test_an_import_that_is_not_as_it_should_be_says_which_field(change: dict[str, Any], named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        read_import({**asdict(ONE), **change})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "x-ray"}, "kind"),
        ({"number": True}, "number"),
        ({"by": ""}, "by"),
        ({"media": "x"}, "media"),
    ],
)
def test_a_still_that_is_not_as_it_should_be_says_which_field(change: dict[str, Any], named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        read_still({**asdict(STILL), **change})


@settings(max_examples=40, deadline=None)
@given(
    told=st.recursive(
        st.none() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
    )
)
def test_whatever_is_told_is_refused_or_read(told: Any) -> None:
    for reads in (read_still, read_import, read_known):
        with pytest.raises(BadQuery):
            reads(told)


@given(name=st.text(max_size=200))
def test_any_name_is_one_person_of_two_components_at_most(name: str) -> None:
    made = person_name(name)
    assert len(made) <= 64
    assert made.count("^") <= 1
    assert not set(made) & set("\\=\n\x1b")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Muster, Anna", "Muster^Anna"),
        ("李护士", "李护士"),
        ("unknown", "unknown"),
        ("A^B=C", "A B C"),
        (",", ""),
    ],
)
def test_a_name_with_a_comma_is_family_and_given(name: str, made: str) -> None:
    assert person_name(name) == made
