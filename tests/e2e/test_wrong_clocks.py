"""A gateway that boots without knowing the time, and a controller that starts a day ahead."""

from pathlib import Path

import pytest

from hil.campaigns.clock import run

KINDS = ("the gateway boots never set", "the controller starts a day ahead")
pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(600)]


async def test_wrong_clocks_reorder_overwrite_and_age_nothing(tmp_path: Path) -> None:
    verdict = await run(tmp_path / "ward", 1, len(KINDS), print, kinds=KINDS)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == len(KINDS)
