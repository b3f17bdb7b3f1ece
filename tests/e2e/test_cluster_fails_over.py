"""A cluster under load: its database fails over and the old one comes back; a controller's packets vanish."""

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
    return asyncio.run(run(folder, 5, 2, print, kinds=("fail-over", "cut off"), asked=asked))


def test_under_load_each_accepted_block_is_stored_once_whatever_failed(verdict: Verdict) -> None:
    assert [one for one in verdict.problems if "shown as fresh" not in one] == []
    assert verdict.counted == 3, verdict.lines()


def test_no_number_older_than_its_limit_looks_fresh_while_parts_fail(verdict: Verdict) -> None:
    assert [one for one in verdict.problems if "shown as fresh" in one] == []
    assert " in 0 looks" not in verdict.facts["numbers on the board"]
