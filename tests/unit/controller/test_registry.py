"""Wards, beds, patients, gateways, devices: what can be done, what is refused, what is remembered."""

import pytest

from controller.errors import Conflict, NotFound
from controller.registry import Patient
from devices.errors import BadIdentity
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.messages import Birth, BirthDevice, GatewayState, pack_message
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk

SECOND_MS = 1000


def birth(sender: Sender, bed: str | None) -> bytes:
    return pack_message(
        Birth(sender.journal, "test", (BirthDevice(sender.device, "nonin-xpod", bed, ("hr",)),))
    )


async def test_a_device_is_registered_by_its_first_block_on_the_bed_that_it_names(desk: Desk) -> None:
    await desk.take(Sender(bed="bed-1").block())
    assert desk.registry.devices["ox-1"].gateway == "ward-a"
    assert desk.registry.bed_of("ox-1") == "bed-1"
    assert desk.value()["bed"] == "bed-1"


async def test_a_device_that_names_no_bed_of_ours_is_on_none(desk: Desk) -> None:
    await desk.take(Sender(bed="bed-99").block())
    assert desk.registry.bed_of("ox-1") is None
    assert await desk.rows("SELECT device, bed FROM series") == [("ox-1", None)]


async def test_a_persons_word_is_above_the_gateways(desk: Desk) -> None:
    sender = Sender(bed="bed-1")
    await desk.take(sender.block())
    await desk.registry.assign("ox-1", None, "engineer")
    await desk.take(sender.block())
    await desk.take(birth(sender, "bed-1"), what="birth")
    assert desk.registry.bed_of("ox-1") is None


async def test_a_birth_moves_a_device_that_no_person_placed(desk: Desk) -> None:
    sender = Sender(bed="bed-1")
    await desk.take(sender.block())
    await desk.take(birth(sender, "bed-2"), what="birth")
    assert desk.registry.bed_of("ox-1") == "bed-2"
    assert desk.registry.devices["ox-1"].profile == "nonin-xpod"


async def test_what_was_measured_stays_at_the_bed_where_it_was_measured(desk: Desk) -> None:
    sender = Sender(bed="bed-1")
    second = 1_000_000
    await desk.take(sender.block(reading(60, 10 * second), mono_us=10 * second))
    late = sender.block(reading(61, 11 * second), mono_us=11 * second)
    desk.clock.at_us += 60 * second
    await desk.registry.assign("ox-1", "bed-2", "nurse", move=True)
    await desk.take(sender.block(reading(62, 71 * second), mono_us=71 * second))
    await desk.take(late)
    rows = await desk.rows(
        "SELECT value, bed FROM observation JOIN series ON series.id = series ORDER BY value"
    )
    assert rows == [(60, "bed-1"), (61, "bed-1"), (62, "bed-2")]


async def test_a_patient_is_on_one_bed_and_stays_are_remembered(desk: Desk) -> None:
    ann, ben = Patient("P-1", "Ann"), Patient("P-2", "Ben")
    await desk.registry.admit("bed-1", ann, "nurse")
    with pytest.raises(Conflict, match="bed-1"):
        await desk.registry.admit("bed-2", ann, "nurse")
    await desk.registry.admit("bed-1", ben, "nurse")
    assert desk.registry.beds["bed-1"].patient == ben
    await desk.registry.discharge("bed-1", "nurse")
    assert desk.registry.beds["bed-1"].patient is None
    assert await desk.rows("SELECT identifier, to_ms IS NOT NULL FROM stay ORDER BY id") == [
        ("P-1", 1),
        ("P-2", 1),
    ]


async def test_after_a_restart_no_value_of_the_patient_before_is_shown(desk: Desk, restarted: Desk) -> None:
    await desk.registry.admit("bed-1", Patient("P-1", "Ann"), "nurse")
    await desk.take(Sender(bed="bed-1").block())
    desk.clock.at_us += 1_000_000
    await desk.registry.admit("bed-1", Patient("P-2", "Ben"), "nurse")
    await restarted.load()
    assert restarted.hub.snapshot()["values"] == []


async def test_what_is_not_there_is_named_with_what_is(desk: Desk) -> None:
    with pytest.raises(NotFound, match=r"no bed 'bed-9'; there are: bed-1, bed-2"):
        await desk.registry.discharge("bed-9", "nurse")
    with pytest.raises(NotFound, match="no device"):
        await desk.registry.assign("ox-9", "bed-1", "nurse")
    with pytest.raises(NotFound, match="no ward"):
        await desk.registry.add_bed("bed-3", "w-9", "Bed 3")


async def test_names_are_given_once_and_are_names(desk: Desk) -> None:
    with pytest.raises(Conflict):
        await desk.registry.add_bed("bed-1", "w-1", "again")
    with pytest.raises(BadIdentity):
        await desk.registry.add_ward("Ward 1", "no name")
    with pytest.raises(Conflict, match="controller's own name"):
        await desk.registry.add_gateway("controller", "me")


async def test_a_gateway_is_recorded_once(desk: Desk) -> None:
    await desk.registry.add_gateway("ward-a", "Ward A")
    assert desk.registry.gateways["ward-a"].provisioned
    with pytest.raises(Conflict):
        await desk.registry.add_gateway("ward-a", "again")


async def test_what_another_process_changed_is_seen_by_a_refresh(desk: Desk, restarted: Desk) -> None:
    await restarted.load()
    await desk.registry.add_bed("bed-3", "w-1", "Bed 3")
    await restarted.registry.refresh()
    assert "bed-3" in restarted.registry.beds


async def test_a_device_tells_its_condition(desk: Desk) -> None:
    sender = Sender()
    events = [
        DeviceEvent(EventKind.CONNECTED, Instant(1_000_000_000), {}),
        DeviceEvent(EventKind.BATTERY, Instant(2_000_000_000), {"percent": 80}),
        DeviceEvent(EventKind.LINK, Instant(2_000_000_000), {"rssi": -61}),
        DeviceEvent(EventKind.IDENTITY, Instant(2_000_000_000), {"serial": "7"}),
        DeviceEvent(EventKind.STATUS, Instant(2_000_000_000), {"sensor-off": 1}),
        DeviceEvent(EventKind.BAD_BYTES, Instant(2_000_000_000), {"checksum": 2}),
        DeviceEvent(EventKind.BAD_BYTES, Instant(3_000_000_000), {"checksum": 3, "framing": 1}),
        DeviceEvent(EventKind.BATTERY, Instant(1_000_000_000), {"percent": 90}),
    ]
    await desk.take(sender.block(*events, mono_us=3_000_000))
    [shown] = desk.hub.snapshot()["devices"]
    assert (shown["connected"], shown["battery_percent"], shown["rssi"]) == (True, 80, -61)
    assert shown["identity"] == {"serial": "7"}
    assert shown["status"] == {"sensor-off": 1}
    assert shown["bad"] == {"checksum": 5, "framing": 1}


async def test_a_device_tells_its_own_alarms_until_they_end_or_it_is_lost(desk: Desk) -> None:
    sender = Sender()

    def alarm(at_s: int, code: str, active: int) -> DeviceEvent:
        detail: dict[str, str | int] = {
            "code": code,
            "text": f"{code}!",
            "active": active,
            "priority": "high",
        }
        return DeviceEvent(EventKind.DEVICE_ALARM, Instant(at_s * 1_000_000_000), detail)

    def shown() -> list[str]:
        [device] = desk.hub.snapshot()["devices"]
        return [alarm["text"] for alarm in device["alarms"].values()]

    await desk.take(sender.block(alarm(1, "APNEA", 1), alarm(1, "LEAK", 1), mono_us=2_000_000))
    assert shown() == ["APNEA!", "LEAK!"]
    await desk.take(sender.block(alarm(3, "APNEA", 0), mono_us=4_000_000))
    assert shown() == ["LEAK!"]
    lost = DeviceEvent(EventKind.DISCONNECTED, Instant(5_000_000_000), {"why": "silent"})
    await desk.take(sender.block(lost, mono_us=6_000_000))
    assert shown() == []


async def test_a_gateway_is_online_behind_or_offline(desk: Desk) -> None:
    sender = Sender()

    async def state(*, online: bool, oldest_us: int | None = None, journal: bytes = b"") -> object:
        said = GatewayState(
            online, journal or sender.journal, None, (0,) * 4, (0, 3, 0, 0), (None, oldest_us, None, None)
        )
        await desk.take(pack_message(said), what="state")
        return desk.hub.snapshot()["gateways"][0]["state"]

    assert await state(online=True) == "online"
    assert await state(online=True, oldest_us=60_000_000) == "behind"
    assert desk.hub.snapshot()["gateways"][0]["pending_blocks"] == 3
    assert await state(online=False, journal=b"earlier.") == "behind"
    assert await state(online=False) == "offline"


async def test_a_lost_broker_means_that_no_gateway_is_known_to_be_there(desk: Desk) -> None:
    await desk.take(pack_message(GatewayState(True, b"journal.", None, (0,) * 4)), what="state")
    desk.announcer.broker_lost()
    assert desk.hub.snapshot()["gateways"][0]["state"] == "offline"
