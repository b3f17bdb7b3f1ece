"""What recorded devices do: a weaker pairing than the recorded one, and a device that speaks though
it was decommissioned, are alerts.

    asyncio.create_task(Watch(store, registry, hub, clock).run())

A gateway tells with CONNECTED how a connection is secured. The first that is told is recorded, and a stronger
one after it; a weaker one only an engineer can make right (`Inventory.pair`), or the device itself.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from controller.clock import Clock
from controller.hub import Hub
from controller.inventory.records import Change, Pairing, pairing_of, tell
from controller.live import AlertNow, Place
from controller.registry import Registry
from controller.store import Store
from devices.model.observation import Priority

PAIRING_WEAKER = "device-pairing-weaker"
WITHDRAWN_SPEAKS = "device-withdrawn-speaks"
_BY = "controller"
_RECORDED = "SELECT device, pairing FROM inventory WHERE withdrawn_utc_us IS NULL"
_RECORD = "UPDATE inventory SET pairing = ? WHERE device = ?"


class Watch:
    """One controller's watch. What it knows of the records is read again whenever they change."""

    def __init__(self, store: Store, registry: Registry, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._hub = hub
        self._clock = clock
        self._revision: int | None = None
        self._recorded: dict[str, Pairing | None] = {}
        self._active: dict[tuple[str, str], str] = {}
        """The gateway, by (code, device), of the alerts that are raised."""

    async def run(self) -> None:
        """Watch until cancelled. Raises StoreError."""
        while True:  # a subscription ends when it is too slow: the next begins with a snapshot
            async for event in self._hub.subscribe():
                if event.kind in self._looked_at():
                    await self.look(event.kind, orjson.loads(event.data))

    def _looked_at(self) -> set[str]:
        """Kinds of events: values, of which there are many, only when some device must not speak."""
        return {"snapshot", "registry", "device", *(["values"] if self._registry.withdrawn else [])}

    async def look(self, kind: str, data: Mapping[str, Any]) -> None:
        """One event of the hub. Raises StoreError."""
        if kind in ("snapshot", "registry"):
            await self._read()
            await self._devices(data["devices"])
        elif kind == "device":
            self._spoke({item["id"] for item in data["items"] if item["connected"]})
            for item in data["items"]:
                if item["connected"] is False:
                    self._end(WITHDRAWN_SPEAKS, item["id"])
            await self._devices(data["items"])
        elif kind == "values":
            self._spoke({item["device"] for item in data["items"]})

    async def _read(self) -> None:
        if self._revision != self._registry.revision:
            self._revision = self._registry.revision
            rows = await self._store.read(_RECORDED)
            self._recorded = {row["device"]: pairing_of(row["pairing"]) for row in rows}
            for code, device in list(self._active):
                watched = self._registry.withdrawn if code == WITHDRAWN_SPEAKS else self._recorded
                if device not in watched:
                    self._end(code, device)

    async def _devices(self, items: Iterable[Mapping[str, Any]]) -> None:
        for item in items:
            told = pairing_of(item["pairing"])
            if told is not None and item["id"] in self._recorded:
                await self._paired(item["id"], str(item["gateway"]), told)

    def _spoke(self, devices: set[str]) -> None:
        for device in devices & self._registry.withdrawn:
            gateway = str(self._hub.device_held(device).get("gateway"))
            self._begin(WITHDRAWN_SPEAKS, Priority.LOW, device, gateway, {})

    async def _paired(self, device: str, gateway: str, told: Pairing) -> None:
        recorded = self._recorded[device]
        if recorded is not None and told < recorded:
            detail: dict[str, str | int] = {"recorded": recorded.code, "told": told.code}
            if self._begin(PAIRING_WEAKER, Priority.MEDIUM, device, gateway, detail):
                await self._store.write(lambda db: self._tell(db, device, "pairing-weaker", recorded, told))
            return
        self._end(PAIRING_WEAKER, device)
        if told != recorded:
            self._recorded[device] = told
            await self._store.write(lambda db: self._record(db, device, recorded, told))

    def _record(self, db: sqlite3.Connection, device: str, before: Pairing | None, told: Pairing) -> None:
        db.execute(_RECORD, (told.code, device))
        self._tell(db, device, "paired", before, told)

    def _tell(
        self, db: sqlite3.Connection, device: str, what: str, before: Pairing | None, told: Pairing
    ) -> None:
        change = Change(_BY, self._clock.utc_us(), self._clock.now_us() // 1000)
        tell(db, device, what, {"pairing": [before.code if before else "", told.code]}, change)

    def _begin(
        self, code: str, priority: Priority, device: str, gateway: str, detail: dict[str, str | int]
    ) -> bool:
        """Raise an alert. Returns whether it is new."""
        is_new = (code, device) not in self._active
        if is_new:
            self._active[code, device] = gateway
            self._alert(code, priority, device, gateway, active=True, detail=detail)
        return is_new

    def _end(self, code: str, device: str) -> None:
        gateway = self._active.pop((code, device), None)
        if gateway is not None:
            self._alert(code, Priority.LOW, device, gateway, active=False, detail={})

    def _alert(
        self,
        code: str,
        priority: Priority,
        device: str,
        gateway: str,
        *,
        active: bool,
        detail: dict[str, str | int],
    ) -> None:
        now = self._clock.now_us()
        place = Place(b"", now, now)
        self._hub.alerts([AlertNow(gateway, device, code, place, priority, active, detail, None)])
