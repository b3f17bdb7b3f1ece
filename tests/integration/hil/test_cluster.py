"""A cluster of real processes: one controller is killed, and pages and gateways go on at the other."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from controller.ports import free_port
from hil.cluster.held import Now, line, look
from hil.cluster.layout import Asked
from hil.cluster.site import Cluster

pytestmark = pytest.mark.timeout(600)
"""A dozen processes start, on a machine that has more to do."""


async def until(cluster: Cluster, session: aiohttp.ClientSession, holds: Callable[[Now], bool]) -> Now:
    async with asyncio.timeout(240):
        while not holds(now := await look(cluster, session)):  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.2)
    return now


async def page(cluster: Cluster, session: aiohttp.ClientSession) -> int:
    async with session.get(f"{cluster.pages}/healthz") as response:
        return response.status


async def test_a_killed_controller_s_shards_go_to_the_other_and_pages_answer_at_the_balancer(
    tmp_path: Path,
) -> None:
    asked = Asked(controllers=2, gateways=6)
    port = free_port("127.0.0.1", 0, "pages")
    async with Cluster(tmp_path, asked, port) as cluster, aiohttp.ClientSession() as session:
        both = await until(cluster, session, lambda now: sorted(now.holders.values()) == [32, 32])
        assert both.databases == {"db-1": "primary (sync)", "db-2": "standby"}
        assert await page(cluster, session) == 200
        victim = cluster.processes["controller-2"]
        pid = victim.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        others = both.holders.keys()
        alone = await until(cluster, session, lambda now: max(now.holders.values(), default=0) == 64)
        assert alone.holders.keys() <= others
        assert await page(cluster, session) == 200
        more = await until(cluster, session, lambda now: (now.blocks or 0) > (alone.blocks or 0) + 20)
        assert "db-1 primary (sync)" in line(more)
        # It is started again, as systemd would, and has its share.
        back = await until(cluster, session, lambda now: sorted(now.holders.values()) == [32, 32])
        assert back.holders.keys() != others
    assert all(one.pid is None for one in cluster.processes.values())
    assert not cluster.primary.running
