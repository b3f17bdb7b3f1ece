"""What a request of PS3.18, 10.6, is understood to ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.dicomweb.keys import KEYS, Level, tag_of
from controller.imaging.dicomweb.query import LARGEST_PAGE, Search, parse
from controller.imaging.errors import BadQuery


def values(search: Search) -> dict[str, str]:
    return {key.tag: value for key, value in search.matches}


@pytest.mark.parametrize("name", ["PatientID", "00100020"])
def test_an_attribute_is_named_by_its_keyword_or_its_tag(name: str) -> None:
    assert values(parse(Level.STUDY, [(name, "4711")])) == {"00100020": "4711"}


def test_an_attribute_in_a_sequence_is_named_with_dots() -> None:
    by_keyword = parse(Level.SERIES, [("RequestAttributesSequence.RequestedProcedureID", "P1")])
    assert by_keyword == parse(Level.SERIES, [("00400275.00401001", "P1")])


def test_the_study_and_the_series_of_the_address_are_matched_too() -> None:
    found = values(parse(Level.INSTANCE, [("InstanceNumber", "3")], "1.2", "1.2.3"))
    assert found == {"00200013": "3", "0020000D": "1.2", "0020000E": "1.2.3"}


@pytest.mark.parametrize("value", ["", "*"])
def test_a_universal_match_only_asks_for_the_attribute(value: str) -> None:
    search = parse(Level.STUDY, [("PatientComments", value)])
    assert search.matches == ()
    assert search.include == {"00104000"}


def test_includefield_is_a_list_or_comes_more_than_once() -> None:
    search = parse(Level.STUDY, [("includefield", "00081030,PatientAge"), ("includefield", "PatientSize")])
    assert search.include == {"00081030", "00101010", "00101020"}
    assert not search.everything


def test_includefield_all_asks_for_everything() -> None:
    assert parse(Level.STUDY, [("includefield", "all")]).everything


def test_a_page_has_a_largest_size_whatever_is_asked() -> None:
    assert parse(Level.STUDY, []).limit == LARGEST_PAGE
    assert parse(Level.STUDY, [("limit", "999999")]).limit == LARGEST_PAGE
    assert parse(Level.STUDY, [("limit", "7"), ("offset", "14")]).offset == 14


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NoSuchAttribute", "1"),
        ("0010zz20", "1"),
        ("Modality", "CT"),  # of the series, in a search for studies
        ("PatientAge", "031Y"),  # there, and not matched
        ("PixelData", "1"),
        ("limit", "-1"),
        ("limit", "1e3"),
        ("limit", "٣"),
        ("offset", "99999999999999999999"),
        ("fuzzymatching", "yes"),
        ("includefield", "Nonsense"),
        ("PatientName", "x" * 1025),
        ("PatientID", "4711\0"),
    ],
)
def test_what_is_not_understood_is_refused_and_not_left_out(name: str, value: str) -> None:
    with pytest.raises(BadQuery):
        parse(Level.STUDY, [(name, value)])


def test_an_attribute_with_two_values_is_refused() -> None:
    with pytest.raises(BadQuery, match="once"):
        parse(Level.STUDY, [("PatientID", "1"), ("00100020", "2")])


def test_another_study_than_that_of_the_address_is_refused() -> None:
    with pytest.raises(BadQuery, match="once"):
        parse(Level.SERIES, [("StudyInstanceUID", "1.9")], "1.2")


def test_a_flood_of_attributes_is_refused() -> None:
    everything = [(tag, "1") for tag in KEYS]
    assert len(parse(Level.INSTANCE, everything).matches) <= 32
    with pytest.raises(BadQuery):
        parse(Level.INSTANCE, [*everything, *everything[:1], ("includefield", "x" * 2000)])


@pytest.mark.parametrize("tag", sorted(KEYS))
def test_every_key_is_an_attribute_of_the_dictionary(tag: str) -> None:
    assert tag_of(tag) == tag


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40))), st.sampled_from(Level))
def test_any_parameters_are_a_search_or_refused(parameters: list[tuple[str, str]], level: Level) -> None:
    try:
        search = parse(level, parameters)
    except BadQuery:
        return
    assert 0 <= search.limit <= LARGEST_PAGE
    assert search.offset >= 0
