"""The ward in a few numbers, from the board's snapshot."""

from typing import Any

from hil.board import Live, live

NOW = 1_000_000
METRICS = {"hr": {"unit": "/min", "stale_after_s": 10, "physio": [20, 300]}}


def value(bed: str | None, age_ms: int, number: float | None = 60.0) -> dict[str, Any]:
    return {"device": "hr-1", "bed": bed, "metric": "hr", "value": number, "at_ms": NOW - age_ms}


def snapshot(*values: dict[str, Any]) -> dict[str, Any]:
    return {
        "server_ms": NOW,
        "metrics": METRICS,
        "values": list(values),
        "beds": [{"id": "bed-1"}, {"id": "bed-2"}],
        "devices": [{"connected": True}, {"connected": False}, {"connected": None}],
        "gateways": [{"id": "ward-a", "state": "behind", "pending_blocks": 7}],
    }


def test_a_bed_is_live_while_one_of_its_values_is_young_enough() -> None:
    assert live(snapshot(value("bed-1", 10_000), value("bed-2", 10_001))).live_beds == 1


def test_no_value_and_no_bed_make_nothing_live() -> None:
    assert live(snapshot(value("bed-1", 0, None), value(None, 0))).live_beds == 0


def test_devices_and_gateways_are_counted() -> None:
    assert live(snapshot()) == Live(2, 0, 3, 1, {"ward-a": "behind"}, 7)
