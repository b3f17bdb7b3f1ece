"""ECG and pleth through real processes come out sample by sample as they went in."""

from pathlib import Path

import pytest

from hil.bench.waveforms import MOST_BYTES, Load
from hil.bench.waves.run import WARM_S, run


@pytest.mark.xdist_group("demo")
async def test_every_sample_of_three_beds_arrives_and_is_stored_bit_for_bit(tmp_path: Path) -> None:
    offered = Load(beds=3).signals(WARM_S + 1)
    cost = await run(tmp_path, 3, offered, 1, raw=False)
    assert (cost.checked.stored, cost.checked.different) == (3 * 5 * 600, 0)
    assert cost.missing_blocks == 0
    assert cost.events_right
    assert cost.wire < MOST_BYTES
