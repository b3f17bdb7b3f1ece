"""What a model looks at: never what comes later, nothing filled in, slopes as by the textbook."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.models.features import FEATURES, HOUR_MS, History, Lacking, Look, Series, look, slope
from devices.model.scores_chart import Parameter

NOW = 1_800_000_000_000
LIMIT = 6 * HOUR_MS
PLAIN = {
    Parameter.RESPIRATION: 16.0,
    Parameter.SPO2: 97.0,
    Parameter.OXYGEN: 0.0,
    Parameter.SYSTOLIC: 120.0,
    Parameter.PULSE: 80.0,
    Parameter.CONSCIOUSNESS: 0.0,
    Parameter.TEMPERATURE: 36.8,
}


def history(**changed: float) -> dict[Parameter, Series]:
    values = PLAIN | {Parameter(name): value for name, value in changed.items()}
    return {one: Series([NOW - 60_000], [value]) for one, value in values.items()}


def named(history_: History) -> Mapping[str, float]:
    found = look(history_, NOW, LIMIT)
    assert isinstance(found, Look)
    return {one.name: value for one, value in zip(FEATURES, found.values, strict=True)}


readings = st.lists(
    st.tuples(st.integers(-8 * HOUR_MS, 8 * HOUR_MS), st.floats(1, 250)),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one[0],
)


def series(rows: list[tuple[int, float]]) -> Series:
    return Series([NOW + at for at, _ in sorted(rows)], [value for _, value in sorted(rows)])


@settings(max_examples=60)
@given(st.fixed_dictionaries(dict.fromkeys(Parameter, readings)))
def test_a_feature_never_uses_a_reading_after_its_time(
    rows: dict[Parameter, list[tuple[int, float]]],
) -> None:
    known = {one: [row for row in some if row[0] <= 0] for one, some in rows.items()}
    before = {one: series(some) for one, some in known.items() if some}
    assert look({one: series(some) for one, some in rows.items()}, NOW, LIMIT) == look(before, NOW, LIMIT)


@pytest.mark.parametrize("parameter", Parameter)
def test_what_is_missing_or_old_is_said_and_nothing_is_filled_in(parameter: Parameter) -> None:
    known = history()
    old = {**known, parameter: Series([NOW - LIMIT - 1], [PLAIN[parameter]])}
    assert look(old, NOW, LIMIT) == Lacking({parameter: "stale"})
    del known[parameter]
    assert look(known, NOW, LIMIT) == Lacking({parameter: "missing"})


def test_how_far_a_value_is_from_where_news2_gives_no_points_is_a_feature() -> None:
    found = named(history(respiration=26, systolic=100, temperature=35.0))
    assert (found["respiration_above"], found["respiration_below"]) == (6, 0)
    assert (found["systolic_below"], found["systolic_above"]) == (11, 0)
    assert found["temperature_below"] == pytest.approx(1.1)
    assert "spo2_above" not in found
    assert found["pulse_min"] == 1


def test_a_trend_that_is_not_known_says_so() -> None:
    found = named(history())
    assert (found["pulse_per_h"], found["pulse_no_trend"]) == (0, 1)
    rising = history() | {Parameter.PULSE: Series([NOW - 2 * HOUR_MS, NOW], [80, 100])}
    found = named(rising)
    assert (found["pulse_per_h"], found["pulse_no_trend"]) == (10, 0)
    early = history() | {Parameter.PULSE: Series([NOW - 5 * HOUR_MS, NOW - HOUR_MS // 2, NOW], [60, 80, 90])}
    assert named(early)["pulse_no_trend"] == 1


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 240), st.floats(-100, 100)),
        min_size=3,
        max_size=20,
        unique_by=lambda one: one[0],
    )
)
def test_a_slope_is_that_of_least_squares(rows: list[tuple[int, float]]) -> None:
    rows = sorted(rows)
    minutes, values = [at for at, _ in rows], [value for _, value in rows]
    found = slope(Series([NOW + at * 60_000 for at in minutes], values), 0, len(rows))
    if minutes[-1] - minutes[0] < 60:
        assert found is None
    else:
        assert found == pytest.approx(np.polyfit(np.array(minutes) / 60, values, 1)[0], abs=1e-6)
