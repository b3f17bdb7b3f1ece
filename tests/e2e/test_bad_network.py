"""Gateway and controller over a bad network, in a namespace of their own. Needs root, as CI is."""

import math
import os
from pathlib import Path

import pytest

from hil.campaigns import alarm_behind_backlog, network
from hil.campaigns.alarm_behind_backlog import Limits
from hil.faults.wan import Conditions

pytestmark = [
    pytest.mark.xdist_group("demo"),
    pytest.mark.timeout(240),
    pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root"),
]


async def test_six_beds_lose_nothing_over_a_lossy_network_and_half_open_connections(tmp_path: Path) -> None:
    said: list[str] = []
    verdict = await network.run(tmp_path, 1, 2, said.append, hold_s=3, kinds=("loss", "half-open"))
    assert verdict.passed, verdict.lines()
    assert verdict.counted == len(said) == 2


async def test_alarms_do_not_wait_for_the_backlog_that_drains_over_a_narrow_link(tmp_path: Path) -> None:
    said: list[str] = []
    link = Conditions(delay_s=0.05, rate_bps=256e3)
    verdict = await alarm_behind_backlog.run(
        tmp_path, 1, 5, said.append, readings=8_000, link=link, limits=Limits(math.inf, 0.4)
    )
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 5
