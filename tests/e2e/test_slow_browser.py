"""Readers that take a trickle, beside one that takes all: shown no gap, and up to date when they can be."""

import math
from pathlib import Path

import pytest

from hil.campaigns.slow_browser import Limits, run

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(300)]


async def test_many_slow_readers_hold_up_nobody_and_are_shown_no_gap(tmp_path: Path) -> None:
    limits = Limits(late_ms=math.inf, stored_s=math.inf)
    verdict = await run(tmp_path, 1, 1, print, kinds=("trickle",), hold_s=3, limits=limits, readers=10)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 1
