"""A limit is proved by what the process had of the processor, a stop by its state."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from hil.faults.slowness import duty_cycle, frozen, has_quota, limited
from tests.support.waiting import wait_for

BUSY = "while True: pass"


@pytest.fixture
def busy() -> Iterator[int]:
    """A process that wants all that it can get."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as process:
        yield process.pid
        process.kill()


@pytest.mark.skipif(not has_quota(), reason="a quota needs root and cgroup v1")
async def test_a_quota_holds_a_busy_process_back_and_counts_it(busy: int) -> None:
    async with limited(busy, 0.1) as limit:
        await asyncio.sleep(1)
        assert limit.share() < 0.3
    assert limit.how == "quota"
    assert limit.stopped > 0


async def test_stops_hold_it_back_without_root_and_leave_it_running(busy: int) -> None:
    async with duty_cycle(busy, 0.1) as limit:
        await asyncio.sleep(1)
        assert limit.share() < 0.6
    assert limit.how == "stops"
    assert limit.stopped >= 3
    process = psutil.Process(busy)
    wait_for(lambda: process.status() != psutil.STATUS_STOPPED, "it runs again")


def test_a_frozen_process_is_stopped_until_the_block_ends(busy: int) -> None:
    with frozen(busy) as process:
        wait_for(lambda: process.status() == psutil.STATUS_STOPPED, "it is stopped")
    wait_for(lambda: process.status() != psutil.STATUS_STOPPED, "it runs again")
