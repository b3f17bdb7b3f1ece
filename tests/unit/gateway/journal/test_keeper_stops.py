"""A gateway that is told to stop in the middle of a commit loses nothing, and hands it over."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from devices.model.observation import Alert, Priority
from devices.wire.block import Lane
from gateway.clock import SystemClock
from gateway.gather import Gather
from gateway.journal.journal import Committed, Journal
from gateway.journal.keeper import Keeper
from tests.support.waiting import until


@pytest.mark.parametrize("busy", ["before the commit", "in the commit"])
async def test_what_a_commit_has_taken_is_on_disk_and_told_when_the_keeper_is_stopped_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: str
) -> None:
    clock, gather, done = SystemClock(), Gather(), list[Committed]()
    journal = Journal.open(tmp_path, b"a" * 8, 1_000_000, clock.block_clock())
    go_on, waits = threading.Event(), threading.Event()

    def wait(_: int = 0) -> None:
        waits.set()
        go_on.wait()

    if busy == "in the commit":
        monkeypatch.setattr(os, "fdatasync", wait)
    keeper = Keeper(journal, gather, clock, done.append)
    if busy == "before the commit":  # as a long reading of the backlog is
        keeper._thread.submit(wait)
    running = asyncio.create_task(keeper.run())
    gather.put(Lane.ALERT, (None, None), Alert("test", clock.now(), Priority.LOW, True), clock.now())
    keeper.put_in()
    await until(lambda: waits.is_set() and gather.due() is None, "the commit has taken the alert")
    running.cancel()
    await asyncio.sleep(0.05)
    go_on.set()
    await asyncio.gather(running, return_exceptions=True)
    assert [block.number for one in done for block in one.blocks if block.lane == Lane.ALERT] == [1]
    assert journal.produced[Lane.ALERT] == 2
    await keeper.close()
