"""The serial robot base as a vehicle of VDA 5050: its codec, with the vehicle's core inside.

    codec = RobotVehicle(host, Wheeled("robot-2", 300))
    said = codec.receive_data(data, now)           # the base's own readings, and those of the vehicle
    codec.order("order", text, now)                # a message of the master

It drives only while the base answers: after half a second without a state no speed is sent any more, and the
base stops by itself half a second later. It begins anew with each connection, without an order: until a
person says where it stands (initPosition) it is not automatic and takes none. A bumper that is hit while it
drives latches the emergency stop.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from devices.codecs import Host, Said, Wheeled
from devices.codecs.robot_base import RobotBase
from devices.codecs.robot_sheet import MANUFACTURER, VERSION, sheet
from devices.codecs.robot_wheels import Wheels
from devices.codecs.vda5050.bridge import Bridge, outgoing
from devices.codecs.vda5050.header import Header, timestamp_of
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.presence import Visualization
from devices.codecs.vda5050.state import AgvPosition, Error, Info, State
from devices.codecs.vda5050.topics import Address, Topic
from devices.codecs.vda5050.vehicle import Identity, Vehicle
from devices.codecs.vda5050.words import ConnectionState, ErrorLevel, InfoLevel, OperatingMode
from devices.model.observation import DeviceEvent, EventKind, Instant, later

_DOUBT_S, _GONE_S = 0.5, 5.0
"""Without a state of the base for so long: it is not driven; and its line is taken for pulled out."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_GAUGE = Info(
    info_type="noBatteryGauge",
    info_description="This base does not measure its battery: batteryCharge says nothing.",
    info_level=InfoLevel.INFO,
)


class RobotVehicle:
    """See `Codec`."""

    def __init__(self, host: Host, wheeled: Wheeled) -> None:
        self._host = host
        self._line = RobotBase()
        wheel_base_m = wheeled.wheel_base_mm / 1000
        self._wheels = Wheels(self._line, wheel_base_m)
        identity = Identity(MANUFACTURER, wheeled.serial_number, VERSION)
        self._vehicle = Vehicle(identity, self._wheels, sheet(wheeled.serial_number, wheel_base_m))
        self._address = Address("wardlink", VERSION.major, MANUFACTURER, wheeled.serial_number)
        self._bridge = Bridge()
        self._is_introduced = False
        self._seen: AgvPosition | None = None
        self._heard: Instant | None = None
        self._is_sure = False
        """Whether the base was heard a moment ago."""
        self._waiting: list[Said] = []
        host.robots[:] = [self]

    def order(self, topic: str, text: str, now: Instant) -> bool:
        """Take this message of the master; False: it is not taken, for the base is not heard, or the time is
        not known. Instant actions (cancel, pause) wait for the base a little longer than an order does.

        Raises Vda5050Error. What the vehicle makes of it, its next state tells.
        """
        _, payload = outgoing(self._address, topic, text)
        utc_us = self._utc_us(now)
        if utc_us is None or not self._is_heard(now, _DOUBT_S if topic == Topic.ORDER else _GONE_S):
            return False
        self._wheels.now = now
        self._vehicle.receive(Topic(topic), payload, utc_us)
        self._waiting += self._told(now)
        return True

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        before = self._line.last
        said = self._line.receive_data(data, now)
        if self._line.last is not None and self._line.last is not before:
            self._heard, self._is_sure = now, True
            if self._wheels.hit():
                self._line.stop()
            self._wheels.sense(self._line.last)
            said += self._turn(now)
        return [*self._waited(), *said]

    def data_to_send(self) -> bytes:
        """What the base is owed."""
        return self._line.data_to_send()

    def next_timer(self) -> Instant | None:
        """The line's, or when the base is not heard any more, or a place is to be told."""
        waiting = Instant(0) if self._waiting else None
        doubt = later(self._heard, _DOUBT_S) if self._heard is not None and self._is_sure else None
        dues = (self._line.next_timer(), self._bridge.next_timer(), doubt, waiting)
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """See `next_timer`."""
        if not self._is_heard(now, _DOUBT_S):
            self._is_sure = False
            self._wheels.rest()
        return [*self._waited(), *self._line.handle_timer(now), *self._kept(self._bridge.handle_timer(now))]

    def _is_heard(self, now: Instant, within_s: float) -> bool:
        return self._heard is not None and now < later(self._heard, within_s)

    def _waited(self) -> list[Said]:
        waited, self._waiting = self._waiting, []
        return waited

    def _utc_us(self, now: Instant) -> int | None:
        at = self._host.local_time(now)
        return None if at is None else (at - _EPOCH) // timedelta(microseconds=1)

    def _turn(self, now: Instant) -> list[Said]:
        """The vehicle goes on: with what the base just told, and only then."""
        utc_us = self._utc_us(now)
        if utc_us is None:
            self._wheels.rest()
            return []
        said: list[Said] = []
        if not self._is_introduced:
            self._is_introduced = True
            online = self._vehicle.connection(ConnectionState.ONLINE, utc_us)
            said += self._kept(self._bridge.receive_message(Topic.CONNECTION, online, now))
        placed = self._wheels.pose() is not None
        self._vehicle.operating_mode = OperatingMode.AUTOMATIC if placed else OperatingMode.MANUAL
        self._wheels.now = now
        self._vehicle.tick(utc_us)
        return [*said, *self._told(now), *self._moved(utc_us, now)]

    def _told(self, now: Instant) -> list[Said]:
        """What the core publishes, with what it does not know of this base."""
        said: list[Said] = []
        for topic, payload in self._vehicle.take():
            message = decode(topic, payload, VERSION)
            if isinstance(message, State):
                payload = encode(self._whole(message), VERSION)  # noqa: PLW2901 - the same, with more
            said += self._kept(self._bridge.receive_message(topic, payload, now))
        return said

    def _whole(self, state: State) -> State:
        errors = state.errors
        if state.safety_state.field_violation:
            hint = "Take away what it has hit, and release the stop."
            bumped = Error(error_type="bumper", error_level=ErrorLevel.WARNING, error_hint=hint)
            errors = (*errors, bumped)
        return replace(state, agv_position=self._wheels.position(), errors=errors, information=(_NO_GAUGE,))

    def _moved(self, utc_us: int, now: Instant) -> list[Said]:
        """Where it is, if that has changed."""
        position = self._wheels.position()
        if position == self._seen:
            return []
        self._seen = position
        header = Header(
            header_id=0,
            timestamp=timestamp_of(utc_us),
            version=VERSION.value,
            manufacturer=MANUFACTURER,
            serial_number=self._address.serial_number,
        )
        seen = Visualization(header=header, agv_position=position, velocity=self._wheels.velocity())
        return self._kept(self._bridge.receive_message(Topic.VISUALIZATION, encode(seen, VERSION), now))

    def _kept(self, said: list[Said]) -> list[Said]:
        """Without a battery that nobody measures, and the conditions that the base itself tells."""
        own = EventKind.VEHICLE, EventKind.VEHICLE_AT
        return [one for one in said if isinstance(one, DeviceEvent) and one.kind in own]
