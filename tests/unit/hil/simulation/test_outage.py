"""An outage in virtual time: all is made good, or told; and what was left out would be noticed."""

from pathlib import Path

from hil.campaigns.blackouts import MOST_RANGES, run
from hil.simulation.outage import live_through


def test_a_short_campaign_makes_every_blackout_good(tmp_path: Path) -> None:
    verdict = run(tmp_path, 3, 2, lambda _: None, longest_s=20)
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 2


def test_a_quota_that_is_too_small_sheds_waves_and_says_so(tmp_path: Path) -> None:
    outcome = live_through(tmp_path, 2, 300, holds=False)
    assert outcome.problems == []
    assert outcome.shed > 0
    assert outcome.unanswered > 0
    assert outcome.ranges < MOST_RANGES < outcome.behind
