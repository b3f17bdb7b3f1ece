"""A campaign passes only when its faults fired and everything held."""

from hil.campaigns.verdict import Verdict


def test_a_campaign_that_tried_nothing_has_not_passed() -> None:
    assert not Verdict("kills", 1).passed


def test_a_round_whose_fault_did_not_fire_does_not_count() -> None:
    verdict = Verdict("kills", 1)
    verdict.round("gateway killed", fired=False)
    assert (verdict.counted, verdict.passed) == (0, False)


def test_a_problem_names_its_round_and_its_fault() -> None:
    verdict = Verdict("kills", 1)
    verdict.round("gateway killed", fired=True)
    verdict.round("broker killed", fired=True, problems=["block 7 is missing"])
    assert verdict.problems == ["round 2, broker killed: block 7 is missing"]
    assert not verdict.passed


def test_what_held_is_said_with_its_seed_and_its_figures() -> None:
    verdict = Verdict("kills", 7)
    verdict.facts["blocks"] = "120 produced"
    verdict.round("gateway killed", fired=True)
    verdict.round("gateway killed", fired=False)
    assert verdict.lines() == [
        "kills: seed 7, 1 rounds counted, 1 did not fire",
        "  blocks: 120 produced",
        "PASSED",
    ]
