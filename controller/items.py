"""What the API's items of devices and gateways are before anything was said of them, and those of metrics."""

from collections.abc import Iterable
from typing import Any

from devices.model.metrics import METRICS, Metric
from devices.profiles import Evidence, profiles

Json = dict[str, Any]


def _metric(metric: Metric) -> Json:
    physio = [None if limit is None else float(limit) for limit in (metric.physio_low, metric.physio_high)]
    return {"unit": metric.unit, "stale_after_s": metric.stale_after_s, "physio": physio}


METRIC_ITEMS = {name: _metric(metric) for name, metric in METRICS.items()}
"""By name."""


def new_device(device: str) -> Json:
    """The DEVICE item of a device of which only the id is known."""
    return {
        "id": device,
        "profile": None,
        "bed": None,
        "gateway": None,
        "connected": None,
        "since_ms": None,
        "pairing": None,
        "battery_percent": None,
        "battery_at_ms": None,
        "rssi": None,
        "link_at_ms": None,
        "identity": {},
        "status": {},
        "bad": {},
        "alarms": {},
        "metrics": [],
        "verified": None,
    }


def new_gateway(gateway: str) -> Json:
    """The GATEWAY item of a gateway of which only the id is known."""
    return {
        "id": gateway,
        "name": gateway,
        "state": "offline",
        "pending_blocks": 0,
        "oldest_ms": None,
        "seen_ms": None,
        "clock": None,
        "counts": {},
        "lanes": None,
        "first_waves": [],
        "software": None,
    }


def is_verified(name: str | None) -> bool | None:
    """Whether the profile's codec was held against bytes of a device; None: a newer gateway's profile."""
    known = profiles().get(name or "")
    return None if known is None else known.evidence != Evidence.UNVERIFIED


def other_patients(before: Iterable[Json], after: Iterable[Json]) -> set[str]:
    """Beds whose patient left."""
    lay = {bed["id"]: bed["patient"]["identifier"] for bed in before if bed["patient"]}
    lie = {bed["id"]: bed["patient"]["identifier"] for bed in after if bed["patient"]}
    return {bed for bed, patient in lay.items() if lie.get(bed) != patient}
