"""Brings what gateways are told of their beds up to date: with the change itself, or within a second.

    settle(db, utc_us)                 # in the transaction in which somebody was admitted, moved, discharged
    await Settler(store, clock).run()  # for whatever else changed: a gateway is new there, or was off

There is no other state than the database's: a crash between a change and this is mended by the next look.
"""

import asyncio
import sqlite3

from controller.bedside.beds import QUERIES, due
from controller.clock import Clock
from controller.identity.certificates import By
from controller.orders.desk import keep_configuration
from controller.orders.followed import BEDS
from controller.store import Store

LOOK_S = 1.0


def settle(db: sqlite3.Connection, utc_us: int) -> None:
    """Give each gateway that holds anything else a configuration that says who lies where."""
    for gateway, settings in due(*(db.execute(query).fetchall() for query in QUERIES)):
        keep_configuration(db, gateway, settings, By(BEDS), utc_us=utc_us)


class Settler:
    """The one that looks."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Once. Writes only where something is to be written. Raises StoreError."""
        if due(*[await self._store.read(query) for query in QUERIES]):
            await self._store.write(lambda db: settle(db, self._clock.utc_us()))
