"""Plots are SVG whatever the numbers and the names are, and show what they should."""

import math
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hil.errors import BadMeasurement
from hil.evidence.figures import BlandAltman, Overlay
from hil.evidence.measurement import Distribution, Limits
from hil.evidence.plots import bland_altman, drawn, histogram, overlay, timeline
from hil.evidence.run import Fault

FINITE = st.floats(-1e6, 1e6, allow_nan=False)
NAMES = st.text(min_size=1, max_size=12)


def marks(svg: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(svg).iter() if one.get("class") == kind]


def words(svg: str) -> str:
    return " ".join(ElementTree.fromstring(svg).itertext())


def test_a_histogram_has_its_percentiles_and_limits() -> None:
    one = Distribution("delay", "s", (0.1, 0.2, 0.3, 0.9), {"p95": Limits(upper=1.5)}, 0.01)
    svg = histogram(one)
    assert sum(int(str(bar[0].text).rpartition(": ")[2]) for bar in marks(svg, "bar")) == 4
    assert (len(marks(svg, "mean")), len(marks(svg, "limit"))) == (2, 1)
    assert "limit of p95: 1.5" in words(svg)


def test_a_bland_altman_plot_has_a_dot_for_each_pair_and_three_lines() -> None:
    svg = bland_altman(BlandAltman("SpO2", "%", ((90.0, 91.0), (80.0, 82.0), (70.0, 73.0))))
    assert (len(marks(svg, "dot")), len(marks(svg, "mean")), len(marks(svg, "limit"))) == (3, 1, 2)
    for line in ("bias: +2.00", "bias + 1.96 SD: +3.96", "bias − 1.96 SD: +0.04"):
        assert line in words(svg)


def test_a_waveform_is_broken_where_samples_were_lost() -> None:
    svg = overlay(Overlay("pleth", "1", 50, (0.0, 1.0, 0.0, 1.0), (0.0, 1.0, None, 1.0)))
    golden, measured = (marks(svg, kind)[0].get("d") for kind in ("golden", "measured"))
    assert (str(golden).count("M"), str(measured).count("M")) == (1, 2)


def test_a_long_waveform_keeps_its_peaks_and_its_gaps() -> None:
    values = [0.0] * 50_000
    values[31_234] = 9.0
    measured = (*values[:40_000], None, *values[40_001:])
    svg = overlay(Overlay("pleth", "1", 50, tuple(values), measured))
    assert len(svg) < 200_000
    paths = [str(marks(svg, kind)[0].get("d")) for kind in ("golden", "measured")]
    assert len(set(paths[0].split("L"))) > 2
    assert paths[1].count("M") == 2


def test_a_timeline_shows_what_did_not_fire_and_what_never_recovered() -> None:
    svg = timeline((Fault("cut", 1, 2, 3), Fault("flip", 4, 5, None), Fault("flood", 6, 7, 8, fired=False)))
    assert [len(marks(svg, kind)) for kind in ("fault", "recovery", "unfired")] == [2, 1, 1]


@settings(max_examples=30, deadline=None)
@given(st.lists(FINITE, min_size=1, max_size=30), NAMES)
def test_any_distribution_is_drawn(samples: list[float], name: str) -> None:
    marks(histogram(Distribution(name, "s", tuple(samples), {"max": Limits(0, 1)}, 0.1)), "bar")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=30), NAMES)
def test_any_pairs_are_drawn(pairs: list[tuple[float, float]], name: str) -> None:
    assert len(marks(drawn(BlandAltman(name, "%", tuple(pairs))), "dot")) == len(pairs)


@settings(max_examples=30, deadline=None)
@given(st.lists(FINITE, min_size=2, max_size=30), st.lists(FINITE | st.none(), max_size=30), NAMES)
def test_any_waveform_is_drawn(golden: list[float], measured: list[float | None], name: str) -> None:
    marks(drawn(Overlay(name, "1", 50, tuple(golden), tuple(measured))), "golden")


TIMES = st.floats(0, 1e5)


@settings(max_examples=30, deadline=None)
@example([Fault("cut", 0.0, 5e-324, None)])
@given(st.lists(st.builds(Fault, NAMES, TIMES, TIMES, TIMES | st.none()), min_size=1, max_size=20))
def test_any_faults_are_drawn(faults: list[Fault]) -> None:
    assert len(marks(timeline(tuple(faults)), "fault")) == len(faults)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300])
def test_what_is_no_number_is_refused_before_it_breaks_a_report(value: float) -> None:
    for made in (
        lambda: BlandAltman("x", "%", ((1.0, value), (2.0, 2.0))),
        lambda: Overlay("x", "1", 50, (1.0, 2.0), (1.0, value)),
        lambda: Fault("x", 1.0, value, None),
        lambda: Distribution("x", "s", (value,)),
    ):
        with pytest.raises(BadMeasurement, match="finite"):
            made()


@pytest.mark.parametrize("figure", [lambda: BlandAltman("x", "%", ()), lambda: Overlay("x", "1", 0, (), ())])
def test_a_figure_of_nothing_is_refused(figure: object) -> None:
    with pytest.raises(BadMeasurement, match="expected"):
        figure()  # type: ignore[operator]


def test_a_limit_far_from_every_value_does_not_squeeze_them_into_a_line() -> None:
    values = tuple(0.1 + n / 100 for n in range(10))
    far = histogram(Distribution("delay", "s", values, {"max": Limits(upper=30.0)}, 0.01))
    near = histogram(Distribution("delay", "s", values, {"max": Limits(upper=0.3)}, 0.01))
    assert (len(marks(far, "limit")), len(marks(near, "limit"))) == (0, 1)
    widths = [float(bar.attrib["width"]) for bar in marks(far, "bar")]
    assert sum(widths) > 400
