"""A controller that is frozen for some seconds while several gateways send: nothing lost, alarms first."""

from pathlib import Path

import pytest

from hil.campaigns.slow_controller import Load, run

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(300)]


async def test_a_controller_that_was_frozen_stores_alarms_first_and_all_in_the_end(
    tmp_path: Path,
) -> None:
    load = Load(gateways=2, readings=2000)
    verdict = await run(tmp_path, 1, 1, print, kinds=("frozen",), hold_s=4, load=load)
    assert verdict.passed, "\n".join(verdict.lines())
    assert verdict.counted == 1
