"""The bridge: what a vehicle publishes becomes events, and what it is asked leaves byte for byte."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.vda5050.bridge import HEARD, MOST_BYTES, Bridge, Presence, address_of, outgoing
from devices.codecs.vda5050.errors import BadField, BadTopic, Vda5050Error
from devices.codecs.vda5050.messages import Message, decode, encode, kind_of, topic_of
from devices.codecs.vda5050.presence import Visualization
from devices.codecs.vda5050.state import BatteryState, Error, SafetyState, State, Velocity
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ConnectionState, ErrorLevel, EStop, OperatingMode
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from tests.support.robot import ADDRESS, PREFIX, a_cancel, an_order, connection, state
from tests.support.vda5050_messages import header, made

START = Instant(1_000_000_000)


class Told:
    """A bridge and what it said, at seconds after its start."""

    def __init__(self) -> None:
        self.bridge = Bridge()
        self.bridge.expect(START)
        self.said: list[Said] = []

    def hear(self, message: Message, at_s: float = 0.0, version: Version | None = None) -> list[DeviceEvent]:
        return self.bytes(topic_of(message).value, encode(message, version), at_s)

    def bytes(self, topic: str, payload: bytes, at_s: float = 0.0) -> list[DeviceEvent]:
        said = self.bridge.receive_message(topic, payload, later(START, at_s))
        self.said += said
        return [one for one in said if isinstance(one, DeviceEvent)]

    def timers(self, until_s: float) -> list[DeviceEvent]:
        said: list[Said] = []
        while (due := self.bridge.next_timer()) is not None and due <= later(START, until_s):
            said += self.bridge.handle_timer(due)
        return [one for one in said if isinstance(one, DeviceEvent)]


@pytest.fixture
def told() -> Told:
    return Told()


def kinds(events: list[DeviceEvent]) -> list[EventKind]:
    return [one.kind for one in events]


def of(events: list[DeviceEvent], kind: EventKind) -> list[dict[str, Any]]:
    return [dict(one.detail) for one in events if one.kind == kind]


def test_a_first_state_is_told_whole_with_its_battery(told: Told) -> None:
    events = told.hear(state())
    assert kinds(events) == [EventKind.VEHICLE, EventKind.BATTERY]
    assert events[1].detail == {"percent": 80}
    assert events[0].detail["topic"] == "state"
    assert decode(Topic.STATE, str(events[0].detail["json"]).encode()) == state()


def test_the_message_is_told_as_it_came_compact_and_in_ascii(told: Told) -> None:
    content = json.loads(encode(replace(state(), extra={"größe": [1.50, None, "𝄞"]})))
    [vehicle] = of(told.bytes("state", json.dumps(content, indent=4).encode()), EventKind.VEHICLE)
    assert json.loads(vehicle["json"]) == content
    assert vehicle["json"].isascii()
    assert " " not in vehicle["json"]


def test_where_it_drives_is_told_small_once_a_second_and_the_last_place_always(told: Told) -> None:
    told.hear(state(0.0, 1))
    assert told.hear(state(0.1, 2), 0.3) == []
    assert told.hear(state(0.2, 3, velocity=Velocity(vx=0.0)), 0.6) == []
    assert of(told.timers(1.0), EventKind.VEHICLE_AT) == [
        {
            **{"x_mm": 200, "y_mm": 2000, "theta_mrad": 500, "map": "ward", "localised": 1, "v_mm_s": 0},
            **{"battery_permille": 805, "node": "dock", "sequence": 0, "driving": 0},
        }
    ]
    assert kinds(told.hear(state(0.3, 4), 2.5)) == [EventKind.VEHICLE_AT]
    assert told.timers(10) == []


@pytest.mark.parametrize(
    "change",
    [
        {"order_id": "o-2"},
        {"last_node_id": "A"},
        {"driving": True},
        {"paused": True},
        {"operating_mode": OperatingMode.MANUAL},
        {"errors": (Error(error_type="x", error_level=ErrorLevel.WARNING),)},
        {"battery_state": BatteryState(battery_charge=80.5, charging=True)},
        {"agv_position": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_else_changes_is_told_whole(told: Told, change: dict[str, Any]) -> None:
    told.hear(state(0.0, 1))
    assert EventKind.VEHICLE in kinds(told.hear(state(0.0, 2, **change), 0.1))


def test_what_only_time_and_driving_change_is_not(told: Told) -> None:
    told.hear(state(0.0, 1))
    moved = state(
        5.0, 2, distance_since_last_node=0.7, battery_state=BatteryState(battery_charge=79.9, charging=False)
    )
    assert kinds(told.hear(moved, 1.5)) == [EventKind.BATTERY, EventKind.VEHICLE_AT]


def test_every_half_minute_a_state_is_told_whole(told: Told) -> None:
    for second in range(65):
        told.hear(state(second / 10, second), float(second))
    events = [one for one in told.said if isinstance(one, DeviceEvent)]
    whole = [(one.at - START) // 1_000_000_000 for one in events if one.kind == EventKind.VEHICLE]
    assert whole == [0, 30, 60]
    assert len(of(events, EventKind.VEHICLE_AT)) == 62


def test_a_visualization_tells_the_place_with_the_rest_of_the_last_state(told: Told) -> None:
    position = state(7.5).agv_position
    seen = Visualization(header=header(9), agv_position=position)
    assert told.hear(seen) == []
    told.hear(state())
    [place] = of(told.hear(seen, 1.2), EventKind.VEHICLE_AT)
    assert (place["x_mm"], place["node"], place["battery_permille"]) == (7500, "dock", 805)
    assert "v_mm_s" not in place


def test_one_that_does_not_know_where_it_is_says_so(told: Told) -> None:
    told.hear(state(agv_position=None))
    [place] = of(told.hear(state(agv_position=None), 1.5), EventKind.VEHICLE_AT)
    assert place["localised"] == 0
    assert "x_mm" not in place


def test_conditions_begin_and_end_as_those_of_any_device(told: Told) -> None:
    told.hear(state())
    stopped = SafetyState(e_stop=EStop.MANUAL, field_violation=True)
    fatal = (Error(error_type="drive", error_level=ErrorLevel.FATAL),)
    mode = OperatingMode.MANUAL
    events = told.hear(state(operating_mode=mode, safety_state=stopped, errors=fatal), 1)
    assert of(events, EventKind.STATUS) == [
        {"emergency-stop": 1},
        {"fatal-error": 1},
        {"field-violation": 1},
        {"not-automatic": 1},
    ]
    assert len(of(told.hear(state(), 2), EventKind.STATUS)) == 4
    broken = told.hear(connection(ConnectionState.CONNECTIONBROKEN), 3)
    assert of(broken, EventKind.STATUS) == [{"link-broken": 1}]
    assert of(told.hear(connection(ConnectionState.ONLINE), 4), EventKind.STATUS) == [{"link-broken": 0}]


def test_its_connection_and_its_factsheet_are_told_when_they_change(told: Told) -> None:
    sheet = made(kind_of(Topic.FACTSHEET), Version.V2_1, 5)
    for number in range(2):
        events = told.hear(connection(ConnectionState.ONLINE, number)) + told.hear(sheet)
        assert [one["topic"] for one in of(events, EventKind.VEHICLE)] == ["connection", "factsheet"][
            : 2 - 2 * number
        ]


def test_it_is_there_by_its_states_and_gone_by_its_word_its_will_or_its_silence(told: Told) -> None:
    bridge = told.bridge
    assert bridge.presence is Presence.UNKNOWN
    told.hear(connection(ConnectionState.ONLINE))
    told.hear(state(), 1)
    assert bridge.presence is Presence.THERE
    told.timers(31.9)
    assert bridge.presence is Presence.THERE
    told.timers(32.1)
    assert bridge.presence is Presence.SILENT
    told.hear(state(), 40)
    assert bridge.presence is Presence.THERE
    for gone, presence in [
        (ConnectionState.OFFLINE, Presence.OFFLINE),
        (ConnectionState.CONNECTIONBROKEN, Presence.LINK_BROKEN),
    ]:
        told.hear(connection(gone), 41)
        told.hear(state(), 42)  # one that was under way
        assert bridge.presence is presence
    told.hear(connection(ConnectionState.HIBERNATING), 43, Version.V3_0)
    assert bridge.presence is Presence.HIBERNATING


def test_one_of_which_nothing_is_ever_heard_is_silent(told: Told) -> None:
    told.timers(32)
    assert told.bridge.presence is Presence.SILENT


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff", "framing"),
        (b"[]", "framing"),
        (b'{"version": "2.1.0"}', "range"),
        (b'{"a": "' + b"x" * MOST_BYTES + b'"}', "length"),
    ],
    ids=["not utf-8", "no object", "no state", "too large"],
)
def test_what_cannot_be_read_is_counted_by_reason_and_changes_nothing(
    told: Told, payload: bytes, reason: str
) -> None:
    told.hear(state())
    assert of(told.bytes("state", payload, 1), EventKind.BAD_BYTES) == [{reason: 1}]
    assert told.bridge.presence is Presence.THERE


@pytest.mark.parametrize("topic", ["order", "instantActions", "responses", "", "√"])
def test_what_is_not_of_a_vehicle_says_nothing(told: Told, topic: str) -> None:
    assert told.bytes(topic, an_order().encode()) == []
    assert told.bytes("connection", b"") == []  # clears what was retained


@settings(max_examples=60, deadline=None)
@given(topic=st.sampled_from(HEARD), version=st.sampled_from(Version), seed=st.integers(0, 2**32))
def test_whatever_a_vehicle_of_any_version_may_say_is_told_unchanged(
    topic: Topic, version: Version, seed: int
) -> None:
    told, message = Told(), made(kind_of(topic), version, seed)
    payload = encode(message, version)
    events = told.bytes(topic.value, payload)
    assert of(events, EventKind.BAD_BYTES) == []
    assert [json.loads(one["json"]) for one in of(events, EventKind.VEHICLE)] == (
        [] if topic is Topic.VISUALIZATION else [json.loads(payload)]
    )
    if isinstance(message, State):
        assert len(of(events, EventKind.BATTERY)) == 1


@pytest.mark.parametrize(("topic", "text"), [("order", an_order()), ("instantActions", a_cancel())])
def test_what_it_is_asked_leaves_byte_for_byte(topic: str, text: str) -> None:
    assert outgoing(ADDRESS, topic, text) == (f"{PREFIX}/{topic}", text.encode())


@pytest.mark.parametrize(
    "change", [{"serialNumber": "AGV-2"}, {"manufacturer": "Other"}, {"version": "3.0.0"}, {"nodes": 5}]
)
def test_an_order_for_another_vehicle_or_none_at_all_does_not_leave(change: dict[str, Any]) -> None:
    with pytest.raises(Vda5050Error):
        outgoing(ADDRESS, "order", json.dumps(json.loads(an_order()) | change))


def test_a_vehicle_is_named_by_how_its_topics_begin() -> None:
    assert address_of(PREFIX) == ADDRESS
    for wrong in ("", "uagv/v2/Acme", "uagv/2/Acme/AGV-1", "uagv/v9/Acme/AGV-1", f"{PREFIX}/state"):
        with pytest.raises(BadTopic):
            address_of(wrong)


def test_a_vehicle_that_is_told_of_a_wrong_field_hears_which() -> None:
    with pytest.raises(BadField, match="nodes"):
        outgoing(ADDRESS, "order", json.dumps(json.loads(an_order()) | {"nodes": 5}))
