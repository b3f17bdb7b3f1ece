"""Claims become roles and wards as the configuration says."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import LoginRefused
from controller.sections import OidcSection
from controller.security.oidc.mapping import identity
from controller.security.permissions import Role


def section(**changed: Any) -> OidcSection:
    given_: dict[str, Any] = {
        "issuer": "https://login.example",
        "client_id": "wardlink",
        "secret_file": Path("secret"),
        "roles": {Role.NURSE: ["nurses", "ward-staff"], Role.PHYSICIAN: ["doctors"]},
        "wards": {"ward-a": ["a"], "ward-b": ["b", "ward-staff"]},
    }
    return OidcSection(**given_ | changed)


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "17", "preferred_username": "anna", **more}


def test_each_role_and_ward_of_which_one_has_a_group_is_given() -> None:
    who = identity(claims(groups=["ward-staff", "doctors", "a", "choir"]), section())
    assert who.roles == {Role.NURSE, Role.PHYSICIAN}
    assert who.wards == {"ward-a", "ward-b"}
    assert (who.issuer, who.subject, who.name) == ("https://login.example", "17", "anna")


def test_groups_may_be_a_single_text_or_lie_deeper() -> None:
    assert identity(claims(groups="doctors"), section()).roles == {Role.PHYSICIAN}
    deep = section(groups_claim="realm_access.roles")
    assert identity(claims(realm_access={"roles": ["nurses"]}), deep).roles == {Role.NURSE}
    assert identity(claims(realm_access="nurses"), deep).roles == frozenset()


@given(st.none() | st.integers() | st.lists(st.integers() | st.text() | st.lists(st.text())) | st.text())
def test_whatever_the_groups_are_no_role_comes_of_what_is_not_named(groups: Any) -> None:
    named = [one for one in groups if isinstance(one, str)] if isinstance(groups, list) else [groups]
    who = identity(claims(groups=groups), section())
    assert (Role.PHYSICIAN in who.roles) is ("doctors" in named)


@pytest.mark.parametrize("name", [None, 3, "", " ", "a" * 65, "a\nb", "token:ehr", "cli:root", ["anna"]])
def test_a_name_that_cannot_be_a_person_s_is_refused(name: object) -> None:
    with pytest.raises(LoginRefused, match="preferred_username"):
        identity(claims(preferred_username=name), section())


def test_another_claim_can_be_the_name() -> None:
    who = identity(claims(email="anna@hospital.example"), section(name_claim="email"))
    assert who.name == "anna@hospital.example"
