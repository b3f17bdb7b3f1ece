"""Trends: the numbers of a bed's present patient over time, gathered into equal steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.asked import asked_metrics, asked_span, present_stay, whole
from controller.api.context import context
from controller.history.reading import Found, Steps, find_disowned, find_steps
from controller.store import Store
from devices.model.metrics import Metric

MOST_METRICS = 16
MOST_POINTS = 2000
POINTS = 600
LONGEST_MS = 31 * 86_400_000


async def trends(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/trends."""
    bed, began_us = await present_stay(request)
    metrics = asked_metrics(request, MOST_METRICS)
    span = asked_span(request, LONGEST_MS)
    points = whole(request, "points", POINTS)
    if not 1 <= points <= MOST_POINTS:
        raise BadRequest(f"expected points from 1 to {MOST_POINTS}, got {points}")
    return answer(await measured(context(request).store, bed, metrics, Steps(*span, points), began_us))


async def measured(
    store: Store, bed: str, metrics: Sequence[Metric], steps: Steps, began_us: int
) -> dict[str, Any]:
    """The answer. Raises StoreError."""
    by_metric: dict[str, dict[int, Found]] = {metric.name: {} for metric in metrics}
    for found in await find_steps(store, bed, list(by_metric), steps, began_us):
        by_metric[found.metric][found.step] = found
    span = max(steps.from_us, began_us), steps.to_us
    aliens = list[dict[str, Any]]()
    for one in await find_disowned(store, bed, list(by_metric), span):
        aliens.append({"metric": one.metric, "t_ms": one.at_us // 1000, "value": one.value})
    trends_ = {one.name: _trend(one, steps, by_metric[one.name]) for one in metrics}
    return {"metrics": trends_, "not_theirs": aliens}


def _trend(metric: Metric, steps: Steps, found: Mapping[int, Found]) -> dict[str, Any]:
    in_order = [found.get(step) for step in range(steps.count)]
    return {
        "unit": metric.unit,
        "t_ms": [steps.middle_ms(step) for step in range(steps.count)],
        "min": [one and one.low for one in in_order],
        "max": [one and one.high for one in in_order],
        "mean": [one and one.mean for one in in_order],
    }
