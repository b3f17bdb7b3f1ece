"""A radio process for tests: peripherals made and moved by JSON lines on stdin, answered by JSON lines.

A request is {"id": N, "do": NAME, ...}; its answer {"id": N, "ok": RESULT} or {"id": N, "error": TEXT}.
Requests run side by side: an indication waits for its confirmation while others go on.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bumble.att import ATT_Error, ErrorCode

from hil.radio.peripheral import Characteristic, Descriptor, Peripheral, Property, Service
from hil.radio.world import World

DESCRIPTION, FORMAT = "2901", "2904"


class Bed:
    """One peripheral with a characteristic of each kind, and what was written to it."""

    def __init__(self, name: str, address: str, advertise: dict[str, Any]) -> None:
        self.refusal: int | None = None
        description = Descriptor(DESCRIPTION, "Messwert α".encode(), writeable=True)
        unit = Descriptor(FORMAT, bytes.fromhex("0400ad27010000"))
        self.characteristics = {
            "value": Characteristic(
                "2a29", Property.READ, b"Ward Ltd", descriptors=[description, unit], on_read=self.read
            ),
            "setting": Characteristic(
                "2a2b", Property.READ | Property.WRITE, b"\x00", on_write=self.check_refusal
            ),
            "command": Characteristic("2a52", Property.READ | Property.WRITE_WITHOUT_RESPONSE, b"\x00"),
            "rate": Characteristic("2a37", Property.NOTIFY),
            "level": Characteristic("2a19", Property.READ | Property.NOTIFY, b"\x64"),
            "temperature": Characteristic("2a1c", Property.INDICATE),
            "secret": Characteristic("2a60", Property.READ | Property.NOTIFY, b"secret", encrypted=True),
        }
        first, second = list(self.characteristics.values())[:3], list(self.characteristics.values())[3:]
        services = [Service("180a", first), Service("180d", second)]
        advertise["manufacturer_data"] = {
            int(company): bytes.fromhex(data) for company, data in advertise.get("manufacturer", {}).items()
        }
        advertise["service_data"] = {u: bytes.fromhex(d) for u, d in advertise.get("service", {}).items()}
        accepted = ("advertises", "manufacturer_data", "service_data", "tx_power_dbm", "interval_ms")
        chosen = {key: advertise[key] for key in accepted if key in advertise}
        self.peripheral = Peripheral(name, address, services, **chosen)

    def read(self) -> bytes:
        self.check_refusal(b"")
        return self.characteristics["value"].value

    def check_refusal(self, _value: bytes) -> None:
        if self.refusal is not None:
            raise ATT_Error(ErrorCode(self.refusal))


class Ward:
    """The requests, by name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._beds: dict[str, Bed] = {}

    async def add(self, name: str, address: str, **advertise: Any) -> None:
        self._beds[name] = Bed(name, address, advertise)
        await self._world.add(self._beds[name].peripheral)

    async def advertise(self, name: str, service: dict[str, str]) -> None:
        await self._beds[name].peripheral.advertise({u: bytes.fromhex(d) for u, d in service.items()})

    async def notify(self, name: str, what: str, values: list[str]) -> int:
        bed = self._beds[name]
        sent = [await bed.peripheral.notify(bed.characteristics[what], bytes.fromhex(v)) for v in values]
        return sum(sent)

    async def indicate(self, name: str, what: str, values: list[str]) -> int:
        bed = self._beds[name]
        sent = [await bed.peripheral.indicate(bed.characteristics[what], bytes.fromhex(v)) for v in values]
        return sum(sent)

    async def subscribed(self, name: str, what: str) -> bool:
        bed = self._beds[name]
        return bed.peripheral.is_subscribed(bed.characteristics[what])

    async def value(self, name: str, what: str) -> str:
        return self._beds[name].characteristics[what].value.hex()

    async def set(self, name: str, what: str, value: str) -> None:
        self._beds[name].characteristics[what].value = bytes.fromhex(value)

    async def refuse(self, name: str, code: int | None) -> None:
        self._beds[name].refusal = code

    async def security(self, name: str) -> dict[str, bool]:
        central = self._beds[name].peripheral.central
        return {
            "connected": central is not None,
            "encrypted": bool(central and central.is_encrypted),
            "secure_connections": bool(central and central.sc),
        }

    async def disconnect(self, name: str) -> None:
        await self._beds[name].peripheral.disconnect()

    async def lose(self, name: str) -> None:
        self._beds[name].peripheral.lose()

    async def power_off(self, name: str) -> None:
        self._beds[name].peripheral.power_off()

    async def back(self, name: str) -> None:
        self._beds[name].peripheral.back()


async def answer(ward: Ward, request: dict[str, Any]) -> None:
    """Do `request` and print what came of it."""
    number, name = request.pop("id"), request.pop("do")
    try:
        reply = {"id": number, "ok": await getattr(ward, name)(**request)}
    except (ValueError, KeyError, RuntimeError) as error:
        reply = {"id": number, "error": repr(error)}
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


async def main(spec: str, bonds: str | None = None) -> None:
    """Serve requests until stdin ends."""
    loop = asyncio.get_running_loop()
    requests = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    async with World(bonds=Path(bonds) if bonds else None) as world, asyncio.TaskGroup() as running:
        ward = Ward(world)
        sys.stdout.write(await world.listen(spec) + "\n")
        sys.stdout.flush()
        async for line in requests:
            running.create_task(answer(ward, json.loads(line)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
