"""The service behind the page and the command line: everything that an engineer does with devices."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from controller.clock import Clock
from controller.errors import BadRecord, Conflict, IdentityError, NotFound
from controller.identity.certificates import By
from controller.inventory import found, matching, records, seen, serving, table
from controller.inventory.batch import AT_ONCE, Batch, Imported, rehearse
from controller.inventory.labels import Label, read
from controller.inventory.picture import read_picture
from controller.inventory.record import Record
from controller.inventory.records import Change, Outcome, Pairing
from controller.orders.desk import OrderDesk
from controller.registry import Registry
from controller.store import Store
from controller.store.beside import Beside
from devices.model.orders import DISCOVER
from devices.wire.orders import Command

T = TypeVar("T")
Json = dict[str, Any]
Sign = Callable[[Mapping[str, object]], str]
"""Makes a signed receipt of what is said (controller/identity/receipts.py)."""

_SAME = """SELECT device FROM inventory WHERE (address <> '' AND address = :address)
OR (serial <> '' AND serial = :serial AND (:gtin = '' OR gtin IN ('', :gtin)))
OR (asset_tag <> '' AND asset_tag = :text) OR device = :text"""
SEARCH_LIFE_US = 300_000_000
_RECEIPTS = """SELECT receipt FROM inventory_change WHERE device = ? AND receipt IS NOT NULL
ORDER BY id DESC LIMIT 1"""
_ON_RECEIPT = ("device", "profile", "asset_tag", "serial", "gtin", "address")
_SAME_GTIN = "SELECT DISTINCT profile FROM inventory WHERE gtin = ? AND gtin <> ''"


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: a user's name or "cli:LOGIN", and the network address it came from."""

    name: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A label, the recorded devices that it may be of, and else the profiles that it fits."""

    label: Label
    devices: list[str]
    fits: list[matching.Fit]


class Inventory:
    """The inventory of one controller. Without `sign` nothing can be decommissioned."""

    def __init__(self, store: Store, registry: Registry, clock: Clock, sign: Sign | None = None) -> None:
        self._store = store
        self._beside = Beside(store.where)
        self._registry = registry
        self._clock = clock
        self._sign = sign
        self._desk = OrderDesk(store, clock)
        self._looking = asyncio.Lock()

    async def devices(self) -> list[Json]:
        """Every device that is recorded or was heard (`seen.devices`). Raises StoreError."""
        return await self._beside.read(lambda db: seen.devices(db, self._moment()))

    async def device(self, device: str) -> Json:
        """One device, its `history` and its `placements`. Raises NotFound, StoreError."""

        def work(db: sqlite3.Connection) -> Json:
            found = seen.devices(db, self._moment(), device)
            if not found:
                raise NotFound(f"there is no device {device!r}: scan its label to record it")
            about = {"history": seen.history(db, device), "placements": seen.placements(db, device)}
            return {**found[0], **about}

        return await self._beside.read(work)

    async def found(self) -> list[Json]:
        """What gateways found that is not recorded (`found.found`). Raises StoreError."""
        return await self._beside.read(lambda db: found.found(db, self._clock.now_us()))

    async def searches(self) -> list[Json]:
        """The last search of each gateway that was asked for one: `state`, `why`, and when in UTC.

        Raises StoreError.
        """
        newest: dict[str, Json] = {}
        for one in await self._desk.commands():
            if isinstance(one.order, Command) and one.order.name == DISCOVER:
                told = {"state": one.state, "why": one.why, "asked_utc_ms": one.order.issued_us // 1000}
                newest.setdefault(one.order.gateway, {"gateway": one.order.gateway, **told})
        return list(newest.values())

    async def search(self, gateway: str, seconds: int, who: Who) -> None:
        """Have `gateway` listen which Bluetooth devices are in reach; if it is away, within five minutes.

        Raises OrderError, NotFound, EnrolmentRefused, StoreError.
        """
        by = By(who.name, who.where)
        await self._desk.command(gateway, DISCOVER, {"seconds": seconds}, by, SEARCH_LIFE_US)

    async def scan(self, text: str) -> Scanned:
        """What a scanned text says. Raises BadLabel, StoreError."""
        label = read(text)
        asked = {"address": label.address, "serial": label.serial, "gtin": label.gtin, "text": label.text}
        devices = [row["device"] for row in await self._store.read(_SAME, asked)]
        site = [row["profile"] for row in await self._store.read(_SAME_GTIN, (label.gtin,))]
        return Scanned(label, devices, matching.fits(label, site))

    async def look(self, photo: bytes) -> list[str]:
        """The texts of the barcodes in a photo, for `scan`. One photo at a time. Raises BadLabel."""
        async with self._looking:
            return await asyncio.to_thread(read_picture, photo)

    async def record(
        self,
        record: Record,
        who: Who,
        *,
        bed: str | None = None,
        move: bool = False,
        again: bool = False,
        found: str = "",
    ) -> Outcome:
        """Record a device, or change its record, and place it on `bed` if one is named.

        `found`: the address or port where its gateway found it: the gateway is to serve it there.

        Raises BadRecord, Conflict, NotFound, StoreError.
        """

        def work(db: sqlite3.Connection, change: Change) -> Outcome:
            if problems := records.clashes(db, record):
                raise BadRecord("; ".join(map(str, problems)))
            outcome = records.save(db, record, change, again=again)
            if bed is not None:
                records.put(db, record.device, bed, change, move=move)
            if found:
                serving.serve(db, record, found, bed or "", change)
            return outcome

        return await self._change(who, work)

    async def place(self, device: str, bed: str | None, who: Who, *, move: bool = False) -> None:
        """Put a recorded device on a bed, or on none. Raises Conflict, NotFound, StoreError."""
        await self._change(who, lambda db, change: records.put(db, device, bed, change, move=move))

    async def pair(self, device: str, pairing: Pairing, why: str, who: Who) -> None:
        """Say how a device may be paired from now on: what re-pairing a bonded device needs.

        Raises BadRecord, NotFound, StoreError.
        """
        _reason(why)
        await self._change(who, lambda db, change: records.pair(db, device, pairing, why, change))

    async def decommission(self, device: str, why: str, who: Who) -> str:
        """Take a device out of use, for good until it is recorded again. Returns the signed receipt.

        Its gateway is told to serve it no more and to wipe its bond. What it still sends of it is stored as
        all is, for nothing is lost, but under no bed; and `Watch` raises an alert.
        Raises BadRecord, Conflict, NotFound, StoreError.
        """
        _reason(why)
        sign = self._sign
        if sign is None:
            raise Conflict("the receipt cannot be signed: this controller has no certificate authority yet")

        def work(db: sqlite3.Connection, change: Change) -> str:
            row = records.find(db, device)
            if row["withdrawn_utc_us"] is not None:
                raise Conflict(f"device {device!r} was decommissioned already: its receipt is in its history")
            said = {name: row[name] for name in _ON_RECEIPT}
            try:
                signed = sign({**said, "by": who.name, "utc_us": change.utc_us, "why": why})
            except IdentityError as error:
                raise Conflict(f"the receipt cannot be signed: {error}") from error
            records.withdraw(db, device, change, why, signed)
            serving.dismiss(db, device, row["address"], change, why)
            return signed

        return await self._change(who, work)

    async def receipt(self, device: str) -> str:
        """The receipt of the last decommissioning of `device`. Raises NotFound, StoreError."""
        rows = await self._store.read(_RECEIPTS, (device,))
        if not rows:
            raise NotFound(f"device {device!r} was never decommissioned here")
        return rows[0]["receipt"]

    async def take_in(self, data: bytes, who: Who, *, dry_run: bool = False) -> Imported:
        """Record every good row of a CSV table, and say what is wrong with each other row.

        Raises BadRecord when it is no such table, StoreError.
        """
        rows = await asyncio.to_thread(lambda: list(table.read(data)))
        if dry_run:
            change = Change(who.name, *self._moment(), who.where)
            return await self._beside.read(lambda db: rehearse(db, rows, change))
        batch = Batch()
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            await self._write(who, lambda db, change, part=part: batch.take(db, part, change))
        await self._registry.refresh()
        return batch.done

    async def give_out(self) -> bytes:
        """All records as a CSV table. Raises StoreError."""
        return table.write(device for device in await self.devices() if device["recorded"])

    async def _change(self, who: Who, work: Callable[[sqlite3.Connection, Change], T]) -> T:
        done = await self._write(who, work)
        await self._registry.refresh()
        return done

    async def _write(self, who: Who, work: Callable[[sqlite3.Connection, Change], T]) -> T:
        change = Change(who.name, *self._moment(), who.where)

        def counted(db: sqlite3.Connection) -> T:
            done = work(db, change)
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'registry'")
            return done

        return await self._store.write(counted)

    def _moment(self) -> tuple[int, int]:
        """(UTC in µs, the controller's scale in ms)."""
        return self._clock.utc_us(), self._clock.now_us() // 1000


def _reason(why: str) -> None:
    if not 3 <= len(why.strip()) <= 200 or not why.isprintable():
        raise BadRecord(
            f"why: expected a reason of 3 to 200 printable characters, got {why!r:.40}: write one"
        )
