"""Three brokers: all of them are gone and come back empty; everything arrives, once."""

from pathlib import Path

import pytest

from hil.campaigns.brokers import run

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


async def test_whatever_becomes_of_three_brokers_everything_arrives_once(tmp_path: Path) -> None:
    verdict = await run(tmp_path, 5, 1, print, kinds=("all",), readings=100)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 2
