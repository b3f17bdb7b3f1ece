"""Blocks through the real broker into the real database: bad ones are kept and counted, good ones flow."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import cbor2
import pytest

from controller.store import Store
from devices.model.observation import Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.checksum import crc32c
from devices.wire.keys import MAX_MESSAGE
from devices.wire.messages import Birth, BirthDevice, GatewayState, pack_message
from devices.wire.records import Gap, Group, Opened
from tests.integration.controller.conftest import Site
from tests.support.sender import Connection, Sender, reading, until


async def quarantine(site: Site) -> list[tuple[str, ...]]:
    return await site.rows("SELECT reason, gateway FROM quarantine ORDER BY id")


async def flows(sender: Sender, connection: Connection) -> None:
    """A good block is receipted."""
    sender.block()
    await connection.drain()


async def test_blocks_are_stored_receipted_and_stand_in_the_ledger(site: Site) -> None:
    async with site.running():
        sender = Sender(bed="bed-1")
        for _ in range(20):
            sender.block()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
    [row] = await site.ledger()
    assert (row.gateway, row.lane, row.produced, row.committed) == ("ward-a", "vital", 20, 20)
    assert (row.missing, row.duplicated, row.quarantined) == (0, 0, 0)
    counted = "SELECT count(*), min(device), min(bed) FROM observation JOIN series ON series.id = series"
    assert await site.rows(counted) == [(20, "ox-1", "bed-1")]


async def test_a_block_that_comes_again_changes_nothing_and_is_receipted_again(site: Site) -> None:
    async with site.running():
        sender = Sender()
        payload = sender.block()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
            for _ in range(3):
                sender.committed[Lane.VITAL].remove(0, 0)
                await connection.publish("vital", payload)
                await until(lambda: 0 in sender.committed[Lane.VITAL])
    [row] = await site.ledger()
    assert (row.committed, row.duplicated) == (1, 0)
    assert row.resent >= 3
    assert await site.rows("SELECT count(*) FROM observation") == [(1,)]


async def test_a_poison_block_is_kept_whole_receipted_as_quarantined_and_stops_nothing(site: Site) -> None:
    async with site.running():
        sender = Sender()
        sender.block()
        header, *_ = cbor2.loads(sender.block())
        records = cbor2.dumps([{1: "ox-1", 2: None, 3: [[0, 1, 0, "much", 0, 0]]}])
        poison = cbor2.dumps([header, records, crc32c(header + records)])
        sender.pending[Lane.VITAL, 1] = poison
        sender.block()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
    assert list(sender.quarantined[Lane.VITAL]) == [(1, 1)]
    [row] = await site.ledger()
    assert (row.produced, row.committed, row.quarantined, row.missing) == (3, 2, 1, 0)
    assert await site.rows("SELECT payload, number FROM quarantine") == [(poison, 1)]


async def test_garbage_and_oversized_messages_are_kept_and_good_ones_still_flow(site: Site) -> None:
    async with site.running():
        sender = Sender()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.publish("vital", b"\xff\x00garbage")
            await connection.publish("state", b"{}")
            await connection.publish("fast", b"\x00")
            await connection.publish("wave", b"\x00" * (MAX_MESSAGE + 1))
            await flows(sender, connection)
    reasons = sorted(reason for reason, _ in await quarantine(site))
    assert reasons == ["malformed", "malformed", "not-a-topic", "oversized"]
    kept = await site.rows("SELECT length(payload), size FROM quarantine WHERE reason = 'oversized'")
    assert kept == [(4096, MAX_MESSAGE + 1)]


async def test_a_damaged_block_is_counted_and_taken_when_it_comes_whole(site: Site) -> None:
    async with site.running():
        sender = Sender()
        payload = sender.block()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.publish("vital", payload[:-1] + bytes([payload[-1] ^ 1]))
            await connection.drain()
    assert await site.rows("SELECT name, value FROM counter") == [("damaged", 1)]
    assert await quarantine(site) == []


async def test_a_journal_of_another_gateway_is_misaddressed_and_never_receipted(site: Site) -> None:
    async with site.running():
        owner, thief = Sender("ward-a"), Sender("ward-b")
        async with (
            owner.connected(site.port, site.tls["ward-a"]) as a,
            thief.connected(site.port, site.tls["ward-b"]) as b,
        ):
            await flows(owner, a)
            stolen = thief.block(journal=owner.journal)
            thief.pending.clear()
            await b.publish("vital", stolen)
            await flows(thief, b)
            assert {receipt.journal for receipt in thief.receipts} == {thief.journal}
    assert await quarantine(site) == [("misaddressed", "ward-b")]
    assert await site.rows("SELECT DISTINCT gateway FROM stream WHERE journal = ?", owner.journal) == [
        ("ward-a",)
    ]


async def test_a_block_on_the_wrong_lane_is_not_receipted(site: Site) -> None:
    async with site.running():
        sender = Sender()
        strayed = sender.block(lane=Lane.WAVE)
        sender.pending.clear()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.publish("alert", strayed)
            await flows(sender, connection)
    assert await quarantine(site) == [("wrong-lane", "ward-a")]
    assert not sender.committed[Lane.WAVE]


async def test_what_a_gateway_gave_up_and_what_never_came_stand_apart_in_the_ledger(site: Site) -> None:
    async with site.running():
        sender = Sender()
        old = b"earlier."
        sender.block(Opened(Instant(0), {old: (0, 10, 0, 0)}), lane=Lane.ALERT)
        span = sender.boot, Instant(0), Instant(1_000_000)
        sender.block(Gap(Instant(0), old, Lane.VITAL, ((2, 4),), *span, "quota"), lane=Lane.ALERT)
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
            for number in (0, 1, 5):
                clock = BlockClock(sender.boot, 5_000_000, None, Sync.UNSET, None)
                group = Group(sender.device, None, [reading(60, 5_000_000)])
                await connection.publish("vital", seal(old, Lane.VITAL, number, clock, [group]))
            await flows(sender, connection)
    row = next(row for row in await site.ledger() if row.journal == old.hex() and row.lane == "vital")
    assert (row.produced, row.committed, row.shed, row.missing) == (10, 3, 3, 4)
    assert row.missing_ranges == [(6, 9)]


async def test_a_state_says_what_was_produced_before_it_comes(site: Site) -> None:
    async with site.running():
        sender = Sender()
        state = GatewayState(True, sender.journal, None, (0, 7, 0, 0))
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.publish("state", pack_message(state))
            await flows(sender, connection)
    row = next(row for row in await site.ledger() if row.lane == "vital")
    assert (row.produced, row.committed, row.missing) == (7, 1, 6)


async def test_a_gateway_without_a_birth_in_this_session_is_asked_for_one(site: Site) -> None:
    sender = Sender()
    async with site.running(), sender.connected(site.port, site.tls["ward-a"]) as connection:
        await flows(sender, connection)
        await until(lambda: bool(sender.commands))
        assert sender.commands[0].name == "rebirth"
        born = Birth(sender.journal, "test", (BirthDevice("ox-1", "nonin-xpod", "bed-2", ("hr", "spo2")),))
        await connection.publish("birth", pack_message(born))
        await flows(sender, connection)
    assert await site.rows("SELECT profile, metrics FROM device") == [("nonin-xpod", '["hr", "spo2"]')]
    assert await site.rows("SELECT bed FROM assignment WHERE to_ms IS NULL") == [("bed-2",)]


@contextmanager
def full_disk() -> Iterator[None]:
    """Every write beyond the first bytes of a file fails in this process (the broker is another)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.sqlite_only("fills the disk of the file")
async def test_a_full_disk_is_told_receipts_nothing_and_loses_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with site.running():
        sender = Sender()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await flows(sender, connection)
            with full_disk():
                sender.block()
                await connection.send_pending()
                await until(lambda: "nothing can be stored" in caplog.text)
                assert sender.pending
            await until(lambda: not sender.pending)
    [row] = await site.ledger()
    assert (row.committed, row.missing, row.duplicated) == (2, 0, 0)


async def test_data_that_the_database_never_takes_are_quarantined_and_the_rest_is_stored(site: Site) -> None:
    async with site.running():
        sender = Sender()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await flows(sender, connection)
            await refuse_value(site, 13)
            sender.block(reading(12, 10_000_000))
            sender.block(reading(13, 10_000_000))
            sender.block(reading(14, 10_000_000))
            await connection.drain()
    [row] = await site.ledger()
    assert (row.committed, row.quarantined, row.missing, row.duplicated) == (3, 1, 0, 0)
    assert await quarantine(site) == [("unstorable", "ward-a")]
    assert list(sender.quarantined[Lane.VITAL]) == [(2, 2)]


async def refuse_value(site: Site, value: int) -> None:
    """From now on the database takes no reading of `value`."""
    store = await Store.open(site.config.database)
    trigger = "CREATE TRIGGER planted BEFORE INSERT ON observation WHEN NEW.value = {} BEGIN {}; END"
    refuse = "SELECT RAISE(ABORT, 'planted')"
    await store.write(lambda db: db.execute(trigger.format(value, refuse)))
    await store.close()
