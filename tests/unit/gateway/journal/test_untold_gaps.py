"""What was shed is told after a crash, even if the disk could not take the gap and all else was receipted."""

import os
from errno import ENOSPC
from pathlib import Path

import pytest

from devices.wire.block import Lane
from tests.unit.gateway.journal.test_journal import A, B, C, clock, crash, gaps, opened, reading, wave


def full(_: int) -> None:
    raise OSError(ENOSPC, os.strerror(ENOSPC))


def test_an_earlier_journal_stays_until_it_is_told_what_of_it_was_shed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(tmp_path)
    first.commit([(Lane.VITAL, reading(2)), (Lane.WAVE, wave(2))], clock(2))
    crash(first)
    second = opened(tmp_path, B)
    second.forget(Lane.ALERT, B, [(0, 0)])
    with monkeypatch.context() as disk:
        disk.setattr(os, "fdatasync", full)
        shed = second.commit([(Lane.WAVE, wave(3))], clock(3)).gaps
    assert next((gap.journal, gap.lane, gap.ranges) for gap in shed) == (A, Lane.WAVE, ((0, 0),))
    assert second.owes
    second.forget(Lane.VITAL, A, [(0, 0)])
    second.forget(Lane.ALERT, A, [(0, 0)])
    crash(second)
    assert (A, Lane.WAVE, ((0, 0),), "disk-full") in [
        (gap.journal, gap.lane, gap.ranges, gap.why) for gap in gaps(opened(tmp_path, C))
    ]


def test_it_goes_with_the_first_receipt_after_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(tmp_path)
    first.commit([(Lane.WAVE, wave(2))], clock(2))
    crash(first)
    second = opened(tmp_path, B)
    second.forget(Lane.ALERT, B, [(0, 0)])
    with monkeypatch.context() as disk:
        disk.setattr(os, "fdatasync", full)
        second.commit([(Lane.WAVE, wave(3))], clock(3))
    second.forget(Lane.ALERT, A, [(0, 0)])
    assert (tmp_path / A.hex()).exists()
    second.commit([], clock(4))
    assert not second.owes
    second.forget(Lane.ALERT, B, [(1, 1)])
    assert not (tmp_path / A.hex()).exists()
