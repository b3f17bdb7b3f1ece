"""Stored records over the virtual radio: the simulated meter's control point, spoken to by bleak."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from devices.codecs import Host, JournalledCodec
from devices.codecs.glucose_meter import CONTEXT, MEASUREMENT, SERVICE, linked
from devices.codecs.racp import RACP
from devices.model.observation import EventKind, Instant, Quality, Reading
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleDeviceLink, BleRadio
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.peripheral import Peripheral
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.emitted import Emitted
from hil.sims.models.glucose import Meter
from hil.sims.patient import Patient
from hil.sims.simulated import simulators
from hil.ward import Folder, WardDevice
from tests.support import waiting
from tests.support.links import Heard, running
from tests.support.radio import Radio, new_address, until

ADDRESS = "C0:00:00:2E:00:01"
REPORT_ALL, ABORT = b"\x01\x01", b"\x03\x00"
ABORTED, SUCCESS = b"\x06\x00\x03\x01", b"\x06\x00\x01\x01"
NOW = Instant(1_000_000_000)


class Bench:
    """A meter on the air, and how a client reaches it."""

    def __init__(self, meter: Meter, peripheral: Peripheral, radio: Radio) -> None:
        self.meter, self.peripheral, self._radio = meter, peripheral, radio
        self.values: list[tuple[str, bytes]] = []

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[BleakClient]:
        """A client that has subscribed to everything; what it hears is in `values`."""
        self.values = []

        def hear(sender: BleakGATTCharacteristic, data: bytearray) -> None:
            self.values.append((sender.uuid, bytes(data)))

        device = await self._radio.find(self.peripheral.name)
        async with self._radio.client(device) as client:
            for uuid in (MEASUREMENT, CONTEXT, RACP):
                await client.start_notify(uuid, hear)
            yield client

    def answers(self) -> list[bytes]:
        return [data for uuid, data in self.values if uuid == RACP]

    def measurements(self) -> list[bytes]:
        return [data for uuid, data in self.values if uuid == MEASUREMENT]


@asynccontextmanager
async def bench(folder: Path, stored: int) -> AsyncIterator[Bench]:
    meter = Meter(Patient(3))
    while len(meter.shelf.records) < stored:
        meter.measure(0.0)
    name, address = new_address()
    peripheral = Peripheral(name, address, meter.services, advertises=[SERVICE[4:8]], interval_ms=20)
    async with World() as world:
        await world.add(peripheral)
        transport = await world.listen("tcp-server:127.0.0.1:0")
        with Emitted(folder / "emitted") as emitted:
            living = asyncio.create_task(meter.run(peripheral, emitted))
            async with Adapter(transport) as adapter:
                yield Bench(meter, peripheral, Radio(adapter))
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)


async def test_stored_records_are_reported_and_the_end_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, 6) as it, it.connected() as client:
        await client.write_gatt_char(RACP, REPORT_ALL, response=True)
        await until(lambda: bool(it.answers()))
        assert it.answers() == [SUCCESS]
        assert it.measurements() == [record.sent[0][1] for record in it.meter.shelf.records]


async def test_an_abort_ends_a_transfer(tmp_path: Path) -> None:
    async with bench(tmp_path, 400) as it, it.connected() as client:
        await client.write_gatt_char(RACP, REPORT_ALL, response=True)
        await until(lambda: len(it.measurements()) > 2)
        await client.write_gatt_char(RACP, ABORT, response=True)
        await until(lambda: bool(it.answers()))
        assert it.answers() == [ABORTED]
        assert len(it.measurements()) < 400


async def test_a_connection_lost_in_a_transfer_loses_no_record(tmp_path: Path) -> None:
    memory: dict[str, int] = {}
    seen: set[bytes] = set()
    read: list[int] = []
    async with bench(tmp_path, 60) as it:
        async with it.connected() as client:
            await client.write_gatt_char(RACP, REPORT_ALL, response=True)
            await until(lambda: len(it.measurements()) > 2)
            it.peripheral.lose()
            await until(lambda: not client.is_connected)
        seen |= set(it.measurements())
        assert it.answers() == []
        it.peripheral.back()
        async with it.connected() as client:
            codecs = linked(Host(memory=memory))
            await client.write_gatt_char(RACP, codecs[RACP].data_to_send(), response=True)
            await until(lambda: bool(it.answers()))
        for uuid, data in it.values:
            said = codecs[uuid].receive_data(data, NOW)
            read += [1 for one in said if isinstance(one, Reading)]
        control = codecs[RACP]
        assert isinstance(control, JournalledCodec)
        control.journalled(NOW)
        assert len(read) == 60
        assert seen <= set(it.measurements())
        assert memory["glucose-number"] == 59


@pytest.mark.parametrize("name", ["accu-chek-guide", "bluetooth-cgm", "bluetooth-pulse-oximeter"])
async def test_the_gateway_reads_what_is_stored_once_though_it_connects_twice(
    name: str, tmp_path: Path
) -> None:
    device = WardDevice("stored-1", name, "bed-1", 1, ADDRESS)
    sim = simulators()[name](Patient(1))
    simulated = BleDevice(device, sim, Folder(tmp_path))
    heard = Heard()
    heard.host = Host(lambda _at: datetime.now(UTC))
    count = len(sim.shelf.records)  # type: ignore[union-attr]

    def stored() -> list[Reading]:
        readings = (one for one in heard.said if isinstance(one, Reading))
        first = {"accu-chek-guide": ("glucose", "glucose_cap"), "bluetooth-cgm": ("glucose_isf",)}
        return [
            one
            for one in readings
            if Quality.STORED in one.quality and one.metric in first.get(name, ("spo2",))
        ]

    async with World() as world:
        await world.add(simulated.peripheral)
        async with Adapter(await world.listen("tcp-server:127.0.0.1:0")) as adapter:
            configured = DeviceConfig(id="stored-1", profile=name, address=ADDRESS)
            link = BleDeviceLink(
                configured, profile(name), SystemClock(), heard, BleRadio(*backends(adapter))
            )
            async with running(link, simulated):
                await waiting.until(lambda: bool(heard.host.memory), "the records are remembered")
                assert len(stored()) == count
                simulated.peripheral.lose()
                await waiting.until(lambda: bool(heard.events(EventKind.DISCONNECTED)), "the link is lost")
                simulated.peripheral.back()
                await waiting.until(lambda: len(heard.events(EventKind.CONNECTED)) == 2, "it is back")
                await asyncio.sleep(1)
                assert len(stored()) == count
                assert heard.events(EventKind.REFUSED) == []
                assert heard.events(EventKind.BAD_BYTES) == []
