"""How warm a delivery was, as answers show it."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.context import context
from controller.hub import Hub
from controller.prescriptions.cold.desk import Told
from controller.prescriptions.cold.states import VERDICTS
from controller.steps import possible

Json = dict[str, Any]


async def colds_of(request: web.Request, deliveries: Collection[int]) -> dict[int, Json]:
    """ColdViews of those of them that must stay cold, by the delivery's id."""
    parts = context(request)
    found = await parts.prescriptions.cold.shown(deliveries)
    now_ms, longest_ms = parts.clock.now_us() // 1000, parts.prescriptions.books.gap_ms
    return {one: _shown(told, now_ms, longest_ms, parts.hub) for one, told in found.items()}


def _shown(told: Told, now_ms: int, longest_ms: int, hub: Hub) -> Json:
    cold, record, state = told
    kept = asdict(record)
    low, high = map(float, cold.allowed)
    place = cold.boxes[-1].place if cold.boxes else None
    is_old = record.last_ms is None or now_ms - record.last_ms > longest_ms
    return {
        **kept,
        "low": low,
        "high": high,
        "state": state,
        "possible": possible(VERDICTS, state),
        "doubts": sorted(cold.all_doubts(record)) if cold.boxes else [],
        "place": place,
        "packed_ms": cold.boxes[0].from_ms if cold.boxes else None,
        "ended_ms": cold.ended_ms,
        "is_stale": is_old or cold.ended_ms is not None,
        "gaps": [one._asdict() for one in record.gaps],
        "longest_ms": longest_ms,
        **{name: getattr(cold, name) for name in ("verdict", "why", "by", "verdict_ms")},
        "alarms": _alarms(hub, place) if place and cold.ended_ms is None else [],
    }


def _alarms(hub: Hub, place: str) -> list[Json]:
    """ColdAlarms of the box, as its gateway tells them."""
    names = ("gateway", "code", "priority", "at_ms", "detail")
    return [{name: one[name] for name in names} for one in hub.alerts_at(place)]
