"""Sensors that only advertise: heard on the virtual radio, lost, and found again."""

from collections.abc import AsyncIterator

import pytest

from devices.codecs import Said
from devices.codecs.gatt import uuid16
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.profiles import BleBroadcast, Evidence, Profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleRadio
from gateway.links.ble_broadcast import BroadcastListener
from gateway.links.ble_discovery import discover
from tests.integration.gateway.links.conftest import IMPATIENT
from tests.support.links import Heard, running
from tests.support.radio import WardProcess, new_address
from tests.support.waiting import until

SERVICE = uuid16(0xFCD2)


class Hex:
    """A codec that says the bytes of each advertisement."""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.STATUS, now, {"data": data.hex()})]

    def data_to_send(self) -> bytes:
        return b""

    def next_timer(self) -> Instant | None:
        return None

    def handle_timer(self, now: Instant) -> list[Said]:
        return []


def listener(address: str, radio: BleRadio, heard: Heard, silence_s: float = 30.0) -> BroadcastListener:
    link = BleBroadcast(SERVICE, "", Hex, silence_s)
    profile = Profile("hex", "Ward Ltd", "Hex", "these tests", (), link, Evidence.UNVERIFIED)
    device = DeviceConfig.model_construct(id="hex-1", profile="hex", address=address.lower())
    return BroadcastListener(device, profile, SystemClock(), heard, radio)


def data(heard: Heard) -> set[str | int]:
    return {event.detail["data"] for event in heard.events(EventKind.STATUS)}


@pytest.fixture
async def sensor(ward: WardProcess) -> AsyncIterator[str]:
    name, address = new_address()
    await ward("add", name, address=address, service={"fcd2": "40016101"}, interval_ms=30)
    yield address
    await ward("lose", name)


async def test_an_advertising_sensor_is_heard_without_a_connection(sensor: str, radio: BleRadio) -> None:
    heard = Heard()
    async with running(listener(sensor, radio, heard)):
        await until(lambda: len(heard.events(EventKind.STATUS)) >= 2, "two advertisements")
    assert data(heard) == {"40016101"}
    assert heard.presence == ["connected"]
    assert [event.detail for event in heard.events(EventKind.LINK)] == [{"rssi": -50}]


async def test_only_the_device_that_is_meant_is_listened_to(
    ward: WardProcess, sensor: str, radio: BleRadio
) -> None:
    name, address = new_address()
    await ward("add", name, address=address, service={"fcd2": "400102"}, interval_ms=30)
    heard = Heard()
    async with running(listener(address, radio, heard)):
        await until(lambda: len(heard.events(EventKind.STATUS)) >= 2, "two advertisements")
    assert data(heard) == {"400102"}
    await ward("lose", name)


async def test_one_that_is_not_heard_any_more_is_lost_and_comes_back(
    ward: WardProcess, radio: BleRadio
) -> None:
    name, address = new_address()
    await ward("add", name, address=address, service={"fcd2": "400102"}, interval_ms=30)
    heard = Heard()
    async with running(listener(address, radio, heard, silence_s=0.5)):
        await heard.until_presence("connected")
        await ward("lose", name)
        await heard.until_presence("not-heard")
        assert "battery" in heard.message("not-heard")
        await ward("back", name)
        await heard.until_presence("connected")


async def test_a_radio_that_is_missing_is_told() -> None:
    heard = Heard()
    async with running(listener("C0:00:00:00:00:09", BleRadio(limits=IMPATIENT), heard)):
        await heard.until_presence("no-adapter")


async def test_it_is_found_with_the_profiles_that_fit_it(sensor: str, radio: BleRadio) -> None:
    found = {device.address: device.profiles for device in await discover(radio, 0.6, SystemClock())}
    assert sensor in found
