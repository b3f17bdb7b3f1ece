"""The chart of NEWS2: every boundary as the Royal College of Physicians published it in 2017."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.scores_chart import (
    CHART,
    CVPU_POINTS,
    OXYGEN_POINTS,
    SCALE_2,
    Parameter,
    as_charted,
    row_of,
)

P = Parameter

PUBLISHED = {
    P.RESPIRATION: [
        (range(8), 3),
        (range(8, 9), 3),
        (range(9, 12), 1),
        (range(12, 21), 0),
        (range(21, 25), 2),
    ],
    P.SPO2: [(range(92), 3), (range(92, 94), 2), (range(94, 96), 1), (range(96, 101), 0)],
    P.SYSTOLIC: [(range(91), 3), (range(91, 101), 2), (range(101, 111), 1), (range(111, 220), 0)],
    P.PULSE: [
        (range(41), 3),
        (range(41, 51), 1),
        (range(51, 91), 0),
        (range(91, 111), 1),
        (range(111, 131), 2),
    ],
}
"""Every whole number below the chart's last field, written down apart from the code."""
BEYOND = {P.RESPIRATION: (25, 3), P.SYSTOLIC: (220, 3), P.PULSE: (131, 3)}

EVERY = [
    (parameter, number, points)
    for parameter, fields in PUBLISHED.items()
    for numbers, points in fields
    for number in numbers
] + [(parameter, n, points) for parameter, (low, points) in BEYOND.items() for n in range(low, low + 120)]

TENTHS = [
    *((n, 3) for n in range(250, 351)),
    *((n, 1) for n in range(351, 361)),
    *((n, 0) for n in range(361, 381)),
    *((n, 1) for n in range(381, 391)),
    *((n, 2) for n in range(391, 451)),
]
"""Temperature, in tenths of a degree."""

SCALE_2_ON_AIR = [*((n, 3) for n in range(84)), (84, 2), (85, 2), (86, 1), (87, 1)] + [
    (n, 0) for n in range(88, 101)
]
SCALE_2_ON_OXYGEN = [
    *SCALE_2_ON_AIR[:93],
    *((93, 1), (94, 1), (95, 2), (96, 2)),
    *((n, 3) for n in range(97, 101)),
]


def test_every_whole_number_has_the_points_of_the_chart() -> None:
    wrong = [(p, n) for p, n, points in EVERY if row_of(p, n).points != points]
    assert wrong == []


def test_every_tenth_of_a_degree_has_the_points_of_the_chart() -> None:
    assert [n for n, points in TENTHS if row_of(P.TEMPERATURE, n / 10).points != points] == []


@pytest.mark.parametrize(("on_oxygen", "expected"), [(False, SCALE_2_ON_AIR), (True, SCALE_2_ON_OXYGEN)])
def test_every_per_cent_by_scale_2_has_the_points_of_the_chart(
    on_oxygen: bool, expected: list[tuple[int, int]]
) -> None:
    assert len(expected) == 101
    wrong = [n for n, points in expected if row_of(P.SPO2, n, 2, on_oxygen=on_oxygen).points != points]
    assert wrong == []


def test_oxygen_is_two_points_and_any_state_but_alert_three() -> None:
    assert (OXYGEN_POINTS, CVPU_POINTS) == (2, 3)


@pytest.mark.parametrize(
    ("parameter", "value", "charted", "points"),
    [
        (P.TEMPERATURE, 35.04, "35.0", 3),
        (P.TEMPERATURE, 35.05, "35.1", 1),
        (P.TEMPERATURE, 36.05, "36.1", 0),
        (P.TEMPERATURE, 38.05, "38.1", 1),
        (P.TEMPERATURE, 39.04, "39.0", 1),
        (P.TEMPERATURE, 39.05, "39.1", 2),
        (P.SPO2, 91.4, "91", 3),
        (P.SPO2, 91.5, "92", 2),
        (P.RESPIRATION, 8.49, "8", 3),
        (P.RESPIRATION, 8.5, "9", 1),
        (P.SYSTOLIC, 219.5, "220", 3),
        (P.PULSE, 130.5, "131", 3),
    ],
)
def test_between_the_chart_s_numbers_a_value_is_rounded_as_a_person_does(
    parameter: Parameter, value: float, charted: str, points: int
) -> None:
    assert as_charted(parameter, value) == Decimal(charted)
    assert row_of(parameter, value).points == points


def test_a_field_tells_what_the_chart_prints() -> None:
    assert row_of(P.RESPIRATION, 22).text == "21–24"
    assert row_of(P.TEMPERATURE, 34).text == "≤35.0"
    assert row_of(P.PULSE, 200).text == "≥131"
    row = row_of(P.SPO2, 94, 2, on_oxygen=True)
    assert (row.text, row.under) == ("93–94", "oxygen")
    assert row_of(P.SPO2, 94, 2).under == "air"


@given(
    st.sampled_from(sorted(CHART)),
    st.floats(-60, 400, allow_nan=False),
    st.sampled_from([1, 2]),
    st.booleans(),
)
def test_whatever_is_measured_has_exactly_one_field(
    parameter: Parameter, value: float, scale: int, on_oxygen: bool
) -> None:
    row = row_of(parameter, value, scale, on_oxygen=on_oxygen)
    charted = as_charted(parameter, value)
    rows = SCALE_2 if scale == 2 and parameter is P.SPO2 else CHART[parameter]
    other = "air" if on_oxygen else "oxygen"
    fits = [
        one
        for one in rows
        if one.under != other
        and (one.low is None or one.low <= charted)
        and (one.high is None or charted <= one.high)
    ]
    assert fits == [row]


@given(st.sampled_from(sorted(CHART)), st.floats(-60, 400), st.floats(-60, 400))
def test_further_from_the_normal_is_never_fewer_points(
    parameter: Parameter, one: float, other: float
) -> None:
    normal = next(row for row in CHART[parameter] if row.points == 0)
    low, high = sorted((one, other))
    if normal.low is not None and as_charted(parameter, high) < normal.low:
        assert row_of(parameter, low).points >= row_of(parameter, high).points
    if normal.high is not None and as_charted(parameter, low) > normal.high:
        assert row_of(parameter, high).points >= row_of(parameter, low).points


@given(st.floats(0, 100), st.floats(0, 100))
def test_by_scale_2_on_oxygen_too_much_counts_and_too_little(one: float, other: float) -> None:
    low, high = sorted((one, other))
    points = [row_of(P.SPO2, value, 2, on_oxygen=True).points for value in (low, high)]
    if high < 88:
        assert points[0] >= points[1]
    if low >= 93:
        assert points[0] <= points[1]
