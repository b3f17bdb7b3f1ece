"""Technical alerts, raised and cleared where they arise: no network is needed for them.

device-lost        medium  a device that should speak does not
device-fault       medium  the software that serves a device failed; it is started again
sensor-off         low     no finger, no skin contact
clock-unset        low     the host does not know the time
certificate-ends   medium  the certificate that lets this gateway in was not renewed and will expire
order-refused      medium  somebody sent a command or a configuration that this gateway must not obey
update-failed      medium  a release of the gateway's software did not get healthy; the old one runs
quality-refused    low     the mobile network gives no better connection, which is wanted
journal-shedding   high    blocks were given up: the disk's quota is used, or the disk is full
journal-damaged    high    blocks were damaged on disk
"""

from dataclasses import dataclass, field

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

DEVICE_LOST, DEVICE_FAULT, SENSOR_OFF = "device-lost", "device-fault", "sensor-off"
CLOCK_UNSET, SHEDDING, DAMAGED = "clock-unset", "journal-shedding", "journal-damaged"
CERTIFICATE_ENDS = "certificate-ends"
ORDER_REFUSED = "order-refused"
UPDATE_FAILED = "update-failed"
QUALITY_REFUSED = "quality-refused"
QUIET_NS = {SHEDDING: 60_000_000_000, DAMAGED: 600_000_000_000, ORDER_REFUSED: 600_000_000_000}
"""How long after the last of them the alert ends."""

_PRIORITY = {
    DEVICE_LOST: Priority.MEDIUM,
    DEVICE_FAULT: Priority.MEDIUM,
    SENSOR_OFF: Priority.LOW,
    CLOCK_UNSET: Priority.LOW,
    CERTIFICATE_ENDS: Priority.MEDIUM,
    ORDER_REFUSED: Priority.MEDIUM,
    UPDATE_FAILED: Priority.MEDIUM,
    QUALITY_REFUSED: Priority.LOW,
    SHEDDING: Priority.HIGH,
    DAMAGED: Priority.HIGH,
}
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

    def said(self, device: DeviceId, said: Said) -> list[Alert]:
        """What a device said."""
        match said:
            case DeviceEvent(kind=EventKind.CONNECTED):
                lost = self._set(device, DEVICE_LOST, False, said.at)
                return [*lost, *self._set(device, DEVICE_FAULT, False, said.at)]
            case DeviceEvent(kind=EventKind.DISCONNECTED):
                return self._set(device, DEVICE_LOST, True, said.at, dict(said.detail))
            case Reading():
                return self._sensor(device, said)
            case _:
                return []

    def _sensor(self, device: DeviceId, reading: Reading) -> list[Alert]:
        off = self._off.setdefault(device, set())
        if reading.reason in _OFF:
            off.add(reading.metric)
        elif reading.value is not None:
            off.discard(reading.metric)
        return self._set(device, SENSOR_OFF, bool(off), reading.at)

    def failed(self, device: DeviceId, error: str, at: Instant) -> list[Alert]:
        """The software that serves `device` failed."""
        return self._set(device, DEVICE_FAULT, True, at, {"error": error})

    def left(self, device: DeviceId, at: Instant) -> list[Alert]:
        """`device` is served no more: what was wrong with it is over."""
        self._off.pop(device, None)
        codes = [code for (whose, code), active in self._active.items() if whose == device and active]
        return [alert for code in codes for alert in self._set(device, code, False, at)]

    def clock(self, clock: BlockClock) -> list[Alert]:
        """What the host's clock is worth now."""
        return self._set(None, CLOCK_UNSET, clock.sync == Sync.UNSET, clock.instant)

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

    def _set(
        self, device: DeviceId | None, code: str, active: bool, at: Instant, detail: _Detail | None = None
    ) -> list[Alert]:
        if self._active.get((device, code)) == active:
            return []
        self._active[device, code] = active
        return [Alert(code, at, _PRIORITY[code], active, detail or {})]
