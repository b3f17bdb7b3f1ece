"""BTHome v2 sensors, which only advertise: service data of 0xFCD2.

    DEVICE  OBJECTS         DEVICE: bit 0 encrypted, bit 1 an address of 6 bytes precedes OBJECTS (no longer
                            in the format), bit 2 tells only when something happens, bits 5-7 version

One packet is heard many times. One with a packet id is told once, as long as it is heard within `KNOWN_S`;
one without is told again after `REPEAT_S`: whether it was measured anew cannot be seen. Packets are the same
if all their bytes are: devices spread one measurement over packets of the same id.
The first temperature and humidity are `ambient_temp` and `ambient_humidity`: they are the room's, not the
patient's. Of a kind that comes more than once the second is "kind-2". Encrypted packets need a key, which
is not supported: each counts as `framing`, and STATUS `encrypted` holds.
Source: bthome.io, BTHome v2 format and encryption; Bluetooth-Devices/bthome-ble.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.bthome_objects import (
    BATTERY,
    BUTTON,
    COMMAND,
    DEVICE_TYPE,
    DIMMER,
    FIRMWARE_3,
    FIRMWARE_4,
    PACKET_ID,
    QUANTITIES,
    RAW,
    STATES,
    TEXT,
    TIMESTAMP,
    Object,
    objects,
)
from devices.codecs.gatt import Fields, ValueCodec, uuid16
from devices.codecs.health import Conditions
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, later

SERVICE_DATA = uuid16(0xFCD2)

_ENCRYPTED, _ADDRESS, _TRIGGERED = 1, 2, 4
_VERSION = 2
Detail = dict[str, str | int]
Event = tuple[EventKind, Detail]

_METRICS = {"temperature": "ambient_temp", "humidity": "ambient_humidity"}
_PRESSES = {
    1: "press",
    2: "double-press",
    3: "triple-press",
    4: "long-press",
    5: "long-double-press",
    6: "long-triple-press",
    0x80: "hold-press",
    0xFE: "hold-press",
}
"""FE is what Shelly's buttons send (home-assistant/core issue 96605)."""
_IDENTITIES = (DEVICE_TYPE, FIRMWARE_3, FIRMWARE_4)
_TURNS = {1: "rotate-left", 2: "rotate-right"}
_COMMANDS = ("off", "on", "toggle", "step-up", "step-down")


class BthomeCodec(ValueCodec):
    """Gives `ambient_temp`, `ambient_humidity`, BATTERY, STATUS, MARK (buttons), IDENTITY, UNMAPPED."""

    KNOWN_S = 60.0
    REPEAT_S = 5.0
    _REMEMBERED = 8

    def __init__(self) -> None:
        super().__init__()
        self._conditions = Conditions()
        self._states: dict[str, bool] = {}
        self._heard: dict[bytes, Instant] = {}
        self._told: dict[str, Detail] = {}

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        fields = Fields(data)
        device = fields.uint(1)
        if device >> 5 != _VERSION:
            raise BadBytes("framing", f"expected BTHome version 2, got {device >> 5}")
        address = fields.take(6 if device & _ADDRESS else 0)
        payload = data[1 + len(address) :]
        encrypted = bool(device & _ENCRYPTED)
        if self._is_known(data, encrypted or payload[:1] == bytes((PACKET_ID,)), now):
            return []
        self._states["encrypted"] = encrypted
        if encrypted:
            self._bad.count("framing")
            return [*self._become(now), *self._bad.told(now)]
        said = self._changed("identity", {"trigger-based": 1}, now) if device & _TRIGGERED else []
        return [*said, *self._packet(payload, now), *self._bad.told(now)]

    def _is_known(self, data: bytes, numbered: bool, now: Instant) -> bool:
        """Whether this packet was told already; remember that it was heard."""
        until = self._heard.get(data)
        known = until is not None and now < until
        if numbered or not known:
            self._heard.pop(data, None)
            self._heard[data] = later(now, self.KNOWN_S if numbered else self.REPEAT_S)
        while len(self._heard) > self._REMEMBERED:
            del self._heard[next(iter(self._heard))]
        return known

    def _packet(self, payload: bytes, now: Instant) -> list[Said]:
        said: list[Said] = []
        seen: Counter[str] = Counter()
        for one in self._readable(payload):
            try:
                said += self._object(one, seen, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return [*self._become(now), *said]

    def _readable(self, payload: bytes) -> Iterable[Object]:
        """The objects as far as they can be read; the rest is counted."""
        try:
            yield from objects(payload)
        except BadBytes as bad:
            self._bad.count(bad.reason)

    def _become(self, now: Instant) -> list[DeviceEvent]:
        return self._conditions.become([name for name, true in self._states.items() if true], now)

    def _object(self, one: Object, seen: Counter[str], now: Instant) -> list[Said]:
        """What one object says. Raises BadBytes."""
        if one.number in QUANTITIES:
            return self._quantity(one, seen, now)
        if one.number in STATES:
            return self._state(one, seen)
        if one.number in _IDENTITIES:
            return self._changed("identity", _identity(one), now)
        event = _EVENTS[one.number](one.data, seen) if one.number in _EVENTS else None
        return [DeviceEvent(event[0], now, event[1])] if event else []

    def _state(self, one: Object, seen: Counter[str]) -> list[Said]:
        name, true = STATES[one.number]
        if one.data[0] > 1:
            raise BadBytes("range", f"expected {name} to be 0 or 1, got {one.data[0]}")
        self._states[_numbered(name, seen)] = one.data[0] == true
        return []

    def _quantity(self, one: Object, seen: Counter[str], now: Instant) -> list[Said]:
        quantity = QUANTITIES[one.number]
        value = quantity.value(one.data)
        name = _numbered(quantity.name, seen)
        if one.number == BATTERY:
            if value > 100:
                raise BadBytes("range", f"expected a battery level of 0 to 100 %, got {value}")
            return self._changed("battery", {"percent": int(value)}, now)
        if name in _METRICS:
            return [Reading(_METRICS[name], now, value)]
        return self._changed("unmapped", _unmapped(name, value, quantity.unit), now)

    def _changed(self, kind: str, detail: Detail, now: Instant) -> list[Said]:
        """The event, if it says something new."""
        key = f"{kind} {detail.get('code') or ' '.join(detail)}"
        if self._told.get(key) == detail:
            return []
        self._told[key] = detail
        return [DeviceEvent(EventKind(kind), now, detail)]


def _numbered(name: str, seen: Counter[str]) -> str:
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def _unmapped(code: str, value: Decimal | str, unit: str = "") -> Detail:
    detail: Detail = {"code": code, "system": "bthome", "value": str(value)}
    return {**detail, "unit": unit} if unit else detail


def _button(data: bytes, seen: Counter[str]) -> Event | None:
    """None: another button than the one that was pressed."""
    button, press = _numbered("button", seen), data[0]
    if press and press not in _PRESSES:
        raise BadBytes("range", f"expected a button event, got {press:02X}")
    return (EventKind.MARK, {"code": button, "text": _PRESSES[press]}) if press else None


def _dimmer(data: bytes, seen: Counter[str]) -> Event | None:
    dimmer, turn = _numbered("dimmer", seen), data[0]
    if turn and turn not in _TURNS:
        raise BadBytes("range", f"expected a dimmer event, got {turn:02X}")
    return (EventKind.UNMAPPED, _unmapped(dimmer, f"{_TURNS[turn]} {data[1]}")) if turn else None


def _command(data: bytes, seen: Counter[str]) -> Event:
    if data[0] >= len(_COMMANDS):
        raise BadBytes("range", f"expected a command, got {data[0]:02X}")
    words = " ".join([_COMMANDS[data[0]], *map(str, data[1:])])
    return EventKind.UNMAPPED, _unmapped(_numbered("command", seen), words)


def _text(data: bytes, seen: Counter[str]) -> Event:
    try:
        return EventKind.UNMAPPED, _unmapped(_numbered("text", seen), data.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadBytes("range", f"expected text in UTF-8, got {data.hex()}") from None


def _raw(data: bytes, seen: Counter[str]) -> Event:
    return EventKind.UNMAPPED, _unmapped(_numbered("raw", seen), data.hex())


def _clock(data: bytes, _seen: Counter[str]) -> Event:
    """The sensor's clock, in UTC."""
    moment = datetime.fromtimestamp(int.from_bytes(data, "little"), UTC)
    return EventKind.DEVICE_CLOCK, {"time": moment.strftime("%Y-%m-%dT%H:%M:%S"), "set": 1}


_EVENTS: Mapping[int, Callable[[bytes, Counter[str]], Event | None]] = {
    BUTTON: _button,
    COMMAND: _command,
    DIMMER: _dimmer,
    TIMESTAMP: _clock,
    TEXT: _text,
    RAW: _raw,
}
"""What happened or is told now, whether or not it is what was told before. A packet id is none."""


def _identity(one: Object) -> Detail:
    if one.number == DEVICE_TYPE:
        return {"device-type": int.from_bytes(one.data, "little")}
    return {"firmware": ".".join(str(part) for part in reversed(one.data))}


def encode(contents: Iterable[Object], *, triggered: bool = False) -> bytes:
    """The service data of an unencrypted packet, its objects in the order of their numbers."""
    ordered = sorted(contents, key=lambda one: one.number)
    device = _VERSION << 5 | _TRIGGERED * triggered
    return bytes((device,)) + b"".join(one.encode() for one in ordered)
