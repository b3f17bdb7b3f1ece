"""Our half of the pipeline benchmark, short: it measures something, and what it kills loses nothing."""

import random
from pathlib import Path

import pytest

from hil.bench.pipeline import phases
from hil.bench.pipeline.ours import Wardlink

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo")]


async def test_a_short_run_of_our_side_measures_a_load_and_loses_nothing_when_killed(tmp_path: Path) -> None:
    rig = Wardlink(tmp_path / "ours")
    try:
        await rig.start()
        loaded = await phases.saturate(rig, 10, seconds=0.5, settle_s=0.1)
        killed = await phases.kills(rig, 1, random.Random(1), alive_s=(0.2, 0.5))
    finally:
        await rig.stop()
    assert loaded.per_s > 0
    assert loaded.cpu_us.keys() == {"gateway", "controller", "broker"}
    assert (loaded.missing, loaded.twice) == (0, 0)
    assert killed.accepted > 0
    assert (killed.lost, killed.twice) == (0, 0)
