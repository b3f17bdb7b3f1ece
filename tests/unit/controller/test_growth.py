"""A controller of many gateways: what one of them tells costs no reading or telling of all."""

import asyncio
import json

from controller.live import Place, Value
from devices.wire.messages import Birth, BirthDevice, GatewayState, pack_message
from tests.support.sender import Sender
from tests.unit.controller.conftest import START_US, Desk


def birth(sender: Sender, *devices: tuple[str, str | None]) -> bytes:
    born = tuple(BirthDevice(device, "nonin-xpod", bed, ("spo2", "pleth")) for device, bed in devices)
    return pack_message(Birth(sender.journal, "test", born))


async def told(desk: Desk, *payloads: bytes, what: str) -> list[tuple[str, list[str]]]:
    """The events (kind, ids of their items) that these messages cause."""
    subscription = desk.hub.subscribe(None)
    await desk.take(*payloads, what=what)
    subscription.close()
    _, *news = [event async for event in subscription]
    items = [json.loads(event.data).get("items", []) for event in news]
    return [(event.kind, [one["id"] for one in some]) for event, some in zip(news, items, strict=True)]


async def test_a_birth_of_new_devices_tells_of_these_alone(desk: Desk) -> None:
    await desk.take(birth(Sender(), ("ox-1", "bed-1")), what="birth")
    events = await told(desk, birth(Sender(), ("ox-2", "bed-1"), ("ox-3", None)), what="birth")
    assert events == [("device", ["ox-2", "ox-3"]), ("device", ["ox-2"])]
    shown = {device["id"]: device["bed"] for device in desk.hub.snapshot()["devices"]}
    assert shown == {"ox-1": "bed-1", "ox-2": "bed-1", "ox-3": None}


async def test_a_birth_that_says_nothing_new_tells_nobody(desk: Desk) -> None:
    first, again = Sender(), Sender()
    await desk.take(birth(first, ("ox-1", "bed-1")), what="birth")
    assert await told(desk, birth(again, ("ox-1", "bed-1")), what="birth") == []


async def test_a_device_that_is_shown_elsewhere_is_a_new_picture_for_everyone(desk: Desk) -> None:
    sender = Sender(bed="bed-1")
    await desk.take(sender.block())
    events = await told(desk, birth(sender, ("ox-1", "bed-2")), what="birth")
    assert [kind for kind, _ in events] == ["device", "registry", "gateway"]
    assert desk.hub.snapshot()["values"] == []


async def test_a_device_that_was_shown_on_no_bed_is_a_new_picture_when_it_is_placed(desk: Desk) -> None:
    await desk.take(birth(Sender(), ("ox-1", None)), what="birth")
    place = Place(b"boot", 0, START_US)
    desk.hub.values([Value("ox-1", "spo2", place, None, 97, None, 0)])
    events = await told(desk, birth(Sender(), ("ox-1", "bed-2")), what="birth")
    assert [kind for kind, _ in events] == ["registry"]
    assert desk.hub.snapshot()["values"][0]["bed"] == "bed-2"


async def test_the_states_of_a_batch_are_one_event(desk: Desk) -> None:
    sender = Sender()
    states = [GatewayState(True, sender.journal, None, (0, n, 0, 0), (0, n, 0, 0)) for n in range(5)]
    await desk.take(sender.block())
    events = await told(desk, *(pack_message(state) for state in states), what="state")
    assert events == [("gateway", ["ward-a"])]
    assert desk.hub.snapshot()["gateways"][0]["pending_blocks"] == 4


async def test_what_was_learned_is_what_a_reading_of_everything_gives(desk: Desk, restarted: Desk) -> None:
    one, other = Sender(bed="bed-1"), Sender("ward-b", "ox-2", "bed-2")
    await desk.take(one.block())
    await desk.take(other.block(), gateway="ward-b")
    await desk.take(birth(one, ("ox-1", "bed-2"), ("ox-3", "bed-1"), ("ox-4", None)), what="birth")
    await desk.take(birth(one, ("ox-1", "bed-1")), what="birth")
    await restarted.load()
    for what in ("gateways", "devices", "_assignments"):
        assert getattr(desk.registry, what) == getattr(restarted.registry, what), what
    assert len(desk.registry._assignments["ox-1"]) == 3


async def test_nothing_is_forgotten_that_is_learned_while_all_is_read(desk: Desk) -> None:
    for number in range(20):
        sender = Sender(device=f"ox-{number}", bed="bed-1")
        reading = asyncio.create_task(desk.registry.load())
        await asyncio.sleep(0)
        await desk.take(sender.block())
        await reading
        assert desk.registry.bed_of(f"ox-{number}") == "bed-1"
