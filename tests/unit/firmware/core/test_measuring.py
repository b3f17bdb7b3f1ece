"""What a node does with its sensors: exact scaling, plausibility, turns, self-test."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.node import wire
from devices.codecs.node.decimals import DECIMALS
from devices.model.judgement import judged as judged_by_the_gateway
from devices.model.metrics import METRICS
from devices.model.observation import Instant, NoValue, Quality, Reading
from firmware.core import selftest
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.scale import judged, scaled
from firmware.core.schedule import Schedule, Uptime
from firmware.core.station import Station
from firmware.core.table import TABLE
from hil.sims.nor_flash import NorFlash


@given(
    st.integers(-(2**24), 2**24), st.integers(-10_000, 10_000), st.integers(1, 70_000), st.integers(-999, 999)
)
def test_scaling_is_exact_and_a_half_goes_away_from_zero(raw: int, up: int, down: int, offset: int) -> None:
    exact = Fraction(raw * up, down) + offset
    away = Decimal(exact.numerator) / Decimal(exact.denominator)
    assert abs(scaled(raw, up, down, offset) - exact) <= Fraction(1, 2)
    if (exact * 2).denominator == 1:
        assert scaled(raw, up, down, offset) == int(away.quantize(Decimal(1), ROUND_HALF_UP))
    assert scaled(raw, -up, -down, offset) == scaled(raw, up, down, offset)


@given(
    st.sampled_from([name for name in DECIMALS if not METRICS[name].is_waveform]),
    st.integers(-20_000, 20_000),
)
def test_a_node_judges_as_its_gateway_does(name: str, value: int) -> None:
    exact = Decimal(value).scaleb(-DECIMALS[name])
    theirs, _ = judged_by_the_gateway(Reading(name, Instant(0), exact))
    ours, said = judged(value, TABLE[METRICS[name].number][1])
    assert theirs is not None
    assert (theirs.value is None) == (ours is None)
    assert said == (NoValue.REJECTED if ours is None else theirs.quality)


def test_turns_keep_their_beat_and_those_left_out_are_counted() -> None:
    schedule = Schedule([100, 250], 0)
    assert [schedule.due(now) for now in (0, 99, 100, 260, 760, 799)] == [[0, 1], [], [0], [0, 1], [0, 1], []]
    assert schedule.missed == [4, 1]
    assert schedule.rest(799) == 1


@given(st.lists(st.integers(0, 2**29), max_size=20), st.integers(0, 2**30 - 1))
def test_ticks_that_wrap_give_a_time_that_does_not(steps: list[int], first: int) -> None:
    uptime, ticks = Uptime(first), first
    for step in steps:
        ticks = (ticks + step) % 2**30
        now = uptime.ms(ticks)
    assert not steps or now == sum(steps)  # pyright: ignore[reportPossiblyUnboundVariable]


def test_a_station_says_what_is_due_and_what_its_sensors_cannot_mean() -> None:
    node = Node(Ring(NorFlash(1024, 2), 128, 7), {}, 0)
    station = Station(node, [(1000, lambda: [5, 450, 4, 1, 900, 0]), (5000, lambda: [35, None, 3])], 0)
    station.turn(0)
    station.turn(500)
    assert node.ring.next == 17
    entry = node.ring.kept(16)
    assert entry is not None
    assert entry[5].hex().endswith("0989051901c21884" + "01f608" + "1823f603")
    assert Quality.IMPLAUSIBLE | Quality.OUT_OF_TRACK == 0x84
    assert station.rest(500) == 500


def test_a_self_test_names_what_failed() -> None:
    def breaks() -> bool:
        raise OSError

    ticks = iter(range(9))
    good = [selftest.computes, lambda: selftest.advances(lambda: next(ticks))]
    assert selftest.run(good) == 0
    assert selftest.run([*good, lambda: False, breaks]) == 0b1100
    assert not selftest.advances(lambda: 5, most=9)
    assert len(wire.SELF_TESTS) == 6


@pytest.mark.parametrize("name", DECIMALS)
def test_the_table_has_every_metric_of_the_line(name: str) -> None:
    assert TABLE[METRICS[name].number][0] == DECIMALS[name]
