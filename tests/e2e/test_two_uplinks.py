"""Six beds and two uplinks, one of which dies, with MPTCP to the real broker. Needs root, as CI is."""

from pathlib import Path
from random import Random

import pytest

from hil.campaigns.uplinks import _Half
from hil.campaigns.verdict import Verdict
from hil.faults.namespace import in_namespace

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


NOT_ALWAYS = "connections were begun again in spite of MPTCP", "the newest reading was"
"""What did not hold at 3 of 29 deaths (docs/reliability.md, `uplinks`): that is the campaign's to judge."""


async def test_when_one_of_two_uplinks_dies_everything_arrives_over_the_other(tmp_path: Path) -> None:
    verdict = Verdict("uplinks", 1)
    half = _Half("MPTCP", verdict, Random(1), lambda _: None, watch_s=4)
    await in_namespace(lambda: half.run(tmp_path, 1))
    problems = [one for one in verdict.problems if not any(known in one for known in NOT_ALWAYS)]
    assert problems == [], verdict.lines()
    assert verdict.counted == 1
