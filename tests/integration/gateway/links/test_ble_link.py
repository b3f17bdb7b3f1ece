"""The BLE link on the virtual radio: devices are found, lost, bonded, wrong, never in each other's way."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.codecs import Host, Said, battery, device_information, heart_rate
from devices.codecs.gatt import uuid16
from devices.codecs.heart_rate import HeartRate
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.ble import BleDeviceLink, BleRadio
from gateway.links.ble_discovery import discover
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from tests.integration.gateway.links.conftest import IMPATIENT
from tests.support.links import Heard, running
from tests.support.radio import WardProcess, new_address
from tests.support.radio import until as radio_until
from tests.support.waiting import until

ABSENT, MANUFACTURER = uuid16(0x2AFF), uuid16(0x2A29)
RATE = BleCharacteristic(heart_rate.MEASUREMENT, heart_rate.HeartRateCodec)
BATTERY = BleCharacteristic(battery.LEVEL, battery.BatteryCodec, read=True)
SECRET = BleCharacteristic(uuid16(0x2A60), heart_rate.HeartRateCodec)
READ_ONLY = BleCharacteristic(MANUFACTURER, device_information.CODECS[MANUFACTURER], read=True)


def strap(*characteristics: BleCharacteristic, bond: bool = False) -> Profile:
    link = BleLink(heart_rate.SERVICE, "BED", characteristics or (RATE, BATTERY), bond)
    return Profile("strap", "Ward Ltd", "Strap", "these tests", ("hr",), link, Evidence.UNVERIFIED)


@dataclass
class Bed:
    """A peripheral of the ward process, and the gateway's link to it."""

    ward: WardProcess
    radio: BleRadio
    name: str
    address: str
    heard: Heard

    async def on(self) -> "Bed":
        await self.ward("add", self.name, address=self.address, advertises=["180d"], interval_ms=30)
        return self

    def link(self, profile: Profile | None = None) -> BleDeviceLink:
        device = DeviceConfig(id="strap-1", profile="polar-h10", address=self.address.lower())
        return BleDeviceLink(device, profile or strap(), SystemClock(), self.heard, self.radio)

    async def beat(self, *rates: int, what: str = "rate") -> None:
        """Send the rates, and wait until they are readings."""
        before = len(self.heard.values("hr"))
        values = [HeartRate(rate).encode().hex() for rate in rates]
        assert await self.ward("notify", self.name, what=what, values=values) == len(rates)
        await until(lambda: len(self.heard.values("hr")) >= before + len(rates), "the rates are heard")


async def until_connected(bed: Bed, connected: bool) -> None:
    async def met() -> bool:
        return (await bed.ward("security", bed.name))["connected"] is connected

    await radio_until(met)


@pytest.fixture
async def bed(ward: WardProcess, radio: BleRadio) -> AsyncIterator[Bed]:
    made = Bed(ward, radio, *new_address(), Heard())
    yield made


@pytest.fixture
async def other(ward: WardProcess, radio: BleRadio) -> AsyncIterator[Bed]:
    made = await Bed(ward, radio, *new_address(), Heard()).on()
    yield made
    await ward("lose", made.name)


async def test_notifications_become_readings_in_order(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await bed.heard.until_presence("connected")
        await bed.beat(*range(60, 90))
    assert bed.heard.values("hr") == list(range(60, 90))


async def test_what_the_profile_reads_is_delivered_after_the_connection_is_told(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await until(lambda: bed.heard.events(EventKind.BATTERY), "the battery was read")
    kinds = [event.kind for event in bed.heard.events(EventKind.CONNECTED, EventKind.BATTERY)]
    assert kinds == [EventKind.CONNECTED, EventKind.BATTERY]
    assert bed.heard.events(EventKind.BATTERY)[0].detail["percent"] == 100


async def test_the_signal_is_told_from_the_advertisement_and_not_too_often(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await bed.heard.until_presence("connected")
    assert [event.detail for event in bed.heard.events(EventKind.LINK)] == [{"rssi": -50}]


async def test_reconnections_give_nothing_twice(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        for start in (60, 80, 100, 120):
            await bed.heard.until_presence("connected")
            await bed.beat(*range(start, start + 10))
            await bed.ward("lose", bed.name)
            await until(lambda: bed.heard.presence[-1] != "connected", "the loss is seen")
            await bed.ward("back", bed.name)
        await bed.heard.until_presence("connected")
        await bed.beat(200)
    expected = [rate for start in (60, 80, 100, 120) for rate in range(start, start + 10)]
    assert bed.heard.values("hr") == [*expected, 200]
    assert bed.heard.presence.count("connected") == 5
    assert "link-lost" in bed.heard.presence


async def test_a_device_that_is_switched_off_is_lost_then_away_then_back(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await bed.heard.until_presence("connected")
        await bed.ward("power_off", bed.name)
        await bed.heard.until_presence("not-heard")
        await bed.ward("back", bed.name)
        await bed.heard.until_presence("connected")
    assert bed.heard.presence == ["connected", "link-lost", "not-heard", "connected"]


async def test_a_device_that_appears_late_is_connected(bed: Bed) -> None:
    async with running(bed.link()):
        await bed.heard.until_presence("not-heard")
        await bed.on()
        await bed.heard.until_presence("connected")
        await bed.beat(70)
    assert bed.heard.presence == ["not-heard", "connected"]


async def test_a_wrong_address_is_said_once_with_the_remedy(bed: Bed, other: Bed) -> None:
    async with running(bed.link(), other.link()):
        await bed.heard.until_presence("not-heard")
        await other.heard.until_presence("connected")
        await other.beat(70)
    assert bed.heard.presence == ["not-heard"]
    assert "`address`" in bed.heard.message("not-heard")


async def test_one_that_dies_disturbs_no_other(bed: Bed, other: Bed) -> None:
    await bed.on()
    async with running(bed.link(), other.link()):
        await bed.heard.until_presence("connected")
        await other.heard.until_presence("connected")
        await bed.ward("lose", bed.name)
        for rate in range(60, 80):
            await other.beat(rate)
        await bed.heard.until_presence("not-heard")
        await other.beat(80)
    assert other.heard.presence == ["connected"]
    assert other.heard.values("hr") == list(range(60, 81))


async def test_a_bonded_device_is_paired_and_encrypted_again_after_a_loss(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link(strap(SECRET, bond=True))):
        for rate in (70, 71):
            await bed.heard.until_presence("connected")
            assert (await bed.ward("security", bed.name))["encrypted"]
            await bed.beat(rate, what="secret")
            await bed.ward("lose", bed.name)
            await until(lambda: bed.heard.presence[-1] != "connected", "the loss is seen")
            await bed.ward("back", bed.name)
    assert bed.heard.values("hr") == [70, 71]
    assert [event.detail for event in bed.heard.events(EventKind.CONNECTED)] == [{"pairing": "bonded"}] * 2


async def test_without_a_bond_the_pairing_is_told_as_none(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await bed.heard.until_presence("connected")
        assert not (await bed.ward("security", bed.name))["encrypted"]
    assert bed.heard.events(EventKind.CONNECTED)[0].detail == {"pairing": "none"}


async def test_a_protected_value_without_a_bond_says_that_pairing_is_needed(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link(strap(SECRET))):
        await bed.heard.until_presence("needs-pairing")
    assert "bond=True" in bed.heard.message("needs-pairing")


async def test_a_missing_characteristic_is_said_once_and_tried_again(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link(strap(RATE, BleCharacteristic(ABSENT, battery.BatteryCodec)))):
        await bed.heard.until_presence("missing-characteristic")
        for connected in (False, True, False):  # hung up, tried again, hung up again
            await until_connected(bed, connected)
    assert bed.heard.presence == ["missing-characteristic"]
    assert ABSENT in bed.heard.message("missing-characteristic")


async def test_a_missing_optional_characteristic_is_left_out(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link(strap(RATE, BleCharacteristic(ABSENT, battery.BatteryCodec, optional=True)))):
        await bed.heard.until_presence("connected")
        await bed.beat(70)


async def test_an_optional_characteristic_that_is_refused_is_reported_and_left(bed: Bed) -> None:
    await bed.on()
    secret = BleCharacteristic(SECRET.uuid, SECRET.codec, optional=True)
    async with running(bed.link(strap(RATE, secret))):
        await bed.heard.until_presence("connected")
        await bed.beat(70)
    assert [event.detail["command"] for event in bed.heard.events(EventKind.REFUSED)] == [
        f"open {SECRET.uuid}"
    ]


async def test_a_value_that_can_only_be_read_is_read(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link(strap(RATE, READ_ONLY))):
        await bed.heard.until_presence("connected")
        await until(lambda: bed.heard.events(EventKind.IDENTITY), "its value reached the codec")


async def test_a_call_that_is_not_answered_in_time_is_given_up_and_the_link_tried_again(
    ward: WardProcess, adapter: Adapter
) -> None:
    hasty = BleRadio(*backends(adapter), limits=replace(IMPATIENT, call_s=0.0))
    bed = await Bed(ward, hasty, *new_address(), Heard()).on()
    async with running(bed.link()):
        await bed.heard.until_presence("timeout")
        await until_connected(bed, False)
        await until_connected(bed, True)
    assert bed.heard.presence == ["timeout"]


async def test_a_cancelled_link_hangs_up(bed: Bed) -> None:
    await bed.on()
    async with running(bed.link()):
        await bed.heard.until_presence("connected")
    await until_connected(bed, False)


async def test_a_radio_that_dies_and_returns_is_said_and_used_again(tmp_path: Path) -> None:
    spec = f"unix-server:{tmp_path}/hci"
    first = WardProcess(spec)
    async with Adapter(first.transport) as adapter:
        radio = BleRadio(*backends(adapter), limits=IMPATIENT)
        bed = await Bed(first, radio, *new_address(), Heard()).on()
        async with running(bed.link()):
            await bed.heard.until_presence("connected")
            first.stop()
            await bed.heard.until_presence("no-adapter")
            (tmp_path / "hci").unlink(missing_ok=True)
            bed.ward = WardProcess(spec)
            await bed.on()
            await bed.heard.until_presence("connected")
            await bed.beat(70)
        bed.ward.stop()
    assert "adapter" in bed.heard.message("no-adapter")


async def test_a_host_without_bluetooth_is_said_and_nothing_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    heard = Heard()
    device = DeviceConfig(id="strap-1", profile="polar-h10", address="C0:00:00:00:00:01")
    async with running(BleDeviceLink(device, strap(), SystemClock(), heard, BleRadio(limits=IMPATIENT))):
        await heard.until_presence("no-adapter")


async def test_discovery_tells_which_profiles_fit(ward: WardProcess, radio: BleRadio) -> None:
    _, address = new_address()
    await ward("add", "Polar H10 7", address=address, advertises=["180d"], interval_ms=30)
    found = {device.address: device for device in await discover(radio, 1.0, SystemClock())}
    assert found[address].name == "Polar H10 7"
    assert "polar-h10" in found[address].profiles
    assert found[address].rssi == -50
    await ward("lose", "Polar H10 7")


async def test_discovery_goes_on_beside_a_link_that_is_looking_for_its_device(bed: Bed, other: Bed) -> None:
    async with running(bed.link()):
        found = await discover(bed.radio, 1.0, SystemClock())
        await bed.on()
        await bed.heard.until_presence("connected")
    assert other.address in [device.address for device in found]


class Sayer:
    """A codec that says each value, and counts its characteristic's."""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.STATUS, now, {"said": data.hex()})]

    def data_to_send(self) -> bytes:
        return b""

    def next_timer(self) -> Instant | None:
        return None

    def handle_timer(self, now: Instant) -> list[Said]:
        return []


async def test_a_value_that_its_device_forgets_when_it_is_confirmed_goes_to_disk_at_once(bed: Bed) -> None:
    temperature = BleCharacteristic(uuid16(0x2A1C), Sayer)
    rate = BleCharacteristic(heart_rate.MEASUREMENT, Sayer)
    await bed.on()
    async with running(bed.link(strap(temperature, rate))):
        await bed.heard.until_presence("connected")
        await bed.ward("notify", bed.name, what="rate", values=["01"])
        await until(lambda: len(bed.heard.events(EventKind.STATUS)) == 1, "the notification")
        assert bed.heard.kept_after == []
        await bed.ward("indicate", bed.name, what="temperature", values=["02"])
        await until(lambda: bed.heard.kept_after, "the journal is waited for")
    assert [event.detail["said"] for event in bed.heard.events(EventKind.STATUS)] == ["01", "02"]


class Clockwork(Sayer):
    """A linked codec that writes the host's time to its characteristic, once."""

    def __init__(self, host: Host) -> None:
        self._owed = b"" if host.local_time(Instant(0)) is None else b"\x2a"

    def data_to_send(self) -> bytes:
        owed, self._owed = self._owed, b""
        return owed


async def test_a_linked_codec_knows_its_host_and_writes_to_its_own_characteristic(bed: Bed) -> None:
    command = uuid16(0x2A52)
    written_only = BleCharacteristic(command, subscribe=False)
    link = replace(
        BleLink(heart_rate.SERVICE, "BED", (RATE, written_only)),
        linked=lambda host: {command: Clockwork(host)},
    )
    profile = replace(strap(), link=link)
    bed.heard.host = Host(lambda _: datetime(2026, 1, 1, tzinfo=UTC))
    await bed.on()
    async with running(bed.link(profile)):
        await bed.heard.until_presence("connected")

        async def written() -> bool:
            return await bed.ward("value", bed.name, what="command") == "2a"

        await radio_until(written)


async def test_an_optional_characteristic_that_cannot_be_written_is_reported_and_left(bed: Bed) -> None:
    link = replace(
        BleLink(
            heart_rate.SERVICE,
            "BED",
            (BleCharacteristic(uuid16(0x2A19), optional=True, subscribe=False), RATE),
        ),
        linked=lambda host: {uuid16(0x2A19): Clockwork(host)},
    )
    bed.heard.host = Host(lambda _: datetime(2026, 1, 1, tzinfo=UTC))
    await bed.on()
    async with running(bed.link(replace(strap(), link=link))):
        await until(lambda: bed.heard.events(EventKind.REFUSED), "the refusal")
        await bed.beat(61)
    assert "cannot be written" in str(bed.heard.events(EventKind.REFUSED)[0].detail["message"])
    assert bed.heard.presence == ["connected"]
