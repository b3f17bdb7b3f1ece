"""Power cuts on a real ext4: it needs root, loop devices and FUSE, as CI has them."""

import os
from pathlib import Path

import pytest

from hil.campaigns import power_cut_updates
from hil.campaigns.power_cut import run

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="power cuts need root: mount, loop devices, FUSE")


def no_mount_in(folder: Path) -> bool:
    return str(folder) not in Path("/proc/mounts").read_text(encoding="utf-8")


def test_whatever_a_power_cut_keeps_no_accepted_block_is_lost(tmp_path: Path) -> None:
    verdict = run(tmp_path, seed=3, rounds=40, say=print, commits=40)
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 40
    assert no_mount_in(tmp_path)


def test_on_a_disk_that_forgets_its_flushes_blocks_are_lost_and_the_campaign_says_so(tmp_path: Path) -> None:
    verdict = run(tmp_path, seed=3, rounds=20, say=print, commits=20, lying=True)
    assert any("accepted, lost and not told" in problem for problem in verdict.problems)
    assert no_mount_in(tmp_path)


def test_whatever_a_power_cut_keeps_of_an_update_a_whole_release_starts(tmp_path: Path) -> None:
    verdict = power_cut_updates.run(tmp_path, seed=3, rounds=15, say=print)
    assert verdict.passed, verdict.lines()
    assert verdict.counted == 15
    assert no_mount_in(tmp_path)


def test_on_a_disk_that_forgets_its_flushes_an_update_is_not_safe_and_the_campaign_says_so(
    tmp_path: Path,
) -> None:
    verdict = power_cut_updates.run(tmp_path, seed=3, rounds=15, say=print, lying=True)
    assert len(verdict.problems) > 3
    assert no_mount_in(tmp_path)
