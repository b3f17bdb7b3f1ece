"""A vehicle of VDA 5050 as a device: what it publishes becomes events; what it is asked, its topics' bytes.

    bridge = Bridge()
    said = bridge.receive_message("state", payload, now)
    bridge.presence                                  # whether it is there, as far as is known
    outgoing(address, "order", text)                 # (MQTT topic, payload): raises Vda5050Error

A state is told whole (VEHICLE) where anything but pose, speed and battery is another than in the last one
that was, and every half minute; else where the vehicle is (VEHICLE_AT), once a second at the most, but the
last one always. STATUS: emergency-stop, field-violation, fatal-error, not-automatic, link-broken. What cannot
be read is counted: `length` (too large), `framing` (not JSON), `range` (not as the standard says).
"""

import json
from dataclasses import replace
from enum import StrEnum

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.vda5050.action import InstantActions
from devices.codecs.vda5050.errors import BadField, BadTopic, TooLarge, Vda5050Error
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.json_text import parse
from devices.codecs.vda5050.messages import Message, decode
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.place import place_of
from devices.codecs.vda5050.presence import Connection, Visualization
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Address, Topic
from devices.codecs.vda5050.topics import parse as parse_topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ConnectionState, ErrorLevel, EStop, OperatingMode
from devices.model.observation import DeviceEvent, EventKind, Instant, later

HEARD = (Topic.CONNECTION, Topic.STATE, Topic.VISUALIZATION, Topic.FACTSHEET)
"""What a vehicle publishes and is listened to."""
MOST_BYTES = 160_000
"""Of a message, compact: with what else is in its block it is no more than a message of ours may be."""
_WHOLE_S, _PLACE_S = 30.0, 1.0
_LATE_S = 1.0
"""How late a state may be where the factsheet does not say how often they come. The standard's longest time
between two is 30 s (2.1.0, 6.10.1; 3.0.0, 6.6)."""
_NOBODY = Header(header_id=0, timestamp="1970-01-01T00:00:00Z", version="", manufacturer="", serial_number="")


class Presence(StrEnum):
    """Whether a vehicle is there; if not, the code of DISCONNECTED."""

    UNKNOWN = "unknown"
    THERE = "there"
    OFFLINE = "offline"
    HIBERNATING = "hibernating"
    LINK_BROKEN = "link-broken"
    SILENT = "silent"


_GONE = {
    ConnectionState.OFFLINE: Presence.OFFLINE,
    ConnectionState.HIBERNATING: Presence.HIBERNATING,
    ConnectionState.CONNECTIONBROKEN: Presence.LINK_BROKEN,
}


class Bridge:
    """One vehicle, from the connection to its broker on. `longest_s`: how far two states may be apart."""

    def __init__(self, longest_s: float = 30.0) -> None:
        self._longest_s = longest_s
        self._bad = BadByteCounter()
        self._conditions = Conditions()
        self._connection: Connection | None = None
        self._factsheet: Factsheet | None = None
        self._state: State | None = None
        self._told: State | None = None
        """The last one that was told whole, without what does not count."""
        self._whole_due, self._place_due = Instant(0), Instant(0)
        self._place: DeviceEvent | None = None
        """Where it is, to be told when that is due."""
        self._percent: int | None = None
        self._silent_at: Instant | None = None
        self._is_silent = False

    @property
    def presence(self) -> Presence:
        """Whether it is there. Its states count unless the vehicle, or its will, said that it went."""
        gone = _GONE.get(self._connection.connection_state) if self._connection else None
        if gone or self._is_silent:
            return gone or Presence.SILENT
        return Presence.UNKNOWN if self._state is None else Presence.THERE

    def expect(self, now: Instant) -> None:
        """From `now` on it is listened to: one that tells no state for too long is silent."""
        sheet = self._factsheet
        usual = sheet.protocol_limits.timing.default_state_interval if sheet else None
        patience_s = self._longest_s + min(usual or _LATE_S, self._longest_s)
        self._is_silent, self._silent_at = False, later(now, patience_s)

    def receive_message(self, topic: str, payload: bytes, now: Instant) -> list[Said]:
        """Take what it published: `topic` is the last level of its topic."""
        said: list[Said] = []
        try:
            if payload and topic in HEARD:  # an empty one only clears what was retained
                compact = _compact(payload)
                said = self._hear(Topic(topic), decode(Topic(topic), payload), compact, now)
        except Vda5050Error as error:
            self._bad.count(_reason(error))
        return [*said, *self._bad.told(now)]

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """See `Codec`: a message as the last level of its topic, a space, and the payload."""
        topic, _, payload = data.partition(b" ")
        return self.receive_message(topic.decode("latin-1"), payload, now)

    def data_to_send(self) -> bytes:
        """Nothing: a vehicle is told only what its master says."""
        return b""

    def next_timer(self) -> Instant | None:
        """When a place is to be told, or counted messages, or the vehicle counts as silent."""
        place = None if self._place is None else self._place_due
        dues = (place, self._bad.due(), self._silent_at)
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """See `next_timer`."""
        if self._silent_at is not None and now >= self._silent_at:
            self._is_silent, self._silent_at = True, None
        return [*self._placed(now), *self._bad.told(now)]

    def _hear(self, topic: Topic, message: Message, compact: str, now: Instant) -> list[Said]:
        match message:
            case Connection():
                return self._connected(message, compact, now)
            case State():
                return self._stated(message, compact, now)
            case Visualization():
                return self._seen(message, now)
            case Factsheet() if message != self._factsheet:
                self._factsheet = message
                return [_vehicle(topic, compact, now)]
            case _:
                return []

    def _connected(self, message: Connection, compact: str, now: Instant) -> list[Said]:
        before, self._connection = self._connection, message
        if before and before.connection_state == message.connection_state:
            return []
        return [_vehicle(Topic.CONNECTION, compact, now), *self._conditions.become(self._names(), now)]

    def _stated(self, state: State, compact: str, now: Instant) -> list[Said]:
        self._state = state
        self.expect(now)
        about = [*self._conditions.become(self._names(), now), *self._battery(state, now)]
        lasting = _lasting(state)
        if lasting == self._told and now < self._whole_due:
            self._place = place_of(state, state, now)
            return [*about, *self._placed(now)]
        self._told, self._whole_due = lasting, later(now, _WHOLE_S)
        self._place, self._place_due = None, later(now, _PLACE_S)
        return [_vehicle(Topic.STATE, compact, now), *about]

    def _seen(self, seen: Visualization, now: Instant) -> list[Said]:
        if self._state is None:
            return []
        self._place = place_of(seen, self._state, now)
        return [*self._placed(now)]

    def _placed(self, now: Instant) -> list[DeviceEvent]:
        """Where it is, if that is due."""
        place = self._place
        if place is None or now < self._place_due:
            return []
        self._place, self._place_due = None, later(now, _PLACE_S)
        return [place]

    def _battery(self, state: State, now: Instant) -> list[DeviceEvent]:
        percent = int(state.battery_state.battery_charge)
        if percent == self._percent:
            return []
        self._percent = percent
        return [DeviceEvent(EventKind.BATTERY, now, {"percent": percent})]

    def _names(self) -> list[str]:
        """The conditions that are true."""
        broken = self.presence is Presence.LINK_BROKEN
        state = self._state
        if state is None:
            return ["link-broken"] if broken else []
        truths = {
            "link-broken": broken,
            "emergency-stop": state.safety_state.e_stop is not EStop.NONE,
            "field-violation": state.safety_state.field_violation,
            "fatal-error": any(one.error_level is ErrorLevel.FATAL for one in state.errors),
            "not-automatic": state.operating_mode is not OperatingMode.AUTOMATIC,
        }
        return [name for name, is_true in truths.items() if is_true]


def address_of(text: str) -> Address:
    """The vehicle whose topics begin so: INTERFACE/v2/MANUFACTURER/SERIAL. Raises BadTopic."""
    return parse_topic(f"{text}/{Topic.STATE}")[0]


def outgoing(address: Address, topic: str, text: str) -> tuple[str, bytes]:
    """The MQTT topic and the bytes of an order or of instant actions, as they came, for the vehicle there.

    Raises Vda5050Error: it is no such message, or not for this vehicle, or in another version.
    """
    payload = text.encode()
    message = decode(Topic(topic), payload)
    assert isinstance(message, Order | InstantActions)
    header = message.header
    wanted = address.major, address.manufacturer, address.serial_number
    got = Version.of(header.version).major, header.manufacturer, header.serial_number
    if got != wanted:
        raise BadTopic(f"expected a message for the vehicle {wanted}, got one for {got}")
    return address.topic(Topic(topic)), payload


def _compact(payload: bytes) -> str:
    """The same message in ASCII without blanks. Raises NotJson, TooLarge."""
    text = json.dumps(parse(payload, 1024 * 1024), separators=(",", ":"))
    if len(text) > MOST_BYTES:
        raise TooLarge(f"expected at most {MOST_BYTES} characters of JSON, got {len(text)}")
    return text


def _vehicle(topic: Topic, compact: str, now: Instant) -> DeviceEvent:
    return DeviceEvent(EventKind.VEHICLE, now, {"topic": topic.value, "json": compact})


def _lasting(state: State) -> State:
    """Without what changes as the vehicle drives and time goes by."""
    position, battery = state.agv_position, state.battery_state
    still = {"x": 0.0, "y": 0.0, "theta": 0.0, "localization_score": None, "deviation_range": None}
    same = {"battery_voltage": None, "battery_current": None, "battery_health": None, "reach": None}
    return replace(
        state,
        header=_NOBODY,
        velocity=None,
        distance_since_last_node=None,
        planned_path=None,
        intermediate_path=None,
        agv_position=position and replace(position, **still),
        battery_state=replace(battery, battery_charge=0.0, **same),
    )


def _reason(error: Vda5050Error) -> str:
    match error:
        case TooLarge():
            return "length"
        case BadField():
            return "range"
        case _:
            return "framing"
