"""What ingest hands to the hub after a commit, and how the API writes it as JSON."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

from devices.model.spelled import PRIORITIES, quality_names, reason_name


class Place(NamedTuple):
    """When something happened: by its gateway's monotonic clock and by the controller's time scale."""

    boot: bytes
    mono_us: int
    at_us: int

    def follows(self, other: "Place") -> bool:
        """Whether this is not older than `other`: within one boot no clock but its own is asked."""
        if self.boot == other.boot:
            return self.mono_us >= other.mono_us
        return self.at_us >= other.at_us


class Value(NamedTuple):
    """A reading: `value` in the metric's unit, or None for `reason`."""

    device: str
    metric: str
    place: Place
    utc_us: int | None
    value: float | None
    reason: int | None
    quality: int

    @property
    def at_ms(self) -> int:
        """By the controller's time scale."""
        return self.place.at_us // 1000

    def json(self) -> dict[str, Any]:
        """The API's VALUE, without its bed."""
        return {
            "device": self.device,
            "metric": self.metric,
            "value": self.value,
            "reason": None if self.reason is None else reason_name(self.reason),
            "quality": quality_names(self.quality),
            "at_ms": self.at_ms,
            "utc_ms": None if self.utc_us is None else self.utc_us // 1000,
        }

    def reanchored(self, at_us: int, utc_offset_us: int | None) -> "Value":
        """The same reading at `at_us`, with the UTC, if it had none, that this offset gives."""
        place = self.place._replace(at_us=at_us)
        utc = self.utc_us
        if utc is None and utc_offset_us is not None:
            utc = self.place.mono_us + utc_offset_us
        return self._replace(place=place, utc_us=utc)


class Wave(NamedTuple):
    """Samples: value i = int16 sample i × scale + offset, -32768 none."""

    device: str
    metric: str
    place: Place
    rate_mhz: int
    samples: bytes
    scale: float
    offset: float
    quality: int
    utc_us: int | None

    def json(self) -> dict[str, Any]:
        """The API's wave item, without its bed."""
        return {
            "device": self.device,
            "metric": self.metric,
            "at_ms": self.place.at_us // 1000,
            "rate_hz": self.rate_mhz / 1000,
            "samples": b64encode(self.samples).decode("ascii"),
            "scale": self.scale,
            "offset": self.offset,
        }


class AlertNow(NamedTuple):
    """The last that was said of one alert."""

    gateway: str
    device: str | None
    code: str
    place: Place
    priority: int
    active: bool
    detail: Mapping[str, str | int]
    utc_us: int | None

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What the alert is about."""
        return self.gateway, self.device, self.code

    def json(self) -> dict[str, Any]:
        """The API's ALERT, without its bed."""
        return {
            "code": self.code,
            "device": self.device,
            "gateway": self.gateway,
            "priority": PRIORITIES[self.priority],
            "active": self.active,
            "at_ms": self.place.at_us // 1000,
            "detail": dict(self.detail),
        }


class EventNow(NamedTuple):
    """Something that a device (None: the gateway itself) did; `detail` depends on `kind`."""

    gateway: str
    device: str | None
    kind: str
    place: Place
    detail: Mapping[str, str | int]
    utc_us: int | None
