"""The zero of the cuff's sensor: taken of an open cuff, and of nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.sensors import reasons
from firmware.sensors.analogue import FULL
from firmware.sensors.cuff import INFLATED, OFFSET, STABILITY, Cuff

OFFSETS = st.integers(-OFFSET + 2, OFFSET - 2)
STEPS = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 25)), max_size=12)
"""Pressures (tenths of mmHg), each with how many readings it stays."""


def number(pressure: float) -> int:
    """The converter's number at tenths of a millimetre of mercury."""
    return round((0.018 * pressure / 75.0062 + 0.04) * FULL)


class Bench:
    """A sensor with an offset, and its cuff."""

    def __init__(self, offset: int) -> None:
        self.offset, self.told = offset, list[str]()
        self.cuff = Cuff(self.told.append)

    def held(self, pressure: int, readings: int = 12) -> tuple[int | None, int]:
        said: tuple[int | None, int] = (None, 0)
        for _ in range(readings):
            said = self.cuff.add(number(pressure + self.offset))
        return said


def test_an_open_cuff_at_boot_gives_the_zero_within_five_seconds_and_not_before() -> None:
    bench = Bench(60)
    value, said = bench.held(0, readings=9)
    assert (bench.cuff.zero, said) == (None, reasons.QUESTIONABLE)
    assert value is not None and abs(value - 60) <= 1
    assert bench.held(0, readings=1) == (0, reasons.GOOD)
    value, _ = bench.held(1200)
    assert value is not None and abs(value - 1200) <= 1


def test_the_zero_follows_the_sensor_after_a_deflation_and_only_then() -> None:
    bench = Bench(10)
    bench.held(0)
    bench.offset = 22
    assert abs((bench.held(0, 50)[0] or 0) - 12) <= 1
    bench.held(1500)
    assert abs(bench.held(0, 50)[0] or 0) <= 1


def test_air_that_stays_in_the_cuff_does_not_become_the_zero() -> None:
    bench = Bench(0)
    bench.held(0)
    bench.held(1500)
    value, said = bench.held(STABILITY + 3, 100)
    assert said == reasons.GOOD
    assert value is not None and abs(value - STABILITY - 3) <= 1
    assert abs(bench.held(0)[0] or 0) <= 1


def test_a_node_that_is_reset_while_its_cuff_is_inflated_measures_on_and_says_that_it_has_no_zero() -> None:
    bench = Bench(0)
    value, said = bench.held(1200, 100)
    assert (bench.cuff.zero, said) == (None, reasons.QUESTIONABLE)
    assert value is not None and abs(value - 1200) <= 1
    assert bench.told == []


def test_a_sensor_beyond_its_data_sheet_gives_no_number_and_is_told_once() -> None:
    bench = Bench(OFFSET + 20)
    assert bench.held(0, 60) == (None, reasons.INVALID)
    assert len(bench.told) == 1
    assert bench.cuff.zero is None


def test_a_broken_wire_begins_the_five_seconds_anew() -> None:
    bench = Bench(0)
    bench.held(0, 9)
    assert bench.cuff.add(0) == (None, reasons.SENSOR_OFF)
    bench.held(0, 9)
    assert bench.cuff.zero is None


@given(OFFSETS, STEPS)
def test_no_sequence_of_pressures_of_twice_the_offset_makes_a_zero(
    offset: int, steps: list[tuple[int, int]]
) -> None:
    bench = Bench(offset)
    for pressure, readings in steps:
        bench.held(pressure + 2 * OFFSET, readings)
    assert bench.cuff.zero is None


@given(OFFSETS, STEPS)
def test_once_open_no_sequence_of_pressures_moves_the_zero_by_more_than_the_sensor_s_stability(
    offset: int, steps: list[tuple[int, int]]
) -> None:
    bench = Bench(offset)
    bench.held(0)
    for pressure, readings in steps:
        bench.held(pressure, readings)
        assert bench.cuff.zero is not None
        assert abs(bench.cuff.zero - offset) <= STABILITY + 1


@given(OFFSETS, STEPS)
def test_a_cuff_that_is_inflated_is_never_zeroed(offset: int, steps: list[tuple[int, int]]) -> None:
    bench = Bench(offset)
    bench.held(0)
    for pressure, readings in steps:
        before = bench.cuff.zero
        bench.held(pressure + INFLATED + OFFSET, readings)
        assert bench.cuff.zero == before
