"""Scanning: what bleak's scanner reports of the peripherals in another process."""

import asyncio

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_str

from tests.support.radio import DEADLINE_S, Radio, WardProcess, new_address, until


async def advertisement_of(radio: Radio, name: str, **options: object) -> AdvertisementData:
    """What the first advertisement of `name` says."""
    heard: asyncio.Future[AdvertisementData] = asyncio.get_running_loop().create_future()

    def detected(device: BLEDevice, said: AdvertisementData) -> None:
        if device.name == name and not heard.done():
            heard.set_result(said)

    async with radio.scanner(detected, **options):
        return await asyncio.wait_for(heard, DEADLINE_S)


async def test_discovery_lists_a_device_once_with_its_name_and_address(
    ward: WardProcess, radio: Radio
) -> None:
    name, address = new_address()
    await ward("add", name, address=address)
    found = await BleakScanner.discover(1.0, return_adv=True, backend=radio.scanner_class)
    assert [device.address for device, said in found.values() if said.local_name == name] == [address]
    await ward("lose", name)


async def test_a_device_is_found_by_its_address_whatever_the_case(radio: Radio, bed: str) -> None:
    address = (await radio.find(bed)).address
    found = await BleakScanner.find_device_by_address(
        address.lower(), DEADLINE_S, backend=radio.scanner_class
    )
    assert found is not None
    assert found.name == bed


async def test_a_device_that_is_not_there_is_not_found(radio: Radio) -> None:
    assert await BleakScanner.find_device_by_name("nobody", 0.3, backend=radio.scanner_class) is None


async def test_a_filter_lets_pass_only_devices_that_advertise_the_service(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    plain, address = new_address()
    await ward("add", plain, address=address)
    names: set[str | None] = set()
    everyone: set[str | None] = set()
    wanted = [normalize_uuid_str("180d")]
    async with (
        radio.scanner(lambda d, _: names.add(d.name), service_uuids=wanted),
        radio.scanner(lambda d, _: everyone.add(d.name)),
    ):
        await until(lambda: plain in everyone and bed in names)
    assert plain not in names
    await ward("lose", plain)


async def test_a_plain_advertisement_has_a_name_and_nothing_else(ward: WardProcess, radio: Radio) -> None:
    name, address = new_address()
    await ward("add", name, address=address)
    said = await advertisement_of(radio, name)
    assert said.local_name == name
    assert (said.manufacturer_data, said.service_data, said.service_uuids) == ({}, {}, [])
    assert said.tx_power is None
    assert -127 <= said.rssi <= 20
    assert said.platform_data
    await ward("lose", name)


async def test_an_advertisement_carries_manufacturer_and_service_data_and_power(
    ward: WardProcess, radio: Radio
) -> None:
    name, address = new_address()
    await ward(
        "add",
        name,
        address=address,
        advertises=["180f"],
        manufacturer={"4660": b"MFG".hex()},
        service={"180f": b"SER".hex()},
        tx_power_dbm=-21,
    )
    said = await advertisement_of(radio, name)
    battery = normalize_uuid_str("180f")
    assert said.manufacturer_data == {0x1234: b"MFG"}
    assert said.service_data == {battery: b"SER"}
    assert said.service_uuids == [battery]
    assert said.tx_power == -21
    await ward("lose", name)


async def test_a_device_may_change_what_it_advertises(ward: WardProcess, radio: Radio) -> None:
    name, address = new_address()
    await ward("add", name, address=address, advertises=["180f"], service={"fcd2": "4001"}, interval_ms=30)
    heard: list[dict[str, bytes]] = []
    async with radio.scanner(lambda d, said: heard.append(said.service_data) if d.name == name else None):
        for data in ("4002", "400304"):
            await ward("advertise", name, service={"fcd2": data})
            wanted = {normalize_uuid_str("fcd2"): bytes.fromhex(data)}
            await until(lambda wanted=wanted: wanted in heard)
    said = await advertisement_of(radio, name)
    assert (said.service_data, said.service_uuids) == (wanted, [normalize_uuid_str("180f")])
    await ward("lose", name)


async def test_a_device_still_takes_a_connection_after_that(ward: WardProcess, radio: Radio) -> None:
    name, address = new_address()
    await ward("add", name, address=address)
    await ward("advertise", name, service={"fcd2": "4002"})
    async with radio.client(await radio.find(name)) as client:
        assert client.is_connected
    await ward("lose", name)


async def test_a_name_too_long_for_the_advertisement_comes_in_the_scan_response(
    ward: WardProcess, radio: Radio
) -> None:
    name, (_, address) = "Thermometer of Bed Nr. 7", new_address()
    vendor = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
    await ward("add", name, address=address, advertises=[vendor])
    said = await advertisement_of(radio, name, service_uuids=[vendor])
    assert (said.local_name, said.service_uuids) == (name, [vendor])
    await ward("lose", name)


async def test_more_than_fits_into_an_advertisement_is_refused_with_the_room_there_is(
    ward: WardProcess,
) -> None:
    name, address = new_address()
    with pytest.raises(AssertionError, match="31 fit"):
        await ward("add", name, address=address, manufacturer={"1": "00" * 40})


async def test_a_coroutine_may_be_the_detection_callback(radio: Radio, bed: str) -> None:
    heard = asyncio.Event()

    async def detected(device: BLEDevice, _: AdvertisementData) -> None:
        if device.name == bed:
            heard.set()

    async with radio.scanner(detected):
        await asyncio.wait_for(heard.wait(), DEADLINE_S)


async def test_a_stopped_scanner_hears_nothing_while_another_goes_on(radio: Radio, bed: str) -> None:
    stopped, running = [], []
    first = radio.scanner(lambda d, _: stopped.append(d.name))
    async with radio.scanner(lambda d, _: running.append(d.name)):
        await first.start()
        await until(lambda: bed in stopped)
        await first.stop()
        heard, seen = len(stopped), running.count(bed)
        await until(lambda: running.count(bed) >= seen + 3)
        assert len(stopped) == heard


async def test_a_connected_device_stops_advertising_and_starts_again(radio: Radio, bed: str) -> None:
    device = await radio.find(bed)
    async with radio.client(device):
        assert await BleakScanner.find_device_by_name(bed, 0.5, backend=radio.scanner_class) is None
    assert await radio.find(bed)
