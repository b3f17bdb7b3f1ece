"""Streams by view: cut once for each view, and never another's."""

from typing import Any

import orjson
import pytest

from controller import audience, events
from controller.audience import IDLE_TICKS
from controller.hub import Hub
from controller.live import Place, Value
from controller.view import View
from tests.unit.controller.conftest import TestClock

BEDS = [{"id": f"bed-{n}", "ward": f"w-{n}", "name": f"Bed {n}", "patient": None} for n in (1, 2)]
WARDS = [{"id": f"w-{n}", "name": f"Ward {n}"} for n in (1, 2)]
FIRST, SECOND = View(frozenset({"w-1"})), View(frozenset({"w-2"}))
PLACES = {"ox-1": "bed-1", "ox-2": "bed-2"}


@pytest.fixture
def hub() -> Hub:
    made = Hub(TestClock(), "session")
    made.registry(WARDS, BEDS, PLACES)
    return made


def say(hub: Hub, device: str, value: float = 97) -> None:
    hub.values([Value(device, "spo2", Place(b"", 1, 1), None, value, None, 0)])


async def taken(subscription: events.Subscription) -> list[tuple[str, dict[str, Any]]]:
    """What waits for a reader."""
    subscription.close()
    return [(event.kind, orjson.loads(event.data)) async for event in subscription]


async def test_each_ward_is_told_of_its_own_beds_only(hub: Hub) -> None:
    first, second, whole = hub.subscribe(view=FIRST), hub.subscribe(view=SECOND), hub.subscribe()
    say(hub, "ox-1")
    say(hub, "ox-2")
    for subscription, beds in ((first, {"bed-1"}), (second, {"bed-2"}), (whole, {"bed-1", "bed-2"})):
        (kind, snapshot), *changes = await taken(subscription)
        assert kind == "snapshot"
        assert {bed["id"] for bed in snapshot["beds"]} == beds
        assert {item["bed"] for _, data in changes for item in data["items"]} == beds


async def test_fifty_readers_of_two_wards_cost_two_cuts_an_event(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = [hub.subscribe(view=view) for view in (FIRST, SECOND) for _ in range(25)]
    cuts, shown = [], audience.shown
    monkeypatch.setattr(audience, "shown", lambda *args: cuts.append(args) or shown(*args))
    say(hub, "ox-1")
    assert len(cuts) == 2
    told = [await taken(reader) for reader in readers]
    assert [len(one) for one in told] == [2] * 25 + [1] * 25


async def test_a_patient_who_comes_mid_stream_appears_and_who_leaves_disappears(hub: Hub) -> None:
    broken = View(frozenset({"w-1"}), frozenset({"P1"}))
    reader = hub.subscribe(view=broken)
    lies = {**BEDS[1], "patient": {"identifier": "P1", "name": "One"}}
    hub.registry(WARDS, [BEDS[0], lies], PLACES)
    hub.registry(WARDS, BEDS, PLACES)
    beds = [{bed["id"] for bed in data["beds"]} for _, data in await taken(reader)]
    assert beds == [{"bed-1"}, {"bed-1", "bed-2"}, {"bed-1"}]


async def test_a_device_without_a_bed_is_gone_from_the_wards_that_it_was_not_put_in(hub: Hub) -> None:
    hub.devices({"ox-3": {"connected": True}})
    reader = hub.subscribe(view=FIRST)
    hub.placed({"ox-3": "bed-2"})
    (_, before), (kind, after) = await taken(reader)
    assert "ox-3" in {device["id"] for device in before["devices"]}
    assert kind == "registry"
    assert "ox-3" not in {device["id"] for device in after["devices"]}


async def test_nobody_resumes_in_the_stream_of_another_view(hub: Hub) -> None:
    [snapshot] = [event async for event in _closed(hub.subscribe(view=FIRST))]
    say(hub, "ox-2")
    for view in (SECOND, View()):
        assert [kind for kind, _ in await taken(hub.subscribe(snapshot.id, view))] == ["snapshot"]
    assert await taken(hub.subscribe(snapshot.id, FIRST)) == []


async def test_a_view_that_nobody_reads_costs_nothing_after_a_while(hub: Hub) -> None:
    [snapshot] = [event async for event in _closed(hub.subscribe(view=FIRST))]
    for _ in range(IDLE_TICKS - 1):
        hub.tick()
    assert len(hub._audience._parts) == 1
    hub.tick()
    assert not hub._audience._parts
    assert [kind for kind, _ in await taken(hub.subscribe(snapshot.id, FIRST))] == ["snapshot"]


async def test_a_view_that_is_read_is_kept(hub: Hub) -> None:
    hub.subscribe(view=FIRST)
    for _ in range(IDLE_TICKS + 1):
        hub.tick()
    assert len(hub._audience._parts) == 1


def _closed(subscription: events.Subscription) -> events.Subscription:
    subscription.close()
    return subscription
