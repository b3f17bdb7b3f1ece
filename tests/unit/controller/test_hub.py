"""The hub: the newest of everything, and a stream that can be resumed and never grows."""

from typing import Any

import orjson

from controller.events import REMEMBERED, REMEMBERED_BYTES, Event
from controller.hub import Hub
from controller.live import AlertNow, Anchored, Place, Value, Wave
from tests.unit.controller.conftest import START_US, TestClock


def hub() -> Hub:
    return Hub(TestClock(), "session")


def value(number: float, at_us: int, boot: bytes = b"boot", metric: str = "hr") -> Value:
    return Value("ox-1", metric, Place(boot, at_us, START_US + at_us), None, number, None, 0)


def alert(at_us: int, *, active: bool) -> AlertNow:
    place = Place(b"boot", at_us, START_US + at_us)
    return AlertNow("ward-a", "ox-1", "low-spo2", place, 3, active, {}, None)


def wave(at_us: int) -> Wave:
    return Wave("ox-1", "pleth", Place(b"boot", at_us, START_US + at_us), 75_000, b"\0\1", 1, 0, 0, None)


def data(event: Event) -> dict[str, Any]:
    return orjson.loads(event.data)


async def events(subject: Hub, last: str | None = None) -> list[Event]:
    """What a reader gets that comes with `last` and leaves when it has all."""
    subscription = subject.subscribe(last)
    subscription.close()
    return [event async for event in subscription]


async def test_a_new_reader_gets_a_snapshot_first() -> None:
    subject = hub()
    subject.values([value(60, 0)])
    [first] = await events(subject)
    assert first.kind == "snapshot"
    assert data(first)["values"][0]["value"] == 60
    assert data(first)["metrics"]["hr"] == {"unit": "/min", "stale_after_s": 10, "physio": [20, 300]}
    assert data(first)["server_ms"] == START_US // 1000


async def test_a_reader_that_comes_back_gets_what_it_missed() -> None:
    subject = hub()
    [first] = await events(subject)
    subject.values([value(60, 0)])
    subject.tick()
    assert [event.kind for event in await events(subject, first.id)] == ["values", "time"]


async def test_a_reader_of_another_session_or_of_nonsense_gets_a_snapshot() -> None:
    subject = hub()
    for last in ("other-1", "session-999", "session-x", "", "-", "session-"):
        assert [event.kind for event in await events(subject, last)] == ["snapshot"]


async def test_a_reader_that_missed_more_than_is_remembered_gets_a_snapshot() -> None:
    subject = hub()
    [first] = await events(subject)
    for _ in range(REMEMBERED + 1):
        subject.tick()
    assert [event.kind for event in await events(subject, first.id)] == ["snapshot"]


async def test_a_reader_that_takes_nothing_is_cut_off() -> None:
    subject = hub()
    subscription = subject.subscribe()
    for _ in range(REMEMBERED + 1):
        subject.tick()
    assert subscription.closed
    assert [event async for event in subscription] == []


def large_waves(subject: Hub, count: int) -> None:
    """Events of a million bytes and more."""
    for number in range(count):
        subject.waves([wave(number)._replace(samples=bytes(750_000))])


async def test_events_are_forgotten_by_their_bytes_too() -> None:
    subject = hub()
    [first] = await events(subject)
    large_waves(subject, REMEMBERED_BYTES // 1_000_000 - 1)
    assert {event.kind for event in await events(subject, first.id)} == {"wave"}
    large_waves(subject, REMEMBERED_BYTES // 1_000_000 - 1)
    assert [event.kind for event in await events(subject, first.id)] == ["snapshot"]


async def test_readers_that_take_nothing_hold_no_more_than_one_does() -> None:
    subject = hub()
    slow = [subject.subscribe() for _ in range(50)]
    large_waves(subject, REMEMBERED_BYTES // 1_000_000 + 1)
    assert all(subscription.closed for subscription in slow)
    for subscription in slow:
        assert [event async for event in subscription] == []


async def test_one_event_larger_than_the_memory_reaches_those_who_read() -> None:
    subject = hub()
    [first] = await events(subject)
    subscription = subject.subscribe(first.id)
    subject.waves([wave(0)._replace(samples=bytes(REMEMBERED_BYTES))])
    subscription.close()
    assert [event.kind async for event in subscription] == ["wave"]


async def test_every_event_says_what_time_the_controller_has() -> None:
    subject = hub()
    subscription = subject.subscribe()
    subject.values([value(60, 0)])
    subject.waves([wave(0)])
    subject.device("ox-1", {"connected": True})
    subject.gateway("ward-a", {"state": "online"})
    subject.alerts([alert(0, active=True)])
    subject.registry([], [], {})
    subscription.close()
    told = [event async for event in subscription]
    assert [event.kind for event in told][1:] == ["values", "wave", "device", "gateway", "alert", "registry"]
    assert all(data(event)["server_ms"] == START_US // 1000 for event in told)


async def test_an_older_value_of_the_same_boot_is_not_sent() -> None:
    subject = hub()
    subject.values([value(60, 5)])
    [first] = await events(subject)
    subject.values([value(50, 4)])
    assert await events(subject, first.id) == []


async def test_of_a_batch_only_the_newest_value_of_a_metric_is_sent() -> None:
    subject = hub()
    [first] = await events(subject)
    subject.values([value(60, 1), value(61, 3), value(62, 2), value(97, 1, metric="spo2")])
    [event] = await events(subject, first.id)
    assert [item["value"] for item in data(event)["items"]] == [61, 97]


async def test_waves_of_a_backlog_are_not_drawn() -> None:
    subject = hub()
    subject.waves([wave(9)])
    [first] = await events(subject)
    subject.waves([wave(5)])
    assert await events(subject, first.id) == []


async def test_an_alert_that_ended_leaves_the_snapshot() -> None:
    subject = hub()
    subject.alerts([alert(1, active=True)])
    assert [item["code"] for item in subject.snapshot()["alerts"]] == ["low-spo2"]
    subject.alerts([alert(2, active=False), alert(0, active=True)])
    assert subject.snapshot()["alerts"] == []


async def test_a_change_that_changes_nothing_is_not_sent() -> None:
    subject = hub()
    subject.device("ox-1", {"rssi": -60})
    [first] = await events(subject)
    subject.device("ox-1", {"rssi": -60})
    assert await events(subject, first.id) == []


async def test_values_carry_the_bed_that_their_device_is_on_now() -> None:
    subject = hub()
    subject.values([value(60, 0)])
    subject.registry([], [], {"ox-1": "bed-1"})
    assert subject.snapshot()["values"][0]["bed"] == "bed-1"


async def test_what_was_measured_on_another_bed_is_not_shown_however_late_it_comes() -> None:
    clock = TestClock()
    subject = Hub(clock, "session")
    subject.registry([], [], {"ox-1": "bed-1"})
    subject.values([value(60, 0)])
    clock.at_us += 10
    subject.registry([], [], {"ox-1": "bed-2"})
    subject.values([value(61, 9)])
    assert subject.snapshot()["values"] == []
    subject.values([value(62, 10)])
    assert [item["value"] for item in subject.snapshot()["values"]] == [62]


async def newest(subject: Hub) -> dict[str, Any]:
    [first] = await events(subject)
    [told] = data(first)["values"]
    return {name: told[name] for name in ("value", "reason", "at_ms", "not_theirs") if name in told}


OWN, ALIEN = value(120, 0), value(150, 2_000_000)
BESIDE = {"value": 150, "at_ms": START_US // 1000 + 2000}


async def test_what_is_somebody_elses_is_told_beside_the_newest_of_the_patient() -> None:
    subject = hub()
    subject.values([ALIEN])
    [first] = await events(subject)
    subject.said([OWN._replace(alien=ALIEN)])
    [change] = await events(subject, first.id)
    assert data(change)["items"][0]["value"] == 120
    assert await newest(subject) == {
        "value": 120,
        "reason": None,
        "at_ms": START_US // 1000,
        "not_theirs": BESIDE,
    }
    subject.said([ALIEN])
    assert (await newest(subject))["value"] == 150
    assert "not_theirs" not in await newest(subject)


async def test_what_is_newer_than_both_stands_alone_and_what_is_between_beside() -> None:
    subject = hub()
    subject.values([ALIEN])
    subject.said([OWN._replace(alien=ALIEN)])
    subject.values([value(110, -1_000_000), ALIEN])
    assert (await newest(subject))["value"] == 120
    subject.values([value(125, 1_000_000)])
    told = await newest(subject)
    assert (told["value"], told["not_theirs"]) == (125, BESIDE)
    subject.values([value(130, 3_000_000)])
    assert await newest(subject) == {"value": 130, "reason": None, "at_ms": START_US // 1000 + 3000}


async def test_where_nothing_is_of_the_patient_there_is_no_number_until_one_comes() -> None:
    subject = hub()
    subject.values([ALIEN])
    subject.said([ALIEN.without_number()._replace(alien=ALIEN)])
    told = await newest(subject)
    assert (told["value"], told["reason"], told["not_theirs"]) == (None, "not-available", BESIDE)
    subject.values([OWN])  # it waited in the box
    told = await newest(subject)
    assert (told["value"], told["not_theirs"]) == (120, BESIDE)


async def test_what_was_read_before_something_newer_came_takes_nothing_back() -> None:
    subject = hub()
    subject.values([ALIEN, value(130, 3_000_000)])
    subject.said([OWN._replace(alien=ALIEN)])
    assert (await newest(subject))["value"] == 130
    other = hub()
    other.said([OWN])
    [first] = await events(other)
    assert data(first)["values"] == []


async def test_both_times_move_when_a_boot_is_known_better() -> None:
    subject = hub()
    subject.device("ox-1", {"gateway": "home-1"})
    subject.values([ALIEN])
    subject.said([OWN._replace(alien=ALIEN)])
    subject.reanchored([Anchored("home-1", b"boot", lambda mono_us: START_US + mono_us - 5_000_000, None)])
    told = await newest(subject)
    assert (told["at_ms"], told["not_theirs"]["at_ms"]) == (
        START_US // 1000 - 5000,
        START_US // 1000 - 3000,
    )
