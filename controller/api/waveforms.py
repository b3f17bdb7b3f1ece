"""Waveforms of a bed's present patient as they were: samples at their own times, gaps as gaps."""

from base64 import b64encode
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.asked import asked_metrics, asked_span, present_stay
from controller.api.context import context
from controller.history.reading import Run, find_runs, measured_on
from controller.store import Store
from devices.model.metrics import METRICS, Metric
from devices.model.spelled import quality_names

MOST_METRICS = 4
LONGEST_MS = 600_000


async def waveforms(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/waveforms."""
    bed, began_us = await present_stay(request)
    store = context(request).store
    if "metric" in request.query:
        wanted = asked_metrics(request, MOST_METRICS)
    else:
        wanted = await _all_of(store, bed)
    from_ms, to_ms = asked_span(request, LONGEST_MS)
    first_us = max(from_ms * 1000, began_us)
    found: dict[str, Any] = {}
    for metric in wanted:
        runs = await find_runs(store, bed, metric.name, first_us, to_ms * 1000)
        found[metric.name] = {"unit": metric.unit, "runs": [_json(_since(run, began_us)) for run in runs]}
    return answer({"metrics": found})


async def _all_of(store: Store, bed: str) -> list[Metric]:
    measured = await measured_on(store, bed)
    return [metric for metric in METRICS.values() if metric.is_waveform and metric.name in measured]


def _since(run: Run, began_us: int) -> Run:
    """The run without the samples that were measured before this patient's stay."""
    before = max(-(-(began_us - run.at_us) * run.rate_mhz // 1_000_000_000), 0)
    at_us = run.at_us + before * 1_000_000_000 // run.rate_mhz
    return run._replace(at_us=at_us, samples=run.samples[2 * before :])


def _json(run: Run) -> dict[str, Any]:
    return {
        "device": run.device,
        "at_ms": run.at_us / 1000,
        "rate_hz": run.rate_mhz / 1000,
        "samples": b64encode(run.samples).decode("ascii"),
        "scale": run.scale,
        "offset": run.offset,
        "quality": quality_names(run.quality),
    }
