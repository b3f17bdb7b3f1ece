"""Asks a gateway to update a node, and knows how far it is: for the command line and for the page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import FirmwareError
from controller.firmware.images import Image, Images
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.orders.followed import Condition, Followed
from controller.store import Store
from devices.model.orders import UPDATE_NODE
from devices.wire.orders import Command

_IDENTITY = """SELECT detail FROM device_event WHERE device = ? AND kind = 'identity'
AND json_extract(detail, '$.version') IS NOT NULL ORDER BY at_us DESC, id DESC LIMIT 1"""
_PROGRESS = """SELECT detail, at_us FROM device_event WHERE device = ? AND kind = 'software'
AND json_extract(detail, '$.version') = ? ORDER BY at_us DESC, id DESC LIMIT 1"""
_LAST = """SELECT id FROM command WHERE gateway = ? AND name = ?
AND json_extract(arguments, '$.device') = ? ORDER BY issued_utc_us DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Running:
    """What a node last said of itself."""

    board: str
    version: int
    software: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The last update of a node: `state` is "sent", "expired", or an `Outcome`, with its reason."""

    version: int
    state: str
    why: str
    issuer: str
    issued_utc_us: int
    stage: str = ""
    """While it is under way: as its gateway said last (`Stage` in devices/codecs/node/update.py); else ""."""
    percent: int = 0
    waits: str = ""
    """Why it does not go on now."""

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not known."""
        return self.state == Condition.SENT


@dataclass(frozen=True, slots=True)
class NodeFirmware:
    """A node's firmware; `newer`: images for its board that it does not run, the newest first."""

    running: Running | None
    newer: list[Image]
    asked: Asked | None


class FirmwareDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self.images = Images(store, clock)
        self._orders = OrderDesk(store, clock)

    async def ask(self, gateway: str, device: str, version: int | None, by: By) -> Command:
        """Have `device` run the image of `version`; None: the newest for its board.

        Raises FirmwareError (there is none), NotFound (the gateway), EnrolmentRefused.
        """
        image = await self._chosen(device, version)
        arguments = {"device": device, "version": image.version, "digest": image.digest}
        return await self._orders.command(gateway, UPDATE_NODE, arguments, by)

    async def told(self, gateway: str, device: str) -> NodeFirmware:
        """What the node runs, what it could run, and what became of its last update."""
        running = await self._running(device)
        images = await self._for(running) if running else []
        newer = [one for one in images if running and one.version > running.version]
        return NodeFirmware(running, newer[::-1], await self._asked(gateway, device))

    async def _chosen(self, device: str, version: int | None) -> Image:
        running = await self._running(device)
        if running is None:
            raise FirmwareError(f"{device} has never said what board it is: is it a node, was it connected?")
        images = await self._for(running)
        found = [one for one in images if version in (None, one.version)]
        if not found:
            wanted = "firmware" if version is None else f"version {version}"
            raise FirmwareError(
                f"there is no {wanted} for {running.board}: add it, `wardlink controller firmware add FILE`"
            )
        if version is None and found[-1].version <= running.version:
            raise FirmwareError(f"{device} runs version {running.version}: there is nothing newer for it")
        return found[-1]

    async def _for(self, running: Running) -> list[Image]:
        return [one for one in await self.images.listed() if one.board == running.board]

    async def _running(self, device: str) -> Running | None:
        for row in await self._store.read(_IDENTITY, (device,)):
            return _read(json.loads(row["detail"]))
        return None

    async def _asked(self, gateway: str, device: str) -> Asked | None:
        last = [row["id"] for row in await self._store.read(_LAST, (gateway, UPDATE_NODE, device))]
        for one in await self._orders.commands(gateway):
            if isinstance(one.order, Command) and [one.order.id.hex()] == last:
                return await self._followed(one, one.order, device)
        return None

    async def _followed(self, one: Followed, order: Command, device: str) -> Asked:
        version = int(order.arguments["version"])
        known = version, one.state, one.why, order.issuer, order.issued_us
        if one.state == Condition.SENT:
            for row in await self._store.read(_PROGRESS, (device, version)):
                said: Mapping[str, str | int] = json.loads(row["detail"])
                told = str(said.get("progress", "")), int(said.get("percent", 0)), str(said.get("why", ""))
                return Asked(*known, *told)
        return Asked(*known)


def _read(said: Mapping[str, object]) -> Running | None:
    version = str(said["version"])
    if not version.isdecimal():
        return None
    return Running(str(said.get("model", "")), int(version), str(said.get("firmware", "")))
