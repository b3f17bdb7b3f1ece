"""A cluster's primary database is killed under load, its standby is promoted, and the old one comes back."""

import asyncio

import pytest

from hil.campaigns.cluster import run
from hil.campaigns.verdict import Verdict
from hil.cluster.layout import Asked

pytestmark = [pytest.mark.xdist_group("cluster"), pytest.mark.timeout(600)]
"""A dozen processes start, on a machine that has more to do."""


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> Verdict:
    """Of the smallest cluster that has all parts; a gateway of it has a journal."""
    asked = Asked(brokers=1, controllers=2, gateways=3, devices=1, wards=1, said=True)
    folder = tmp_path_factory.mktemp("cluster")
    return asyncio.run(run(folder, 5, 1, print, kinds=("fail-over",), asked=asked))


def test_a_database_that_fails_over_under_load_has_each_accepted_block_once(verdict: Verdict) -> None:
    assert [one for one in verdict.problems if "shown as fresh" not in one] == []
    assert verdict.counted == 2, verdict.lines()


def test_no_number_older_than_its_limit_looks_fresh_while_a_database_fails_over(verdict: Verdict) -> None:
    assert [one for one in verdict.problems if "shown as fresh" in one] == []
    assert "0 looks" not in verdict.facts["numbers on the board"]
