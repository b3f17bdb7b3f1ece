"""What the gateway tells of its numbers: none that the next start would not know of."""

import os
from pathlib import Path

import pytest

from devices.model.observation import Alert, Instant, Priority
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.records import Group
from gateway.journal.journal import Journal

CLOCK = BlockClock(bytes(16), 1_000_000, None, Sync.UNSET, None)
ONE = [(Lane.VITAL, [Group(None, None, [Alert("test", Instant(1_000_000_000), Priority.LOW, True)])])]


def test_a_number_is_told_only_when_the_disk_has_its_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path, b"a" * 8, 1_000_000, CLOCK)
    told: list[int] = []
    sync = os.fdatasync

    def slow(handle: int) -> None:
        told.append(journal.produced[Lane.VITAL])
        sync(handle)

    monkeypatch.setattr(os, "fdatasync", slow)
    journal.commit(ONE, CLOCK)
    assert told == [0]
    assert journal.produced == (1, 1, 0, 0)
    journal.close()
