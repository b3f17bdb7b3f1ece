"""A small robot base on a serial port: bumpers, wheels, load cell, and an emergency stop of its own.

115200 baud, 8N1. Frames: `devices/codecs/node/wire.py`; keys: `robot_base_wire.py`. Nothing here makes it
move but `drive`, whose speeds are sent again five times a second until others are given; the base stops by
itself when it hears none for half a second, at its button, and at its bumpers.

Worked example: the seventh state of boot 3, 1.4 s after it: the button is pressed, so the stop is latched for
the first time (flags 03); 250 mm travelled; at rest; 1200 g. The bytes were put together by hand.

    AB 00 1820 01 07 02 03 04 190578 1820 03 1821 18FA 1822 00 1823 00 1824 1904B0 1825 00 1826 01
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import cbor2

from devices.codecs import Said
from devices.codecs import robot_base_wire as keys
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading, later
from devices.wire.strict import is_int

METRICS = ("odometer", "vehicle_speed")
_U32 = 0xFFFFFFFF
_AGAIN_S = 0.2
_HEAVIEST_G = 1_000_000
_LOAD_STEP_G = 50
"""A load is told again when it has changed by so much."""


@dataclass(frozen=True, slots=True)
class State:
    """What the base tells of itself; speeds in mm/s, backwards negative."""

    sequence: int
    boot: int
    at_ms: int
    flags: int
    travelled_mm: int
    left: int
    right: int
    load_g: int | None
    reason: int
    stops: int
    ways: tuple[int, int] | None = None
    """Millimetres that the left and the right wheel rolled since this boot, backwards is less; None: the
    firmware is too old to tell."""

    @classmethod
    def decode(cls, item: Mapping[object, object]) -> "State":
        """The state in a map. Raises BadBytes."""
        places = (wire.SEQUENCE, wire.BOOT, wire.AT_MS, keys.FLAGS, keys.TRAVELLED, keys.REASON, keys.STOPS)
        numbers = [number for key in places if is_int(number := item.get(key), 0, _U32)]
        speeds = [speed for key in (keys.LEFT, keys.RIGHT) if is_int(speed := item.get(key), -32768, 32767)]
        load = item.get(keys.LOAD)
        if load is not None and not is_int(load, -_HEAVIEST_G, _HEAVIEST_G):
            raise BadBytes("range", f"expected a load in grams or null, got {load}")
        if len(numbers) < len(places) or len(speeds) < 2:
            raise BadBytes("range", f"expected numbers under {places} and two speeds, got {dict(item)}")
        sequence, boot, at_ms, flags, travelled, reason, stops = numbers
        left, right = speeds
        ways = _ways(item.get(keys.LEFT_WAY), item.get(keys.RIGHT_WAY))
        return cls(sequence, boot, at_ms, flags, travelled, left, right, load, reason, stops, ways)

    def conditions(self) -> list[str]:
        """The names of what is true."""
        return [name for bit, name in enumerate(keys.STATES) if self.flags >> bit & 1]


class RobotBase:
    """Gives `odometer`, `vehicle_speed`, STATUS (robot_base_wire.STATES), UNMAPPED `load`, BAD_BYTES."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._conditions = Conditions()
        self._outgoing = b""
        self._speeds: tuple[int, int] | None = None
        self._again: Instant | None = None
        self._number = 0
        self._stops = 0
        self._load: int | NoValue | None = None
        self.last: State | None = None
        """What it told last."""

    @property
    def load_g(self) -> int | None:
        """The load that was told last; None: it is not known."""
        return None if isinstance(self._load, NoValue) else self._load

    def drive(self, left: int, right: int, now: Instant) -> None:
        """From now on these speeds, in mm/s. Raises ValueError for more than the base obeys."""
        if max(abs(left), abs(right)) > keys.FASTEST:
            raise ValueError(f"expected at most {keys.FASTEST} mm/s, got {left} and {right}")
        self._speeds = left, right
        self._repeat(now)

    def rest(self) -> None:
        """Send no speeds any more: the base stops half a second later."""
        self._speeds = self._again = None

    def stop(self) -> None:
        """Latch the base's emergency stop, at once."""
        self.rest()
        self._outgoing += _frame({wire.KIND: keys.STOP})

    def release(self) -> None:
        """End the emergency stop that was told last; a later one stays."""
        self._outgoing += _frame({wire.KIND: keys.RELEASE, keys.STOPS: self._stops})

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for item in self._reader.feed(data):
            if item.get(wire.KIND) != keys.STATE:
                continue
            try:
                said += self._state(State.decode(item), now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """What the base is owed."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When speeds are to be sent again, or counted frames told."""
        return min((due for due in (self._again, self._bad.due()) if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Send the speeds again."""
        if self._again is not None and now >= self._again:
            self._repeat(now)
        return [*self._bad.told(now)]

    def _repeat(self, now: Instant) -> None:
        if self._speeds is None:
            return
        self._number = self._number + 1 & _U32
        left, right = self._speeds
        body = {wire.KIND: keys.DRIVE, wire.SEQUENCE: self._number, keys.LEFT: left, keys.RIGHT: right}
        self._outgoing += _frame(body)
        self._again = later(now, _AGAIN_S)

    def _state(self, state: State, now: Instant) -> list[Said]:
        self._stops, self.last = state.stops, state
        speed = abs(state.left + state.right) / Decimal(2)
        return [
            *self._conditions.become(state.conditions(), now),
            Reading("odometer", now, Decimal(state.travelled_mm).scaleb(-6)),
            Reading("vehicle_speed", now, speed * 36 / 10_000),
            *self._loaded(state, now),
        ]

    def _loaded(self, state: State, now: Instant) -> list[Said]:
        """The load where it has changed, or why there is none. The metric table has no row for it."""
        load = _reason(state.reason) if state.load_g is None else state.load_g
        if load == self._load or _is_near(load, self._load):
            return []
        self._load = load
        detail: dict[str, str | int] = {"code": "load", "system": "wardlink-robot", "unit": "g"}
        if isinstance(load, NoValue):
            detail["text"] = load.name.lower().replace("_", "-")
        else:
            detail["value"] = load
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]


def _ways(left: object, right: object) -> tuple[int, int] | None:
    """Raises BadBytes."""
    if left is None and right is None:
        return None
    if is_int(left, -_U32, _U32) and is_int(right, -_U32, _U32):
        return left, right
    raise BadBytes("range", f"expected two ways in millimetres, got {left} and {right}")


def _is_near(load: int | NoValue, before: int | NoValue | None) -> bool:
    if before is None or isinstance(load, NoValue) or isinstance(before, NoValue):
        return False
    return abs(load - before) < _LOAD_STEP_G


def _reason(number: int) -> NoValue:
    return NoValue(number) if number in {*NoValue} else NoValue.NOT_AVAILABLE


def _frame(body: dict[int, int]) -> bytes:
    return wire.frame(cbor2.dumps(body))
