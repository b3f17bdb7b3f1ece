"""Technical alerts, raised and cleared where they arise: no network is needed for them.

`technical.csv` has a row for each: of what it is, how urgent, when it ends, and what it means. None of them
latches: what has ended needs nobody any more, and the record of it stays. Those that end "after quiet" end so
many seconds after the last of their kind.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from types import MappingProxyType

from devices.codecs import Said
from devices.model.identity import DeviceId
from devices.model.observation import (
    Alert,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Priority,
    Reading,
)
from devices.wire.block import BlockClock, Sync
from devices.wire.records import Gap
from gateway.alarms.values import Values

DEVICE_LOST, DEVICE_FAULT, SENSOR_OFF = "device-lost", "device-fault", "sensor-off"
BATTERY_LOW, BATTERY_EMPTY, VALUE_STALE = "battery-low", "battery-empty", "value-stale"
CLOCK_UNSET, CLOCK_UNSURE = "clock-unset", "clock-unsure"
SHEDDING, DAMAGED = "journal-shedding", "journal-damaged"
JOURNAL_FILLS, DISK_FILLS = "journal-nearly-full", "disk-nearly-full"
CERTIFICATE_ENDS = "certificate-ends"
ORDER_REFUSED = "order-refused"
UPDATE_FAILED = "update-failed"
QUALITY_REFUSED = "quality-refused"


@dataclass(frozen=True, slots=True)
class Technical:
    """One row."""

    code: str
    priority: Priority
    quiet_ns: int
    """How long after the last of them it ends; 0: with its cause."""


def _load() -> Mapping[str, Technical]:
    text = resources.files("gateway.alarms").joinpath("technical.csv").read_text(encoding="utf-8")
    rows = [
        Technical(row["code"], Priority[row["priority"].upper()], int(row["quiet_s"] or 0) * 1_000_000_000)
        for row in csv.DictReader(text.splitlines())
    ]
    return MappingProxyType({one.code: one for one in rows})


TECHNICAL: Mapping[str, Technical] = _load()
"""By code."""
QUIET_NS: Mapping[str, int] = MappingProxyType(
    {one.code: one.quiet_ns for one in TECHNICAL.values() if one.quiet_ns}
)

_BATTERY = ((BATTERY_LOW, 20, 25), (BATTERY_EMPTY, 5, 8))
"""At how many percent it begins, and above how many it ends."""
_JOURNAL, _DISK = (90, 80), (5, 8)
"""Percent used of its quota, and percent of the disk that are free: where it begins, where it ends."""
_UNSURE_US = 1_000_000
FREE_NS = 12 * 3600 * 1_000_000_000
"""After so long without correction a usual crystal (20 ppm) may be a second off."""
_OFF = (NoValue.SENSOR_OFF, NoValue.NO_CONTACT)
_Detail = dict[str, str | int]


@dataclass(slots=True)
class Alarms:
    """The alerts of the gateway (device None) and of its devices. Each call gives what changed.

    The first thing known of a condition is told even if it is that all is well: an alert of an earlier
    start may still be shown.
    """

    _active: dict[tuple[DeviceId | None, str], bool] = field(
        default_factory=dict[tuple[DeviceId | None, str], bool]
    )
    _off: dict[DeviceId, set[str]] = field(default_factory=dict[DeviceId, set[str]])
    _last: dict[str, Instant] = field(default_factory=dict[str, Instant])
    _values: Values = field(default_factory=lambda: Values(TECHNICAL[VALUE_STALE].quiet_ns))
    _free_since: Instant | None = None

    def said(self, device: DeviceId, said: Said) -> list[Alert]:
        """What a device said."""
        match said:
            case Reading():  # nearly always, therefore looked at first
                return self._sensor(device, said)
            case DeviceEvent(kind=EventKind.CONNECTED):
                codes = DEVICE_LOST, DEVICE_FAULT, VALUE_STALE
                return [alert for code in codes for alert in self._set(device, code, False, said.at)]
            case DeviceEvent(kind=EventKind.DISCONNECTED):
                self._values.gone(device)
                lost = self._set(device, DEVICE_LOST, True, said.at, dict(said.detail))
                return [*lost, *self._end(device, VALUE_STALE, said.at)]
            case DeviceEvent(kind=EventKind.BATTERY):
                return self._battery(device, said)
            case _:
                return []

    def _sensor(self, device: DeviceId, reading: Reading) -> list[Alert]:
        off = self._off.setdefault(device, set())
        if reading.reason in _OFF:
            off.add(reading.metric)
            self._values.off(device, reading.metric)
        elif reading.value is not None:
            off.discard(reading.metric)
            self._values.came(device, reading)
        return self._set(device, SENSOR_OFF, bool(off), reading.at)

    def _battery(self, device: DeviceId, event: DeviceEvent) -> list[Alert]:
        percent = event.detail.get("percent")
        if not isinstance(percent, int):
            return []
        detail: _Detail = {"percent": percent}
        return [
            alert
            for code, low, enough in _BATTERY
            for alert in self._between(
                *(device, code, event.at, detail), begins=percent <= low, ends=percent > enough
            )
        ]

    def failed(self, device: DeviceId, error: str, at: Instant) -> list[Alert]:
        """The software that serves `device` failed."""
        return self._set(device, DEVICE_FAULT, True, at, {"error": error})

    def left(self, device: DeviceId, at: Instant) -> list[Alert]:
        """`device` is served no more: what was wrong with it is over."""
        self._off.pop(device, None)
        self._values.gone(device)
        codes = [code for whose, code in self._active if whose == device]
        return [alert for code in codes for alert in self._end(device, code, at)]

    def clock(self, clock: BlockClock) -> list[Alert]:
        """What the host's clock is worth now."""
        unset = self._set(None, CLOCK_UNSET, clock.sync == Sync.UNSET, clock.instant)
        if clock.sync != Sync.FREE:
            self._free_since = None
        elif self._free_since is None:
            self._free_since = clock.instant
        is_off = clock.error_us is not None and clock.error_us > _UNSURE_US
        is_free = self._free_since is not None and clock.instant - self._free_since >= FREE_NS
        detail: _Detail = {"ms": (clock.error_us or 0) // 1000} if is_off else {}
        return [*unset, *self._set(None, CLOCK_UNSURE, is_off or is_free, clock.instant, detail)]

    def room(self, used: int, free: int, at: Instant) -> list[Alert]:
        """The journal has `used` percent of its quota; `free` percent of the disk are free."""
        of_quota, of_disk = dict[str, str | int](percent=used), dict[str, str | int](percent=free)
        low, enough = _JOURNAL
        fills = self._between(None, JOURNAL_FILLS, at, of_quota, begins=used >= low, ends=used < enough)
        low, enough = _DISK
        full = self._between(None, DISK_FILLS, at, of_disk, begins=free < low, ends=free > enough)
        return [*fills, *full]

    def stale(self, now: Instant) -> list[tuple[DeviceId, Alert]]:
        """Of which devices values have stopped, come again, or been told for long enough."""
        return [
            (device, alert)
            for device, names in self._values.stopped(now).items()
            for alert in self._tell(device, VALUE_STALE, bool(names), now, {"metrics": " ".join(names)})
        ]

    def certificate(self, ends: bool, left_s: float, at: Instant) -> list[Alert]:
        """Whether the certificate is about to expire unrenewed, and in how many seconds."""
        detail: _Detail = {"hours": round(left_s / 3600)} if ends else {}
        return self._set(None, CERTIFICATE_ENDS, ends, at, detail)

    def order_refused(self, why: str, at: Instant) -> list[Alert]:
        """An order was refused."""
        self._last[ORDER_REFUSED] = at
        return self._set(None, ORDER_REFUSED, True, at, {"why": why})

    def update(self, failed: int, why: str, at: Instant) -> list[Alert]:
        """Release `failed` of the gateway's software did not get healthy; 0: none has failed."""
        detail: _Detail = {"release": failed, "why": why[:200]} if failed else {}
        return self._set(None, UPDATE_FAILED, bool(failed), at, detail)

    def quality(self, why: str, at: Instant) -> list[Alert]:
        """Why there is no better connection although it is wanted; "": all is well."""
        return self._set(None, QUALITY_REFUSED, bool(why), at, {"why": why[:200]} if why else {})

    def gaps(self, gaps: list[Gap], now: Instant) -> list[Alert]:
        """Blocks were given up."""
        return [alert for gap in gaps for alert in self._gap(gap, now)]

    def _gap(self, gap: Gap, now: Instant) -> list[Alert]:
        code = DAMAGED if gap.why == "damaged" else SHEDDING
        blocks = sum(last - first + 1 for first, last in gap.ranges)
        self._last[code] = now
        return self._set(None, code, True, now, {"why": gap.why, "lane": gap.lane, "blocks": blocks})

    def tick(self, now: Instant) -> list[Alert]:
        """Time passes: what has been quiet long enough ends."""
        quiet = [code for code, last in self._last.items() if now - last >= QUIET_NS[code]]
        for code in quiet:
            del self._last[code]
        return [alert for code in quiet for alert in self._set(None, code, False, now)]

    def active(self) -> int:
        """How many alerts are active."""
        return sum(self._active.values())

    def _between(
        self, device: DeviceId | None, code: str, at: Instant, detail: _Detail, *, begins: bool, ends: bool
    ) -> list[Alert]:
        """Where it neither begins nor ends it stays as it is, so that nothing flutters."""
        is_active = begins or (self._active.get((device, code), False) and not ends)
        return self._set(device, code, is_active, at, detail if is_active else {})

    def _end(self, device: DeviceId, code: str, at: Instant) -> list[Alert]:
        return self._set(device, code, False, at) if self._active.get((device, code)) else []

    def _set(
        self, device: DeviceId | None, code: str, active: bool, at: Instant, detail: _Detail | None = None
    ) -> list[Alert]:
        if self._active.get((device, code)) == active:
            return []
        return self._tell(device, code, active, at, detail)

    def _tell(
        self, device: DeviceId | None, code: str, active: bool, at: Instant, detail: _Detail | None = None
    ) -> list[Alert]:
        self._active[device, code] = active
        return [Alert(code, at, TECHNICAL[code].priority, active, detail or {})]
