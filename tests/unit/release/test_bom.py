"""The bill of materials: what the standard's own library accepts, and what is really installed."""

import json
from importlib.metadata import distributions
from pathlib import Path

import pytest

import release
from release.bom import bom
from release.errors import ReleaseError
from tests.support.bill import faults

SITE = Path(pytest.__file__).parents[1]
"""Where the packages of the tests are installed: a real folder with real metadata."""


@pytest.fixture(scope="module")
def bill() -> str:
    return bom(SITE, "wardlink-gateway", "1.2.3", 1_790_000_000)


def test_it_is_as_the_standard_wants_it(bill: str) -> None:
    assert faults(bill) is None


def test_what_the_standard_does_not_want_would_be_noticed(bill: str) -> None:
    assert faults(bill.replace('"library"', '"thing"')) is not None


def test_it_names_every_package_that_is_installed_and_its_version(bill: str) -> None:
    named = {(one["name"], one["version"]) for one in json.loads(bill)["components"]}
    assert named == {(one.name, one.version) for one in distributions(path=[str(SITE)])}


def test_packages_have_their_address_in_the_index_and_their_licence(bill: str) -> None:
    parts = {one["name"]: one for one in json.loads(bill)["components"]}
    one = parts["cryptography"]
    assert one["purl"] == f"pkg:pypi/cryptography@{one['version']}"
    assert one["licenses"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]
    assert parts["aiomqtt"]["licenses"] == [{"license": {"name": "BSD License"}}]


def test_the_same_packages_give_the_same_text(bill: str) -> None:
    assert bom(SITE, "wardlink-gateway", "1.2.3", 1_790_000_000) == bill
    assert bom(SITE, "wardlink-gateway", "1.2.4", 1_790_000_000) != bill


def test_a_folder_without_packages_is_no_release() -> None:
    with pytest.raises(ReleaseError, match="expected installed packages"):
        bom(Path(release.__file__).parent, "wardlink-gateway", "1", 0)
