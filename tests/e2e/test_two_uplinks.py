"""Six beds and two uplinks, one of which dies, with MPTCP to the real broker. Needs root, as CI is."""

from pathlib import Path
from random import Random

import pytest

from hil.campaigns.uplinks import _Half
from hil.campaigns.verdict import Verdict
from hil.faults.namespace import in_namespace

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


async def test_no_connection_begins_again_when_one_of_two_uplinks_dies(tmp_path: Path) -> None:
    verdict = Verdict("uplinks", 1)
    half = _Half("MPTCP", verdict, Random(1), lambda _: None, watch_s=4)
    await in_namespace(lambda: half.run(tmp_path, 1))
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 1
