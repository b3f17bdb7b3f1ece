"""What requests for history ask for: a bed's present patient, metrics, a time."""

from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.context import context, seen_bed
from devices.errors import UnknownMetric
from devices.model.metrics import Metric, by_name

_SINCE = "SELECT ifnull(max(to_ms), 0) AS began FROM stay WHERE bed = ? AND identifier IS NOT ?"


async def present_stay(request: web.Request) -> tuple[str, int]:
    """The request's bed, and when the last other patient left it, µs: what was before is not this one's.

    Raises NotFound, StoreError.
    """
    held = seen_bed(request, request.match_info["bed"])
    identifier = held.patient.identifier if held.patient else None
    return held.id, (await context(request).store.read(_SINCE, (held.id, identifier)))[0]["began"] * 1000


def asked_metrics(request: web.Request, most: int) -> list[Metric]:
    """Every `metric` of the query. Raises BadRequest."""
    metrics = [_metric(name) for name in request.query.getall("metric", [])]
    if not 1 <= len(metrics) <= most:
        raise BadRequest(f"expected metric 1 to {most} times, got it {len(metrics)} times")
    return metrics


def asked_span(request: web.Request, longest_ms: int) -> tuple[int, int]:
    """`from_ms` and `to_ms` of the query. Raises BadRequest."""
    from_ms, to_ms = whole(request, "from_ms"), whole(request, "to_ms")
    if not 0 < to_ms - from_ms <= longest_ms:
        raise BadRequest(f"expected to_ms after from_ms by at most {longest_ms} ms, got {to_ms - from_ms} ms")
    return from_ms, to_ms


def whole(request: web.Request, name: str, otherwise: int | None = None) -> int:
    """A whole number of the query. Raises BadRequest."""
    text = request.query.get(name)
    if text is None and otherwise is not None:
        return otherwise
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected {name} as a whole number, got {text!r}")
    return int(text)


def _metric(name: str) -> Metric:
    try:
        return by_name(name)
    except UnknownMetric as error:
        raise BadRequest(str(error)) from None
