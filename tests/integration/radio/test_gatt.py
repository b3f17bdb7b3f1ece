"""GATT: services, values, descriptors, writes and subscriptions, as bleak's client sees them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakCharacteristicNotFoundError, BleakError, BleakGATTProtocolError
from bleak.uuids import normalize_uuid_str

from tests.support.radio import DEADLINE_S, Radio, WardProcess, until

ATT_CODES = [0x01, 0x02, 0x05, 0x06, 0x08, 0x0C, 0x0D, 0x0E, 0x80, 0xC0, 0xFD, 0xFF]


@pytest.fixture
async def client(radio: Radio, bed: str) -> AsyncIterator[BleakClient]:
    """Connected to `bed`."""
    async with radio.client(await radio.find(bed)) as client:
        yield client


async def collect(client: BleakClient, uuid: str) -> list[bytes]:
    """Subscribe to `uuid`; the list that its values are appended to."""
    values: list[bytes] = []
    await client.start_notify(uuid, lambda _, data: values.append(bytes(data)))
    return values


async def test_services_and_characteristics_are_as_declared(client: BleakClient) -> None:
    heart = client.services.get_service("180d")
    assert heart
    found = {c.uuid: set(c.properties) for c in heart.characteristics}
    assert found == {
        normalize_uuid_str("2a37"): {"notify"},
        normalize_uuid_str("2a19"): {"read", "notify"},
        normalize_uuid_str("2a1c"): {"indicate"},
        normalize_uuid_str("2a60"): {"read", "notify"},
    }
    assert client.services.get_service("1800")


async def test_only_the_wanted_services_are_resolved(radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed), services=["180a"]) as client:
        assert [service.uuid for service in client.services] == [normalize_uuid_str("180a")]


async def test_an_unknown_characteristic_is_not_found(client: BleakClient) -> None:
    with pytest.raises(BleakCharacteristicNotFoundError):
        await client.read_gatt_char("2aff")


async def test_a_value_is_read(client: BleakClient) -> None:
    assert await client.read_gatt_char("2a29") == b"Ward Ltd"


async def test_a_cached_read_does_not_ask_the_device(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    await client.read_gatt_char("2a29")
    await ward("set", bed, what="value", value=b"changed".hex())
    assert await client.read_gatt_char("2a29", use_cached=True) == b"Ward Ltd"
    assert await client.read_gatt_char("2a29") == b"changed"


@pytest.mark.parametrize("length", [245, 246, 247, 492, 512])
async def test_a_value_longer_than_the_mtu_is_read_whole(
    ward: WardProcess, client: BleakClient, bed: str, length: int
) -> None:
    value = bytes(n % 251 for n in range(length))
    await ward("set", bed, what="value", value=value.hex())
    assert await client.read_gatt_char("2a29") == value


@pytest.mark.parametrize("code", ATT_CODES)
async def test_an_att_error_of_a_read_reaches_the_caller(
    ward: WardProcess, client: BleakClient, bed: str, code: int
) -> None:
    await ward("refuse", bed, code=code)
    with pytest.raises(BleakGATTProtocolError) as refused:
        await client.read_gatt_char("2a29")
    assert refused.value.code == code


async def test_a_write_with_response_arrives(ward: WardProcess, client: BleakClient, bed: str) -> None:
    await client.write_gatt_char("2a2b", b"DATA", response=True)
    assert bytes.fromhex(await ward("value", bed, what="setting")) == b"DATA"


async def test_a_write_longer_than_the_mtu_arrives_whole(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    value = bytes(n % 251 for n in range(512))
    await client.write_gatt_char("2a2b", value, response=True)
    assert bytes.fromhex(await ward("value", bed, what="setting")) == value


@pytest.mark.parametrize("code", ATT_CODES)
async def test_an_att_error_of_a_write_reaches_the_caller(
    ward: WardProcess, client: BleakClient, bed: str, code: int
) -> None:
    await ward("refuse", bed, code=code)
    with pytest.raises(BleakGATTProtocolError) as refused:
        await client.write_gatt_char("2a2b", b"DATA", response=True)
    assert refused.value.code == code


async def test_a_write_without_response_arrives(ward: WardProcess, client: BleakClient, bed: str) -> None:
    await client.write_gatt_char("2a52", b"DATA", response=False)

    async def arrived() -> bool:
        return await ward("value", bed, what="command") == b"DATA".hex()

    await until(arrived)


async def test_a_write_without_response_that_does_not_fit_is_refused(client: BleakClient) -> None:
    await client.write_gatt_char("2a52", bytes(244), response=False)
    with pytest.raises(BleakError, match="at most 244"):
        await client.write_gatt_char("2a52", bytes(245), response=False)


async def test_a_descriptor_is_read_and_written(client: BleakClient) -> None:
    value = client.services.get_characteristic("2a29")
    assert value
    description, unit = value.get_descriptor("2901"), value.get_descriptor("2904")
    assert description
    assert unit
    assert await client.read_gatt_descriptor(description) == "Messwert α".encode()
    assert await client.read_gatt_descriptor(unit) == bytes.fromhex("0400ad27010000")
    await client.write_gatt_descriptor(description, b"Value")
    assert await client.read_gatt_descriptor(description, use_cached=True) == "Messwert α".encode()
    assert await client.read_gatt_descriptor(description) == b"Value"


async def test_writing_a_read_only_descriptor_is_refused(client: BleakClient) -> None:
    value = client.services.get_characteristic("2a29")
    assert value
    unit = value.get_descriptor("2904")
    assert unit
    with pytest.raises(BleakGATTProtocolError) as refused:
        await client.write_gatt_descriptor(unit, b"\x00")
    assert refused.value.code == 0x03


async def test_what_is_not_declared_readable_or_writeable_is_refused(client: BleakClient) -> None:
    with pytest.raises(BleakGATTProtocolError) as refused:
        await client.read_gatt_char("2a37")
    assert refused.value.code == 0x02  # Read Not Permitted
    with pytest.raises(BleakGATTProtocolError) as refused:
        await client.write_gatt_char("2a29", b"", response=True)
    assert refused.value.code == 0x03  # Write Not Permitted


async def test_a_notification_that_does_not_fit_the_mtu_is_an_error_and_never_cut(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    values = await collect(client, "2a37")
    await ward("notify", bed, what="rate", values=["00" * 244])
    with pytest.raises(AssertionError, match="at most 244"):
        await ward("notify", bed, what="rate", values=["00" * 245])
    await until(lambda: values == [bytes(244)])


async def test_notifications_arrive_in_order_until_stopped(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    values = await collect(client, "2a37")
    sent = [n.to_bytes(2, "big") for n in range(200)]
    assert await ward("notify", bed, what="rate", values=[v.hex() for v in sent]) == 200
    await until(lambda: len(values) == 200)
    assert values == sent
    await client.stop_notify("2a37")
    assert await ward("notify", bed, what="rate", values=["ff"]) == 0
    await client.read_gatt_char("2a29")
    assert values == sent


async def test_indications_are_confirmed_and_arrive(ward: WardProcess, client: BleakClient, bed: str) -> None:
    values = await collect(client, "2a1c")
    assert await ward("indicate", bed, what="temperature", values=["01", "02"]) == 2
    assert values == [b"\x01", b"\x02"]
    await client.stop_notify("2a1c")
    assert await ward("indicate", bed, what="temperature", values=["03"]) == 0


async def test_an_indication_ends_unconfirmed_when_its_central_is_lost(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    values = await collect(client, "2a1c")
    indicating = asyncio.create_task(ward("indicate", bed, what="temperature", values=["01"] * 5000))
    await until(lambda: len(values) > 10)
    await ward("lose", bed)
    confirmed = await asyncio.wait_for(indicating, DEADLINE_S)
    assert 10 < confirmed < 5000


async def test_subscribing_really_writes_the_cccd(ward: WardProcess, client: BleakClient, bed: str) -> None:
    for uuid, what, bits in (("2a37", "rate", 1), ("2a1c", "temperature", 2)):
        characteristic = client.services.get_characteristic(uuid)
        assert characteristic
        cccd = characteristic.get_descriptor("2902")
        assert cccd
        for subscribed in (True, False):
            await (client.start_notify(uuid, lambda *_: None) if subscribed else client.stop_notify(uuid))
            assert await ward("subscribed", bed, what=what) is subscribed
            assert await client.read_gatt_descriptor(cccd) == bytes([bits if subscribed else 0, 0])
        with pytest.raises(ValueError, match="CCCD"):
            await client.write_gatt_descriptor(cccd, b"\x01\x00")


async def test_several_subscriptions_do_not_mix(ward: WardProcess, client: BleakClient, bed: str) -> None:
    rate, level = await collect(client, "2a37"), await collect(client, "2a19")
    temperature = await collect(client, "2a1c")
    await asyncio.gather(
        ward("notify", bed, what="rate", values=["01"] * 50),
        ward("notify", bed, what="level", values=["02"] * 50),
        ward("indicate", bed, what="temperature", values=["03"] * 50),
    )
    await until(lambda: (len(rate), len(level), len(temperature)) == (50, 50, 50))
    assert (set(rate), set(level), set(temperature)) == ({b"\x01"}, {b"\x02"}, {b"\x03"})
    await client.stop_notify("2a37")
    await ward("notify", bed, what="level", values=["04"])
    await until(lambda: level[-1] == b"\x04")


async def test_a_coroutine_may_be_the_notification_callback(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    values: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    async def received(characteristic: BleakGATTCharacteristic, data: bytearray) -> None:
        await values.put((characteristic.uuid, bytes(data)))

    await client.start_notify("2a37", received)
    await ward("notify", bed, what="rate", values=["2a"])
    assert await values.get() == (normalize_uuid_str("2a37"), b"\x2a")


async def test_an_error_in_a_callback_keeps_no_indication_from_being_confirmed(
    ward: WardProcess, client: BleakClient, bed: str
) -> None:
    raised: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(str(context)))

    def fail(*_: object) -> None:
        raise ValueError("broken callback")

    await client.start_notify("2a1c", fail)
    assert await ward("indicate", bed, what="temperature", values=["01", "02"]) == 2
    await until(lambda: len(raised) == 2)


async def test_subscribing_twice_or_to_what_cannot_notify_is_refused(client: BleakClient) -> None:
    await client.start_notify("2a37", lambda *_: None)
    with pytest.raises(BleakError, match="already"):
        await client.start_notify("2a37", lambda *_: None)
    with pytest.raises(BleakError, match="neither"):
        await client.start_notify("2a29", lambda *_: None)
    with pytest.raises(BleakError, match="not subscribed"):
        await client.stop_notify("2a19")


async def test_a_reconnected_client_gets_each_notification_once(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    client = radio.client(await radio.find(bed))
    for round_number in range(3):
        await client.connect()
        values = await collect(client, "2a37")
        sent = [bytes([round_number, n]).hex() for n in range(20)]
        assert await ward("notify", bed, what="rate", values=sent) == 20
        await until(lambda values=values: len(values) >= 20)
        await client.read_gatt_char("2a29")
        assert [v.hex() for v in values] == sent
        await ward("lose", bed)
        await until(lambda: not client.is_connected)
        await ward("back", bed)


async def test_a_new_connection_starts_without_subscriptions(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    device = await radio.find(bed)
    async with radio.client(device) as client:
        await client.start_notify("2a37", lambda *_: None)
        assert await ward("subscribed", bed, what="rate")
    async with radio.client(device):
        assert not await ward("subscribed", bed, what="rate")


async def test_an_answer_given_up_is_not_taken_for_the_next_one(client: BleakClient) -> None:
    for _ in range(20):
        reading = asyncio.create_task(client.read_gatt_char("2a29"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reading.cancel()
        assert await client.read_gatt_char("2a2b") == b"\x00"
