"""Scopes of API tokens: SMART App Launch 2.2's syntax, taken to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadScope
from controller.security.scopes import (
    INTERACTIONS,
    MOST,
    Scope,
    allows,
    parse_scope,
    parse_scopes,
    scope_text,
)

RESOURCES = st.sampled_from(["*", "Observation", "Device", "Patient", "MedicationAdministration"])
SELECTIONS = st.sets(st.sampled_from(INTERACTIONS), min_size=1).map(
    lambda letters: "".join(one for one in INTERACTIONS if one in letters)
)
SCOPES = st.builds(Scope, RESOURCES, SELECTIONS)


@given(SCOPES)
def test_what_is_written_is_read_as_it_was(scope: Scope) -> None:
    assert parse_scope(str(scope)) == scope


@given(st.frozensets(SCOPES, min_size=1, max_size=MOST))
def test_many_are_read_as_they_were_written_in_one_order(scopes: frozenset[Scope]) -> None:
    assert parse_scopes(scope_text(scopes)) == scopes
    assert scope_text(sorted(scopes, reverse=True)) == scope_text(scopes)


@given(st.text() | st.from_regex(r"(system|user)/[A-Za-z*]*\.[cruds]*.?", fullmatch=True))
def test_whatever_is_read_is_exactly_what_would_be_written(text: str) -> None:
    try:
        scope = parse_scope(text)
    except BadScope:
        return
    assert str(scope) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "system/Observation",
        "system/Observation.",
        "system/Observation.read",  # SMART 1
        "system/Observation.*",
        "system/Observation.sr",  # the order is fixed
        "system/Observation.rr",
        "system/Observation.rs?category=laboratory",  # we would not narrow it
        "system/observation.rs",
        "system/Obs*.rs",
        "patient/Observation.rs",  # there is no patient in the context of a program
        "user/Observation.rs",
        "SYSTEM/Observation.rs",
        " system/Observation.rs",
        "system/Observation.rs\n",
        "system/Ｏbservation.rs",
        "launch",
        "openid",
    ],
)
def test_what_is_not_of_the_form_or_could_not_be_kept_is_refused(text: str) -> None:
    with pytest.raises(BadScope, match="expected a scope like"):
        parse_scope(text)


def test_only_single_spaces_stand_between_scopes_and_there_are_not_endlessly_many() -> None:
    one = "system/Device.r"
    for text in ("", f"{one}  {one}", f"{one}\t{one}", f"{one} ", f" {one}", f"{one},{one}"):
        with pytest.raises(BadScope):
            parse_scopes(text)
    with pytest.raises(BadScope, match="at most"):
        parse_scopes(" ".join(["system/Device.r"] * (MOST + 1)))


@given(SCOPES)
def test_a_scope_allows_itself_and_each_part_of_itself(scope: Scope) -> None:
    assert scope.covers(scope)
    assert all(allows([scope], [Scope(scope.resource, letter)]) for letter in scope.interactions)


@given(SCOPES, SCOPES)
def test_nothing_is_allowed_beyond_the_letters_and_the_resource(granted: Scope, needed: Scope) -> None:
    expected = granted.resource in ("*", needed.resource) and set(needed.interactions) <= set(
        granted.interactions
    )
    assert allows([granted], [needed]) is granted.covers(needed) is expected


def test_the_letters_of_one_need_may_come_from_several_scopes_and_each_need_counts() -> None:
    read, search = parse_scopes("system/Device.r"), parse_scopes("system/*.s")
    needed = parse_scopes("system/Device.rs")
    assert not allows(read, needed)
    assert not allows(search, needed)
    assert allows(read | search, needed)
    assert not allows(read | search, needed | parse_scopes("system/Patient.r"))
    assert not allows([], needed)
    assert allows([], [])


def test_only_r_and_s_only_read() -> None:
    reads = {text for text in ("r", "s", "rs", "cr", "u", "ds") if Scope("Device", text).only_reads}
    assert reads == {"r", "s", "rs"}
