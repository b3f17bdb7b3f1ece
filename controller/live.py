"""What ingest hands to the hub after a commit, and how the API writes it as JSON."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from devices.model.observation import NoValue
from devices.model.spelled import PRIORITIES, quality_names, reason_name

SAID = "said"
"""What other controllers are told when a patient said whose a reading was: they read the database."""
REGISTRY, ASSESSED = "registry-changed", "assessed"
"""What they are told when people changed the registry, or assessed a patient: they read that."""


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
    alien: "Value | None" = None
    """A newer one that is somebody else's, as the patient at home says."""

    @property
    def at_ms(self) -> int:
        """By the controller's time scale."""
        return self.place.at_us // 1000

    @property
    def newest(self) -> "Value":
        """The newest there is, whosever it is."""
        return self.alien or self

    def without_number(self) -> "Value":
        """In the place of a patient's own reading where there is none."""
        return self._replace(value=None, reason=int(NoValue.NOT_AVAILABLE), quality=0)

    def over(self, held: "Value | None") -> "Value | None":
        """What is shown when this is told after `held`; None: `held`, of which this is older."""
        if held is None or held.alien is None:
            return self if held is None or self.place.follows(held.place) else None
        alien = held.alien
        if self.place != alien.place and self.place.follows(alien.place):
            return self
        is_first = held.place == alien.place  # of the patient there was none
        is_newer = self.place != alien.place and (is_first or self.place.follows(held.place))
        return self._replace(alien=alien) if is_newer else None

    def instead(self, held: "Value | None") -> "Value | None":
        """This in the place of `held`, unless something newer came meanwhile; None: nothing is new."""
        if held is None or held == self or not self.newest.place.follows(held.newest.place):
            return None
        return self

    def json(self) -> dict[str, Any]:
        """The API's VALUE, without its bed."""
        told = {
            "device": self.device,
            "metric": self.metric,
            "value": self.value,
            "reason": None if self.reason is None else reason_name(self.reason),
            "quality": quality_names(self.quality),
            "at_ms": self.at_ms,
            "utc_ms": None if self.utc_us is None else self.utc_us // 1000,
        }
        if self.alien is not None:
            told["not_theirs"] = {"value": self.alien.value, "at_ms": self.alien.at_ms}
        return told

    def reanchored(self, boot: bytes, at_of: Callable[[int], int], utc_offset_us: int | None) -> "Value":
        """The same, what of it is of `boot` at the times of `at_of`, with the UTC that this offset gives if
        it had none."""
        alien = self.alien and self.alien.reanchored(boot, at_of, utc_offset_us)
        if self.place.boot != boot:
            return self._replace(alien=alien)
        place, utc = self.place._replace(at_us=at_of(self.place.mono_us)), self.utc_us
        if utc is None and utc_offset_us is not None:
            utc = self.place.mono_us + utc_offset_us
        return self._replace(place=place, utc_us=utc, alien=alien)


class Anchored(NamedTuple):
    """A boot of a gateway whose times are known better: `at_of` gives that of a monotonic time."""

    gateway: str
    boot: bytes
    at_of: Callable[[int], int]
    utc_offset_us: int | None


def reanchored(
    shown: Mapping[tuple[str, str], Value], anchored: Iterable[Anchored], is_of: Callable[[str, str], bool]
) -> dict[tuple[str, str], Value]:
    """What of `shown` moves, by device and metric; `is_of`: whether a device is a gateway's. All of it is
    looked through once, however many boots there are."""
    of_boot: dict[bytes, list[Anchored]] = {}
    for one in anchored:
        of_boot.setdefault(one.boot, []).append(one)
    moved: dict[tuple[str, str], Value] = {}
    for key, value in shown.items() if of_boot else ():
        for boot in {value.place.boot, value.newest.place.boot} & of_boot.keys():
            for one in of_boot[boot]:
                if is_of(value.device, one.gateway):
                    moved[key] = moved.get(key, value).reanchored(boot, one.at_of, one.utc_offset_us)
    return moved


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
