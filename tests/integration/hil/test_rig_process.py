"""A process of a rig: killed, frozen, started again."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hil.errors import NotReady
from hil.rig.process import Process
from tests.support.waiting import wait_for

TICKS = "import time\nwhile True: print('tick'); time.sleep(0.02)"


@pytest.fixture
def ticking(tmp_path: Path) -> Iterator[Process]:
    process = Process("ticking", [sys.executable, "-c", TICKS], tmp_path / "log")
    process.start()
    wait_for(lambda: process.log.stat().st_size > 0, "it ticks")
    yield process
    process.stop()


def test_a_killed_process_says_that_it_was_killed_and_can_be_started_again(ticking: Process) -> None:
    before = ticking.pid
    assert ticking.kill() == -signal.SIGKILL
    assert ticking.pid is None
    ticking.start()
    assert ticking.pid not in (None, before)


def test_a_frozen_process_does_nothing_until_it_is_thawed(ticking: Process) -> None:
    assert ticking.freeze()
    size = ticking.log.stat().st_size
    time.sleep(0.2)
    assert ticking.log.stat().st_size == size
    ticking.thaw()
    wait_for(lambda: ticking.log.stat().st_size > size, "it goes on")


def test_a_frozen_process_can_be_stopped(ticking: Process) -> None:
    ticking.freeze()
    ticking.stop()
    assert ticking.pid is None


def test_what_does_not_run_cannot_be_killed_and_its_last_words_are_told(tmp_path: Path) -> None:
    process = Process("gone", [sys.executable, "-c", "print('out of paper')"], tmp_path / "log")
    process.start()
    wait_for(lambda: process.pid is None, "it ends")
    with pytest.raises(NotReady, match="out of paper"):
        process.kill()
