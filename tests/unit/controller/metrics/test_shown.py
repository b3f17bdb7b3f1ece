"""What is told of gateways and beds is right, and of no more than there is."""

from typing import Any

from controller.items import new_device, new_gateway
from controller.metrics.shown import shown
from devices.wire.topics import LANES

NOW_MS = 1_000_000


def bed(name: str, patient: str | None = "P1") -> dict[str, Any]:
    return {"id": name, "ward": "w-1", "patient": patient and {"identifier": patient}}


def value(of: str, age_s: float, number: float | None = 97) -> dict[str, Any]:
    return {"bed": of, "metric": "spo2", "value": number, "at_ms": NOW_MS - int(age_s * 1000)}


def told(**more: Any) -> dict[str, dict[tuple[str, ...], float]]:
    """By the name of the family, the values by labels."""
    empty = {"server_ms": NOW_MS, "gateways": [], "wards": [{"id": "w-1"}], "beds": [], "devices": []}
    families = shown({**empty, "values": [], "alerts": [], **more})
    return {f.name: {tuple(s.labels.values()): s.value for s in f.samples} for f in families}


def device(of: str, *, connected: bool = True) -> dict[str, Any]:
    return {**new_device(f"ox-{of}"), "bed": of, "connected": connected}


def test_a_bed_is_live_stale_bare_or_of_nobody() -> None:
    beds = [bed("fresh"), bed("old"), bed("off"), bed("bare"), bed("empty", None)]
    devices = [device("fresh"), device("old"), device("off"), device("empty")]
    values = [value("fresh", 1), value("old", 3600), value("off", 1, None), value("empty", 1)]
    found = told(beds=beds, devices=devices, values=values)
    assert found["wardlink_beds"] == {("w-1", "live"): 1, ("w-1", "stale"): 2, ("w-1", "bare"): 1}


def test_a_gateway_tells_how_far_behind_each_lane_is() -> None:
    lane = {"live": False, "newest_ms": None, "pending_blocks": 3, "oldest_ms": 4500}
    lanes = dict.fromkeys(LANES, lane)
    counts = {"readings": 7, "made-up-by-somebody": 1}
    held = {"id": "ward-a", "state": "behind", "seen_ms": NOW_MS - 2000, "lanes": lanes, "counts": counts}
    gone = new_gateway("amb-1")
    found = told(gateways=[{**new_gateway("ward-a"), **held}, gone])
    assert found["wardlink_gateway_up"] == {("ward-a",): 1, ("amb-1",): 0}
    assert found["wardlink_gateway_silent_seconds"] == {("ward-a",): 2}
    assert found["wardlink_gateway_backlog_age_seconds"]["ward-a", "vital"] == 4.5
    assert found["wardlink_gateways"] == {("online",): 0, ("behind",): 1, ("offline",): 1}
    assert found["wardlink_gateway_readings"] == {("ward-a",): 7}
    assert not any("made" in name for name in found)
