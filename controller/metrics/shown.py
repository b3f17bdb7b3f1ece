"""Families of what the screens show: gateways, beds by ward, alerts. Nobody's name, no bed's, no value."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from controller.items import METRIC_ITEMS
from controller.metrics.families import Metric, Values, counter, gauge
from devices.model.health_counts import HEALTH_COUNTS
from devices.wire.topics import LANES

Json = Mapping[str, Any]
STATES = ("online", "behind", "offline")


def shown(snapshot: Json) -> list[Metric]:
    """Of a whole snapshot of the hub."""
    now_ms, gateways = snapshot["server_ms"], snapshot["gateways"]
    return [
        *_fleet(gateways, now_ms),
        *_told(gateways),
        *_beds(snapshot, now_ms),
        _alerts(snapshot["alerts"]),
    ]


def _fleet(gateways: Iterable[Json], now_ms: int) -> list[Metric]:
    """How each gateway is connected, and how far behind."""
    states = Counter({(state,): 0 for state in STATES})
    up: Values = {}
    silent: Values = {}
    clock: Values = {}
    pending: Values = {}
    oldest: Values = {}
    for one in gateways:
        name = one["id"]
        states[(one["state"],)] += 1
        up[name,] = one["state"] != "offline"
        if one["seen_ms"] is not None:
            silent[name,] = max(0, now_ms - one["seen_ms"]) / 1000
        if one["clock"] and one["clock"]["error_ms"] is not None:
            clock[name,] = one["clock"]["error_ms"] / 1000
        for lane in LANES if one["lanes"] else ():
            pending[name, lane] = one["lanes"][lane]["pending_blocks"]
            oldest[name, lane] = (one["lanes"][lane]["oldest_ms"] or 0) / 1000
    each = ["gateway"]
    return [
        gauge("gateways", "Gateways by what is known of them", states, ["state"]),
        gauge("gateway_up", "1: connected", up, each),
        gauge("gateway_silent_seconds", "Since the last word of a gateway", silent, each),
        gauge("gateway_clock_error_seconds", "What its clock may be wrong by", clock, each),
        gauge("gateway_backlog_blocks", "Blocks without a receipt", pending, ["gateway", "lane"]),
        gauge("gateway_backlog_age_seconds", "Age of the oldest of them", oldest, ["gateway", "lane"]),
    ]


def _told(gateways: Iterable[Json]) -> list[Metric]:
    """What gateways say of their health, by the names that they have at the gateway itself."""
    counts = {one["id"]: one["counts"] for one in gateways}
    return [
        (counter if known.is_counter else gauge)(
            f"gateway_{known.name}",
            known.meaning,
            {(name,): held[known.told] for name, held in counts.items() if known.told in held},
            ["gateway"],
        )
        for known in HEALTH_COUNTS
    ]


def _beds(snapshot: Json, now_ms: int) -> list[Metric]:
    """Beds with a patient: "live" has a value that is not old, "stale" devices but none, "bare" no device."""
    fresh = {value["bed"] for value in snapshot["values"] if not _is_stale(value, now_ms)}
    served = {device["bed"] for device in snapshot["devices"]}
    beds = Counter(
        {(ward["id"], state): 0 for ward in snapshot["wards"] for state in ("live", "stale", "bare")}
    )
    for bed in snapshot["beds"]:
        if bed["patient"]:
            state = "live" if bed["id"] in fresh else "stale" if bed["id"] in served else "bare"
            beds[bed["ward"], state] += 1
    connected = Counter(str(one["connected"]).lower() for one in snapshot["devices"])
    devices = {(state,): connected[state] for state in ("true", "false", "none")}
    return [
        gauge("beds", "Beds with a patient, by whether a value of now is shown", beds, ["ward", "state"]),
        gauge("devices", "Devices, by whether they are connected", devices, ["connected"]),
    ]


def _is_stale(value: Json, now_ms: int) -> bool:
    return (
        value["value"] is None
        or now_ms - value["at_ms"] > METRIC_ITEMS[value["metric"]]["stale_after_s"] * 1000
    )


def _alerts(alerts: Iterable[Json]) -> Metric:
    active = Counter({(name,): 0 for name in ("high", "medium", "low")})
    active.update((alert["priority"],) for alert in alerts)
    return gauge("alerts_active", "Alerts that are active, of patients and technical", active, ["priority"])
