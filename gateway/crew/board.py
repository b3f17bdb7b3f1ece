"""What is true on board now, for the crew's page: the newest of everything. Pure.

board = Board("amb-1")
board.heard(who, record)          # whatever a device said, or the box itself
board.take()                      # what is different since the last time
"""

from base64 import b64encode
from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from devices.model.metrics import Metric
from devices.model.observation import Alert, DeviceEvent, EventKind, Instant, Quality, Reading, Waveform
from devices.model.spelled import PRIORITIES, quality_names, reason_name
from devices.wire.records import AnyRecord
from gateway.gather import Who

Json = dict[str, Any]
Key = tuple[str, str]
Served = tuple[str, str, Iterable[str]]
"""A device's id, its profile, and the metrics of that."""

WAVE_NS = 8_000_000_000
"""So much of each waveform is kept for a page that begins."""
_MS = 1_000_000
_DETAIL = ("why", "message", "error", "hours", "release", "blocks", "metrics", "percent", "ms")
"""What a technical alarm says of itself, and the page may show."""


class Value(NamedTuple):
    """The newest of one metric of one device. `at_ms` is the box's monotonic time."""

    device: str
    metric: str
    value: float | None
    reason: int | None
    quality: int
    at_ms: int

    def json(self) -> Json:
        """As the page gets it."""
        return {
            **self._asdict(),
            "reason": None if self.reason is None else reason_name(self.reason),
            "quality": quality_names(self.quality),
        }


class Fresh(NamedTuple):
    """What is different: items, and whether alarms and devices are."""

    values: list[Value]
    waves: list[Json]
    alarms: bool
    devices: bool


class Board:
    """Of the devices on board of `vehicle`."""

    def __init__(self, vehicle: str) -> None:
        self.vehicle = vehicle
        self.values: dict[Key, Value] = {}
        self._waves: dict[Key, deque[tuple[Instant, Json]]] = {}
        self._alarms: dict[tuple[str | None, str], Json] = {}
        self._devices: dict[str, Json] = {}
        self._since = Instant(0)
        """What was measured earlier is of somebody who is not on board any more."""
        self._fresh_values: dict[Key, Value] = {}
        self._fresh_waves: list[Json] = []
        self._is_new = [True, True]
        self.rang: int = 0
        """How many alarms began, or became more urgent."""

    @property
    def waves(self) -> list[Json]:
        """The last seconds of all waveforms."""
        return [item for kept in self._waves.values() for _, item in kept]

    @property
    def alarms(self) -> list[Json]:
        """Those that are active, the most urgent first, of them the newest."""
        ranks = {name: rank for rank, name in PRIORITIES.items()}
        return sorted(self._alarms.values(), key=lambda one: (-ranks[one["priority"]], -one["since_ms"]))

    @property
    def devices(self) -> list[Json]:
        """All that are served on board."""
        return list(self._devices.values())

    def serves(self, devices: Iterable[Served]) -> None:
        """These are on board, and no others."""
        known = self._devices
        self._devices = {one[0]: known.get(one[0]) or _new(*one) for one in devices}
        for device in known.keys() - self._devices.keys():
            self.gone(device)
        self._is_new = [True, True]

    def gone(self, device: str) -> None:
        """Nobody serves it any more: nothing of it is shown."""
        for items in (self.values, self._fresh_values, self._waves, self._alarms):
            for key in [key for key in items if key[0] == device]:
                del items[key]  # type: ignore[arg-type]
        self._fresh_waves = [one for one in self._fresh_waves if one["device"] != device]
        self._is_new = [True, True]

    def leave(self, now: Instant) -> None:
        """The patient left: what was measured until `now` is not the next one's."""
        self._since = now
        for items in (self.values, self._waves, self._fresh_values):
            items.clear()
        self._fresh_waves = []

    def heard(self, who: Who, record: AnyRecord) -> None:
        """Take what concerns this vehicle; whatever else comes changes nothing."""
        device, bed = who
        if bed != self.vehicle and device is not None:
            return
        match record:
            case Reading() if device is not None:
                self._value(device, record)
            case Waveform() if device is not None:
                self._wave(device, record)
            case Alert():
                self._alarm(device, record)
            case DeviceEvent() if device is not None:
                self._event(device, record)
            case _:
                return

    def take(self) -> Fresh:
        """What is different since the last time, once."""
        alarms, devices = self._is_new
        fresh = Fresh([*self._fresh_values.values()], self._fresh_waves, alarms, devices)
        self._fresh_values, self._fresh_waves, self._is_new = {}, [], [False, False]
        return fresh

    def _value(self, device: str, reading: Reading) -> None:
        key, held = (device, reading.metric), self.values.get((device, reading.metric))
        at_ms = reading.at // _MS
        if reading.at < self._since or (held is not None and not _replaces(reading, at_ms, held)):
            return
        number = None if reading.value is None else float(reading.value)
        value = Value(*key, number, reading.reason, int(reading.quality), at_ms)
        self.values[key] = self._fresh_values[key] = value

    def _wave(self, device: str, wave: Waveform) -> None:
        if wave.at < self._since or wave.quality & Quality.STORED:
            return
        kept = self._waves.setdefault((device, wave.metric), deque())
        item = _wave(device, wave)
        kept.append((wave.end, item))
        self._fresh_waves.append(item)
        while kept[0][0] < wave.end - WAVE_NS:
            kept.popleft()

    def _alarm(self, device: str | None, alert: Alert) -> None:
        key, self._is_new[0] = (device, alert.code), True
        held = self._alarms.pop(key, None)
        if not alert.active:
            return
        self._alarms[key] = item = _alarm(device, alert, held)
        if held is None or _is_more(item, held):
            self.rang += 1

    def _event(self, device: str, event: DeviceEvent) -> None:
        item, at_ms = self._devices.get(device), event.at // _MS
        if item is None:
            return
        match event.kind:
            case EventKind.CONNECTED | EventKind.DISCONNECTED:
                change: Json = {"connected": event.kind is EventKind.CONNECTED, "since_ms": at_ms}
            case EventKind.BATTERY:
                change = {"battery_percent": event.detail.get("percent")}
            case EventKind.STATUS:
                change = {"status": {**item["status"], **event.detail}}
            case _:
                return
        self._devices[device] = {**item, **change}
        self._is_new[1] = True


def _replaces(reading: Reading, at_ms: int, held: Value) -> bool:
    """Whether it is newer. Of what comes from a device's memory nobody may know when it was measured: it
    replaces only its like, and whatever is measured now replaces it."""
    is_stored, was_stored = bool(reading.quality & Quality.STORED), bool(held.quality & Quality.STORED)
    return at_ms >= held.at_ms if is_stored == was_stored else was_stored


def _wave(device: str, wave: Waveform) -> Json:
    return {
        "device": device,
        "metric": wave.metric,
        "at_ms": wave.at // _MS,
        "rate_hz": wave.rate_mhz / 1000,
        "rate_mhz": wave.rate_mhz,
        "scale": float(wave.scale),
        "offset": float(wave.offset),
        "samples": b64encode(wave.samples).decode("ascii"),
        "quality": quality_names(wave.quality),
    }


def _alarm(device: str | None, alert: Alert, held: Json | None) -> Json:
    """`id` is the number of a physiological alarm, by which it is acknowledged; else device and code."""
    detail, number = alert.detail, alert.detail.get("alarm")
    goes_on = held is not None and held["number"] == number
    return {
        "id": str(number or f"{device or ''}:{alert.code}"),
        "number": number,
        "device": device,
        "code": alert.code,
        "priority": PRIORITIES[alert.priority],
        "value": detail.get("value"),
        "limit": detail.get("limit"),
        "onset_ms": detail.get("onset-ms"),
        **{name: bool(detail.get(name)) for name in ("seen", "over", "escalated", "crew")},
        "by": detail.get("by"),
        "since_ms": held["since_ms"] if held and goes_on else alert.at // _MS,
        "active": True,
        "detail": {name: detail[name] for name in _DETAIL if name in detail},
    }


def _is_more(item: Json, held: Json) -> bool:
    """Whether there is more to hear than before."""
    return (
        item["id"] != held["id"]
        or (item["escalated"] and not held["escalated"])
        or (held["over"] and not item["over"])
    )


def _new(device: str, profile: str, metrics: Iterable[str]) -> Json:
    return {
        "id": device,
        "profile": profile,
        "metrics": list(metrics),
        "connected": None,
        "since_ms": None,
        "battery_percent": None,
        "status": {},
    }


def metric_json(metric: Metric) -> Json:
    """What the page has to know of a metric to show and to age its values."""
    physio = [None if limit is None else float(limit) for limit in (metric.physio_low, metric.physio_high)]
    stale_s = metric.stale_after_s
    return {"unit": metric.unit, "stale_after_s": stale_s, "stale_after_ms": stale_s * 1000, "physio": physio}
