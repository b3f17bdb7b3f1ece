"""A database with every fate that a block can have, made by the product: nothing of it is missing."""

import asyncio
from contextlib import closing
from pathlib import Path

import cbor2

import controller.store
from controller.clock import SystemClock
from controller.store import Store
from devices.model.observation import Alert, DeviceEvent, EventKind, Instant, Priority
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.checksum import crc32c
from devices.wire.messages import GatewayState, pack_message
from devices.wire.records import Gap, Opened
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk

QUARANTINED = 6
"""Number of a vital block whose records cannot be read."""
SHED = (3, 5)
"""Wave blocks that a gap record gives up."""


def poisoned(block: bytes) -> bytes:
    """The block with records that nobody can read, and a checksum that says that they are right."""
    header, _, _ = cbor2.loads(block)
    records = cbor2.dumps(42)
    return cbor2.dumps([header, records, crc32c(header + records)])


def gap(sender: Sender, first: int, last: int, lane: Lane = Lane.WAVE, why: str = "quota") -> Gap:
    """Blocks `first` to `last` will never come: measured from 1 s to 2 s of the boot."""
    times = Instant(1_000_000_000), Instant(2_000_000_000)
    return Gap(Instant(0), sender.journal, lane, ((first, last),), sender.boot, *times, why)


def state(
    sender: Sender, waiting: tuple[int, ...] = (0, 0, 0, 0), oldest_us: tuple[int | None, ...] = (None,) * 4
) -> bytes:
    """What a gateway says each second."""
    utc_us = None if sender.utc_us is None else sender.utc_us + 10_000_000
    sync = Sync.UNSET if sender.utc_us is None else Sync.NETWORK
    clock = BlockClock(sender.boot, 10_000_000, utc_us, sync, 2500)
    return pack_message(GatewayState(True, sender.journal, clock, tuple(sender.next), waiting, oldest_us, {}))


async def fill(desk: Desk, sender: Sender) -> None:
    """One journal: 2 alert blocks, 9 vital ones (one of them poison), 6 wave blocks (three given up)."""
    at = Instant(9_000_000_000)
    opened = sender.block(Opened(at, {}), lane=Lane.ALERT)
    told = Alert("sensor-off", at, Priority.HIGH, True, {}), gap(sender, *SHED)
    await desk.take(opened, sender.block(*told, lane=Lane.ALERT), what="alert", gateway=sender.gateway)
    event = DeviceEvent(EventKind.CONNECTED, at, {})
    vital = [sender.block(reading(70 + n, 9_000_000), event, reading(90, 9_500_000)) for n in range(9)]
    vital[QUARANTINED] = poisoned(vital[QUARANTINED])
    await desk.take(*vital, gateway=sender.gateway)
    waves = [sender.block(reading(60, 9_000_000), lane=Lane.WAVE) for _ in range(6)]
    await desk.take(*waves[:3], what="wave", gateway=sender.gateway)
    await desk.take(waves[0], what="wave", gateway=sender.gateway)
    await desk.take(state(sender), what="state", gateway=sender.gateway)
    await desk.take(b"garbage", gateway=sender.gateway)


def whole(path: Path) -> Path:
    """Such a database at `path`, closed."""

    async def make() -> None:
        store = await Store.open(path)
        desk = Desk(store)
        desk.clock.at_us = SystemClock().now_us()
        await desk.load()
        await fill(desk, Sender())
        await fill(desk, Sender("ward-b", "ox-2"))
        await store.close()

    asyncio.run(make())
    return path


def changed(path: Path, *statements: str) -> None:
    """Plant something."""
    with closing(controller.store.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)
