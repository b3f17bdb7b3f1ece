"""A gateway whose disk another process fills, before a real controller."""

from pathlib import Path

import pytest

from hil.campaigns.disk_full import run

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(180)]


async def test_on_a_full_disk_alerts_and_vital_signs_flow_and_the_rest_is_told(tmp_path: Path) -> None:
    verdict = await run(tmp_path, seed=1, rounds=2, say=print, kinds=("full", "hogged"))
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 3
