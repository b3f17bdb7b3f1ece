"""The report's plots: how values are distributed, how two ways to measure agree, waveforms, and faults."""

import math

from hil.evidence.figures import BlandAltman, Figure, Overlay
from hil.evidence.measurement import Distribution
from hil.evidence.run import Fault
from hil.evidence.svg import Axis, Plot
from hil.measure.agreement import Agreement

_TIMELINE, _ROW = 80, 30
"""How high a timeline is, and each of its faults."""
_REACH = 3
"""How many times the width of all values a limit is away at the most to be drawn beside them."""
_MOST_POINTS = 2000
"""More than a picture can show: of each stretch the lowest and the highest are drawn."""


def histogram(one: Distribution) -> str:
    """How often each value came, the percentiles that are judged, and their limits."""
    limits = [end for limit in one.limits.values() for end in (limit.lower, limit.upper) if end is not None]
    near = [end for end in limits if _is_near(one, end)]
    across = Axis.around([*one.samples, *near], f"{one.name}, {one.unit}")
    low, width, counts = _bins(one.samples)
    description = (
        f"{len(one.samples)} values from {min(one.samples):.4g} to {max(one.samples):.4g} {one.unit}"
    )
    plot = Plot(across, Axis(0, max(counts) * 1.35, "how often"), f"Histogram: {one.name}", description)
    for index, count in enumerate(counts):
        left = low + index * width
        if count:
            plot.bar((left, left + width), (0, count), hint=f"{left:.4g} to {left + width:.4g}: {count}")
    marked = ["p50", *(name for name in one.limits if name != "p50")]
    for row, name in enumerate(marked):
        plot.mark(one.at(name), f"{name} {one.at(name):.4g}", "mean", row)
    for row, (name, limit) in enumerate(one.limits.items(), len(marked)):
        for end in (limit.lower, limit.upper):
            if end is not None and end in near:
                plot.mark(end, f"limit of {name}: {end:.4g}", "limit", row)
    return plot.text()


def _is_near(one: Distribution, end: float) -> bool:
    """Whether a limit can be in the picture, and the values are still more than one line."""
    low, high = min(one.samples), max(one.samples)
    reach = _REACH * (high - low or abs(high))
    return low - reach <= end <= high + reach


def _bins(samples: tuple[float, ...]) -> tuple[float, float, list[int]]:
    """Lowest value, width and counts, in as many bins as the square root of how many there are."""
    low, high = min(samples), max(samples)
    many = min(60, max(1, math.ceil(math.sqrt(len(samples)))))
    width = (high - low) / many or max(abs(low) * 1e-3, 1e-9)
    counts = [0] * many
    for one in samples:
        counts[min(many - 1, int((one - low) / width))] += 1
    return low, width, counts


def bland_altman(one: BlandAltman) -> str:
    """Difference over mean, with bias and limits of agreement (Bland and Altman, Lancet 1986, 327:307)."""
    points = [((reference + measured) / 2, measured - reference) for reference, measured in one.pairs]
    agreement = Agreement.of(one.pairs)
    lines = (agreement.bias, agreement.low, agreement.high, 0.0)
    plot = Plot(
        Axis.around([x for x, _ in points], f"mean of reference and measured, {one.unit}"),
        Axis.around([*(y for _, y in points), *lines], f"measured − reference, {one.unit}", 0.1),
        f"Bland–Altman: {one.title}",
        f"{len(points)} pairs; bias {agreement.bias:.3g}, limits of agreement {agreement.low:.3g} to "
        f"{agreement.high:.3g} {one.unit}",
    )
    for x, y in points:
        plot.dot(x, y)
    plot.level(agreement.high, f"bias + 1.96 SD: {agreement.high:+.2f}", "limit")
    plot.level(agreement.bias, f"bias: {agreement.bias:+.2f}", "mean")
    plot.level(agreement.low, f"bias − 1.96 SD: {agreement.low:+.2f}", "limit")
    return plot.text()


def overlay(one: Overlay) -> str:
    """The measured waveform over the golden one; where samples were lost it is broken."""
    present = [value for value in (*one.golden, *one.measured) if value is not None]
    length = max(len(one.golden), len(one.measured))
    lost = sum(value is None for value in one.measured)
    plot = Plot(
        Axis(0, max(1, length - 1) / one.rate_hz, "time, s"),
        Axis.around(present, one.unit),
        f"Waveform: {one.title}",
        f"{length} samples at {one.rate_hz:g} Hz; {lost} of the measured were lost",
    )
    for values, kind in ((one.golden, "golden"), (one.measured, "measured")):
        plot.curve(_thinned(values, one.rate_hz), kind)
    return plot.text()


def _thinned(values: tuple[float | None, ...], rate_hz: float) -> list[tuple[float, float] | None]:
    """Points of a curve. Of a long one the lowest and highest of each stretch, and every gap."""
    stretch = max(1, math.ceil(2 * len(values) / _MOST_POINTS))
    points = list[tuple[float, float] | None]()
    for start in range(0, len(values), stretch):
        part = values[start : start + stretch]
        present = [(index, value) for index, value in enumerate(part, start) if value is not None]
        ends = {min(present, key=_value), max(present, key=_value)} if present else set()
        points += [(index / rate_hz, value) for index, value in sorted(ends)]
        if len(present) < len(part):
            points.append(None)
    return points


def _value(one: tuple[int, float]) -> float:
    return one[1]


def timeline(faults: tuple[Fault, ...]) -> str:
    """Each fault on a line of its own: while it lasted, and until everything was as before."""
    ends = [max(one.ended_s, one.recovered_s or one.ended_s) for one in faults]
    end = max(1.0, *ends)
    plot = Plot(
        Axis(0, end * 1.02, "seconds since the run began"),
        Axis(0, len(faults) + 0.6, "faults, in their order", has_numbers=False),
        "Timeline of faults and recovery",
        f"{len(faults)} faults in {end:.4g} s, of which {sum(one.fired for one in faults)} fired",
        _TIMELINE + _ROW * len(faults),
    )
    for row, one in enumerate(reversed(faults)):
        plot.bar(
            (one.at_s, one.ended_s), (row + 0.2, row + 0.6), "fault" if one.fired else "unfired", one.name
        )
        if one.fired and one.recovered_s is not None:
            plot.bar((one.ended_s, one.recovered_s), (row + 0.3, row + 0.5), "recovery", one.name)
        plot.write(one.at_s, row + 0.7, f"{len(faults) - row} {one.name}")
    return plot.text()


def drawn(figure: Figure) -> str:
    """The picture of any figure."""
    return bland_altman(figure) if isinstance(figure, BlandAltman) else overlay(figure)
