"""Two controllers, as processes, on one database: one is killed, or frozen past its lease."""

import os
import re
import signal
from collections.abc import AsyncIterator

import pytest

from controller.shards.hashing import SHARDS
from devices.wire.block import Lane
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_kill import produce
from tests.support.replicas import GATEWAY, LONG_S, Two, both_running, holders
from tests.support.sender import Sender, until

REFUSED = re.compile(rf"messages are not committed: {GATEWAY} \(shard \d+\): expected token (\w+), got (\w+)")


@pytest.fixture
async def two(site: Site) -> AsyncIterator[Two]:
    """Both run, each with half of the shards."""
    async with both_running(site) as two:
        yield two


async def test_one_that_is_killed_is_followed_by_the_other_under_the_next_token(two: Two) -> None:
    sender = Sender(GATEWAY)
    async with two.sending(sender) as connection:
        produce(sender, 20)
        await connection.drain()
        _, token = await two.lease()
        produce(sender, 20)
        await connection.send_pending()
        two.holds.process.kill()
        two.holds.process.wait()
        produce(sender, 20)
        assert await two.leased_to(two.other.holder) == token + 1
        await connection.drain()
    assert (await holders(two.site)) == {two.other.holder: SHARDS}
    assert await two.whole()


async def test_one_that_is_frozen_past_its_lease_commits_nothing_and_sends_no_receipt(two: Two) -> None:
    sender = Sender(GATEWAY)
    async with two.sending(sender) as connection:
        produce(sender, 5)
        await connection.drain()
        _, token = await two.lease()
        os.kill(two.holds.process.pid, signal.SIGSTOP)
        produce(sender, 5)
        await connection.send_pending()  # waits in the frozen one's connection; the other does not listen yet
        assert await two.leased_to(two.other.holder) == token + 1
        os.kill(two.holds.process.pid, signal.SIGCONT)
        await until(lambda: REFUSED.search(two.holds.log()) is not None, LONG_S)  # it tried
        assert sorted(number for lane, number in sender.pending if lane == Lane.VITAL) == [5, 6, 7, 8, 9]
        assert await two.site.rows("SELECT first, last FROM ledger") == [(0, 4)]
        await connection.drain()
    assert await two.whole()
