"""Simulated spot-check devices on the virtual radio, heard by the gateway's own link: paired, clocks set."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.codecs import Host
from devices.model.observation import EventKind, Quality, Reading
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleDeviceLink, BleRadio
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.patient import Patient
from hil.sims.simulated import simulators
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

ADDRESS = "C0:00:00:1E:00:01"


@asynccontextmanager
async def heard_on_air(name: str, folder: Path) -> AsyncIterator[Heard]:
    """What the gateway hears of a simulator of the profile `name`."""
    device = WardDevice("spot-1", name, "bed-1", 1, ADDRESS)
    simulated = BleDevice(device, simulators()[name](Patient(1)), Folder(folder))
    heard = Heard()
    heard.host = Host(lambda _at: datetime.now(UTC))
    async with World() as world:
        await world.add(simulated.peripheral)
        async with Adapter(await world.listen("tcp-server:127.0.0.1:0")) as adapter:
            configured = DeviceConfig(id="spot-1", profile=name, address=ADDRESS)
            radio = BleRadio(*backends(adapter))
            link = BleDeviceLink(configured, profile(name), SystemClock(), heard, radio)
            async with running(link, simulated):
                yield heard


@pytest.mark.parametrize("name", ["and-ua-651ble", "bluetooth-thermometer"])
async def test_its_clock_is_read_and_set_and_its_measurements_are_of_now(name: str, tmp_path: Path) -> None:
    async with heard_on_air(name, tmp_path) as heard:

        def measured() -> list[Reading]:
            return [one for one in heard.said if isinstance(one, Reading) and one.value is not None]

        def clocks() -> list[str]:
            return [str(event.detail["time"]) for event in heard.events(EventKind.DEVICE_CLOCK)]

        await until(lambda: len(measured()) >= 1, "a value is measured")
        assert clocks()[0].startswith("2016-01-01")
        assert abs(datetime.fromisoformat(clocks()[-1] + "+00:00") - datetime.now(UTC)) < timedelta(minutes=1)
        assert not any(Quality.STORED in one.quality for one in measured())
        assert heard.events(EventKind.REFUSED) == []
