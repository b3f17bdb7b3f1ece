"""Trends: the numbers of a bed's present patient over time, gathered into equal steps."""

from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.context import context
from controller.errors import NotFound
from controller.store import Store
from devices.errors import UnknownMetric
from devices.model.metrics import Metric, by_name

MOST_METRICS = 16
MOST_POINTS = 2000
POINTS = 600
LONGEST_MS = 31 * 86_400_000

_SINCE = "SELECT ifnull(max(to_ms), 0) AS began FROM stay WHERE bed = ? AND identifier IS NOT ?"
_STEPS = """SELECT (at_us - ?) / ? AS step, min(value) AS low, max(value) AS high, avg(value) AS mean
FROM observation JOIN series ON series.id = observation.series
WHERE series.bed = ? AND series.metric = ? AND at_us >= ? AND at_us < ? AND value IS NOT NULL
GROUP BY step"""


async def trends(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/trends."""
    parts, bed = context(request), request.match_info["bed"]
    held = parts.registry.beds.get(bed)
    if held is None:
        raise NotFound(f"there is no bed {bed!r}: see /api/snapshot for those there are")
    metrics, from_ms, to_ms, points = _asked(request)
    began_ms = await _stay_began_ms(parts.store, bed, held.patient.identifier if held.patient else None)
    steps = Steps(from_ms, to_ms, points)
    found = {metric.name: await _trend(parts.store, bed, metric, steps, began_ms) for metric in metrics}
    return answer({"metrics": found})


class Steps:
    """`points` equal steps from `from_ms` to `to_ms`, never shorter than a millisecond."""

    def __init__(self, from_ms: int, to_ms: int, points: int) -> None:
        self.from_us = from_ms * 1000
        self.to_us = to_ms * 1000
        self.length_us = max(-(-(self.to_us - self.from_us) // points), 1000)
        self.count = -(-(self.to_us - self.from_us) // self.length_us)

    def middle_ms(self, step: int) -> int:
        """The time in the middle of a step."""
        return (self.from_us + step * self.length_us + self.length_us // 2) // 1000


async def _stay_began_ms(store: Store, bed: str, identifier: str | None) -> int:
    """When the last other patient left this bed: what was measured before is not this patient's."""
    return (await store.read(_SINCE, (bed, identifier)))[0]["began"]


async def _trend(store: Store, bed: str, metric: Metric, steps: Steps, began_ms: int) -> dict[str, Any]:
    first_us = max(steps.from_us, began_ms * 1000)
    asked = steps.from_us, steps.length_us, bed, metric.name, first_us, steps.to_us
    rows = {row["step"]: row for row in await store.read(_STEPS, asked)}

    def column(name: str) -> list[float | None]:
        return [rows[step][name] if step in rows else None for step in range(steps.count)]

    times = [steps.middle_ms(step) for step in range(steps.count)]
    columns = {"min": column("low"), "max": column("high"), "mean": column("mean")}
    return {"unit": metric.unit, "t_ms": times, **columns}


def _asked(request: web.Request) -> tuple[list[Metric], int, int, int]:
    metrics = [_metric(name) for name in request.query.getall("metric", [])]
    if not 1 <= len(metrics) <= MOST_METRICS:
        raise BadRequest(f"expected metric 1 to {MOST_METRICS} times, got it {len(metrics)} times")
    from_ms, to_ms = _whole(request, "from_ms"), _whole(request, "to_ms")
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise BadRequest(f"expected to_ms after from_ms by at most {LONGEST_MS} ms, got {to_ms - from_ms} ms")
    points = _whole(request, "points", POINTS)
    if not 1 <= points <= MOST_POINTS:
        raise BadRequest(f"expected points from 1 to {MOST_POINTS}, got {points}")
    return metrics, from_ms, to_ms, points


def _metric(name: str) -> Metric:
    try:
        return by_name(name)
    except UnknownMetric as error:
        raise BadRequest(str(error)) from None


def _whole(request: web.Request, name: str, otherwise: int | None = None) -> int:
    text = request.query.get(name)
    if text is None and otherwise is not None:
        return otherwise
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected {name} as a whole number, got {text!r}")
    return int(text)
