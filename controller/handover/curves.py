"""The trends of a case as curves: the mean of each step, and behind it its lowest to its highest value."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from controller.handover.case import Case, Step, Trend, Vital
from controller.handover.paper import GREY, INK, PALE, Sheet

CHARTS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("hr", "pr_spo2", "pr_ibp", "pr_nibp"),),
    (("spo2",),),
    (("nibp_sys",), ("nibp_dia",)),
    (("rr_co2", "vent_rr_total", "rr", "rr_imped", "rr_acoustic", "rr_pleth"),),
)
"""Of each chart its curves, of each curve the metrics of which the first counts that was measured."""
BLUE, BAND = (0.05, 0.32, 0.62), (0.76, 0.85, 0.94)
_LEAST_RANGE = 10.0
"""So that a steady value is not drawn as if it jumped."""
_THIN = 0.4
_STEADY_STEPS = 2
"""Over a gap that is longer nothing is drawn."""


class Box(NamedTuple):
    """Where a chart is."""

    left: float
    bottom: float
    width: float
    height: float


def curves_of(case: Case, chart: Sequence[Sequence[str]]) -> list[list[Vital]]:
    """For each curve of `chart` the vitals of its metric, in order of the stays."""
    return [found for names in chart if (found := _first(case, names))]


def _first(case: Case, names: Sequence[str]) -> list[Vital]:
    by_name = ([vital for vital in case.vitals if vital.name == name and vital.trend.steps] for name in names)
    return next((found for found in by_name if found), [])


def draw(sheet: Sheet, box: Box, case: Case, curves: Sequence[Sequence[Vital]]) -> tuple[float, float]:
    """Draw them in `box`, and where the patient changed places. Returns the ends of the scale."""
    trends = [vital.trend for curve in curves for vital in curve]
    low, high = _scale([step for trend in trends for step in trend.steps])
    begin_ms, length_ms = case.from_ms, max(case.until_ms - case.from_ms, 1)

    def x(at_ms: float) -> float:
        return box.left + box.width * min(max((at_ms - begin_ms) / length_ms, 0), 1)

    def y(value: float) -> float:
        return box.bottom + box.height * (value - low) / (high - low)

    _frame(sheet, box, [x(stay.from_ms) for stay in case.stays[1:] if stay.from_ms > begin_ms])
    for trend in trends:
        _band(sheet, trend, x, y)
    for trend in trends:
        _mean(sheet, trend, x, y)
    return low, high


def _scale(steps: Sequence[Step]) -> tuple[float, float]:
    low, high = min(step.low for step in steps), max(step.high for step in steps)
    spare = max(_LEAST_RANGE - (high - low), 0) / 2
    return low - spare, high + spare


def _frame(sheet: Sheet, box: Box, changes: Sequence[float]) -> None:
    canvas = sheet.canvas
    canvas.setLineWidth(0.5)
    canvas.setStrokeColorRGB(*PALE)
    canvas.rect(*box, stroke=1, fill=0)
    canvas.setStrokeColorRGB(*GREY)
    canvas.setDash(2, 2)
    for at in changes:
        canvas.line(at, box.bottom, at, box.bottom + box.height)
    canvas.setDash()


Axis = Callable[[float], float]


def _band(sheet: Sheet, trend: Trend, x: Axis, y: Axis) -> None:
    sheet.canvas.setFillColorRGB(*BAND)
    for step in trend.steps:
        begin = x(trend.from_ms + step.number * trend.step_ms)
        end = x(trend.from_ms + (step.number + 1) * trend.step_ms)
        sheet.canvas.rect(
            begin, y(step.low), max(end - begin, 0.4), max(y(step.high) - y(step.low), 0.4), 0, 1
        )


def _mean(sheet: Sheet, trend: Trend, x: Axis, y: Axis) -> None:
    canvas = sheet.canvas
    canvas.setStrokeColorRGB(*BLUE)
    canvas.setFillColorRGB(*INK)
    canvas.setLineWidth(0.9)
    for run in _runs(trend.steps):
        points = [(x(trend.from_ms + (step.number + 0.5) * trend.step_ms), y(step.mean)) for step in run]
        if len(points) == 1:
            canvas.circle(*points[0], 0.9, 0, 1)
        for before, after in pairwise(points):
            canvas.line(*before, *after)


def _runs(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps that follow each other."""
    run: list[Step] = []
    for step in steps:
        if run and step.number - run[-1].number > _STEADY_STEPS:
            yield run
            run = []
        run.append(step)
    if run:
        yield run
