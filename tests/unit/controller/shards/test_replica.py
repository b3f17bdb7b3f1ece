"""A controller beside others commits and receipts for the gateways of its shards, and for no other."""

import asyncio
import threading
from pathlib import Path

from controller.brokers import Brokers
from controller.cluster.links import Links
from controller.cluster.member import Member
from controller.ingest import Arrived, read
from controller.shards import live
from controller.shards.duty import Duty
from controller.shards.hashing import SHARDS, shard_of
from controller.shards.leases import APART_US, BEAT_US, MARGIN_US, TTL_US
from controller.shards.replica import Parts, Replica
from controller.store import READERS
from devices.wire import topics
from devices.wire.block import Lane
from tests.support.controller import eventually
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk


class Peer:
    """One controller without web and broker, by its own clock."""

    def __init__(self, desk: Desk, name: str, folder: Path) -> None:
        self.desk, self.duty = desk, Duty(is_shared=True)
        brokers = Brokers([Member("mqtts://b1:8883", folder, desk.clock, lambda *_: None)])
        links = Links(brokers, bytes(8), desk.clock, lambda _: None, lambda _: None, shared=True)
        [self.link] = links._links
        shown = live.Parts(desk.store, desk.registry, desk.announcer, desk.hub)
        self.frames: list[bytes] = []
        self.live = live.Live(name.encode(), shown, lambda _, payload: self.frames.append(payload))
        about = desk.store, desk.clock, desk.registry, desk.ledger, desk.anchors
        self.replica = Replica(name, Parts(*about, links, self.live, self.duty))
        self.replica.address = f"https://{name}.example"
        self.replica.intake, desk.intake._guard = desk.intake, self.replica

    async def turns(self, count: int = 1) -> None:
        for _ in range(count):
            self.desk.clock.at_us += BEAT_US
            await self.replica.renew()
            await self.replica.follow()

    def listens(self, gateway: str) -> bool:
        return topics.up(gateway, "#") in self.link._listens

    def receipts(self) -> list[str]:
        return [topic for topic, _ in self.desk.sent if topic.endswith("/receipt")]


async def both(desk: Desk, restarted: Desk, folder: Path) -> tuple[Peer, Peer]:
    """Two, of which the first has everything."""
    await desk.registry.add_gateway("ward-a", "A")
    await desk.registry.add_gateway("ward-b", "B")
    await restarted.load()
    first, second = Peer(desk, "first", folder), Peer(restarted, "second", folder)
    await first.turns()
    return first, second


async def test_alone_it_takes_everything_and_listens_to_each_gateway_that_is_known(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, _ = await both(desk, restarted, tmp_path)
    assert len(first.replica.leases.held) == SHARDS
    assert first.listens("ward-a")
    assert topics.ALL_UP not in first.link._listens
    await desk.registry.add_gateway("ward-c", "C")
    await first.turns()
    assert first.listens("ward-c")
    sender = Sender("ward-a")
    await desk.take(sender.block())
    assert first.receipts() == [topics.down("ward-a", "receipt")]
    assert len(first.frames) == 1


async def test_after_a_takeover_the_old_one_commits_nothing_and_sends_no_receipt(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, second = await both(desk, restarted, tmp_path)
    sender = Sender("ward-a")
    await desk.take(sender.block())
    await second.turns(TTL_US // BEAT_US + 2)  # the first stands still
    assert second.replica.leases.held[shard_of("ward-a")] == 2
    late = sender.block()
    await desk.take(late)
    assert (desk.intake.refused, len(first.receipts())) == (1, 1)
    assert desk.store.failed == 0  # nothing is wrong with the database
    assert await desk.rows("SELECT first, last FROM ledger") == [(0, 0)]
    await restarted.take(*[sender.pending[Lane.VITAL, number] for number in (0, 1)])
    assert len(second.receipts()) == 1
    assert await desk.rows("SELECT first, last, kind FROM ledger") == [(0, 1, "committed")]
    assert await desk.rows("SELECT resent FROM stream") == [(1,)]
    assert await desk.rows("SELECT count(*) FROM quarantine") == [(0,)]


async def test_what_came_in_one_batch_with_what_is_anothers_is_committed(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, second = await both(desk, restarted, tmp_path)
    for _ in range(6):
        await second.turns()
        await first.turns()
    shared = {first.listens(one) for one in ("ward-a", "ward-b")}
    assert shared == {True, False}
    mine, other = ("ward-a", "ward-b") if first.listens("ward-a") else ("ward-b", "ward-a")
    blocks = [Arrived(topics.up(one, "vital"), Sender(one, f"ox-{one}").block(), 0) for one in (mine, other)]
    await desk.intake._settle([read(one) for one in blocks])
    assert first.receipts() == [topics.down(mine, "receipt")]
    assert await desk.rows("SELECT gateway FROM stream") == [(mine,)]
    assert desk.intake.refused == 1


async def test_a_receipt_is_withheld_once_the_lease_may_be_gone(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, _ = await both(desk, restarted, tmp_path)
    desk.clock.at_us += TTL_US
    sender = Sender("ward-a")
    await desk.take(block := sender.block())
    assert (desk.intake.withheld, first.receipts()) == (1, [])
    assert await desk.rows("SELECT first, last FROM ledger") == [(0, 0)]
    await first.turns()
    await desk.take(block)
    assert first.receipts() == [topics.down("ward-a", "receipt")]


async def waiting(peer: Peer, us: int) -> None:
    """It renews its leases, and waits so long for those who write before it."""
    let = threading.Event()
    before = asyncio.ensure_future(peer.desk.store.write(lambda _: let.wait(10)))
    await asyncio.sleep(0)
    renewing = asyncio.ensure_future(peer.replica.renew())
    await asyncio.sleep(0)
    peer.desk.clock.at_us += us
    let.set()
    await asyncio.gather(before, renewing)


async def test_who_had_to_wait_for_the_database_gives_others_their_time_from_when_it_saw_them(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, second = await both(desk, restarted, tmp_path)
    waited_us = TTL_US - MARGIN_US - BEAT_US - 1
    await waiting(second, waited_us)  # the first has renewed its leases meanwhile, just before
    await second.turns(count := (TTL_US - waited_us) // BEAT_US + 2)
    desk.clock.at_us += count * BEAT_US
    assert first.replica.may_receipt("ward-a")
    assert not second.replica.leases.held
    await second.turns(TTL_US // BEAT_US)  # it stands still
    assert len(second.replica.leases.held) == SHARDS


async def test_reading_what_others_stored_costs_no_lease_however_long_it_takes(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    await desk.registry.add_gateway("ward-a", "A")
    one, let = Peer(desk, "one", tmp_path), threading.Event()
    for _ in range(READERS):
        desk.store._reader_threads.submit(let.wait, 60)
    running = asyncio.create_task(one.replica.run())
    try:
        async with asyncio.timeout(30):
            while await restarted.rows("SELECT 1 FROM replica WHERE beat > 2") != [(1,)]:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert not one.replica.serves("ward-a")
        let.set()
        await eventually(lambda: one.replica.serves("ward-a") and one.listens("ward-a"))
    finally:
        let.set()
        running.cancel()
        await asyncio.wait((running,))


async def test_it_ends_though_the_database_takes_nothing(desk: Desk, tmp_path: Path) -> None:
    one = Peer(desk, "one", tmp_path)
    await one.turns()
    await desk.store.write(lambda db: db.execute("ALTER TABLE replica RENAME TO away") and None)
    failed, running = desk.store.failed, asyncio.create_task(one.replica.run())
    await eventually(lambda: desk.store.failed > failed)
    running.cancel()
    await asyncio.wait((running,))
    assert running.cancelled()  # else it would be started again


async def test_gateways_of_one_that_no_broker_has_are_heard_by_the_other(
    desk: Desk, restarted: Desk, tmp_path: Path
) -> None:
    first, second = await both(desk, restarted, tmp_path)
    for _ in range(6):
        await second.turns()
        await first.turns()
    second.link.connected.set()
    for _ in range((APART_US + TTL_US) // BEAT_US):
        await second.turns()
        await first.turns()
    assert not any(first.listens(one) or first.replica.serves(one) for one in ("ward-a", "ward-b"))
    assert all(second.listens(one) and second.replica.serves(one) for one in ("ward-a", "ward-b"))
    assert (first.duty.where, second.duty.where) == (second.replica.address, "")
