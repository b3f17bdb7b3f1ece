"""Orders of a controller without broker and web, and gateways that answer through ingest."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from tests.unit.controller.conftest import Desk

BY = By("anna", "10.0.0.9", "it blinks")


class Office:
    """`orders` and what is around them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clock = desk.clock
        self.orders = OrderDesk(desk.store, desk.clock)
        self._number = 0

    async def answer(self, gateway: str, kind: EventKind, **detail: str | int) -> None:
        """`gateway` says in its journal what became of an order."""
        clock = BlockClock(gateway.encode().ljust(16), 1_000_000 + self._number, None, Sync.UNSET, None)
        group = Group(None, None, [DeviceEvent(kind, Instant(clock.mono_us * 1000), detail)])
        journal = gateway.encode()[:8].ljust(8)
        block = seal(journal, Lane.ALERT, self._number, clock, [group])
        self._number += 1
        await self.desk.take(block, what="alert", gateway=gateway)

    async def trail(self) -> list[tuple[Any, ...]]:
        """What the audit trail has of orders."""
        query = """SELECT json_extract(entry, '$.action'), json_extract(entry, '$.actor'),
        json_extract(entry, '$.entity'), json_extract(entry, '$.why') FROM audit
        WHERE json_extract(entry, '$.action') LIKE '%-issued' ORDER BY number"""
        return await self.desk.rows(query)


@pytest.fixture
async def office(desk: Desk) -> AsyncIterator[Office]:
    """Gateways ward-a and ward-b are provisioned; ward-c was."""
    for name in ("ward-a", "ward-b", "ward-c"):
        await desk.registry.add_gateway(name, name)
    out = "UPDATE gateway SET provisioned = iif(id <> 'ward-c', 1, 0)"
    await desk.store.write(lambda db: db.execute(out))
    yield Office(desk)
