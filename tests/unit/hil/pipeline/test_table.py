"""The table prints what was measured, and calls an aim missed that is."""

from dataclasses import replace

import pytest

from hil.bench.pipeline import table
from hil.bench.pipeline.phases import Alarmed, Killed, Sampled, Saturated
from hil.bench.pipeline.table import Limits, Pair, Row, Side


def saturated(per_s: float, gateway_us: float, **others: float) -> Saturated:
    resident = {"gateway": 50.0}
    return Saturated(per_s, {"gateway": gateway_us, **others}, resident, 2000.0, 90_000, 0, 0)


OURS = Side(
    one=saturated(30_000, 12, controller=20, broker=1),
    ten=saturated(32_000, 10, controller=20, broker=1),
    sampled=Sampled(720, 720),
    alarmed=Alarmed(20_000, 50, 1700, 4000),
    killed=Killed(2, 1500, 0, 0),
    load_us={1: 2.0, 10: 1.0},
)
THEIRS = Side(
    one=saturated(3000, 200, server=5, feeder=20),
    ten=saturated(15_000, 50, server=3, feeder=4),
    sampled=Sampled(720, 280),
    alarmed=Alarmed(20_000, 800, 700, 9000),
    killed=Killed(2, 4600, 266, 103),
    load_us={1: 0.0, 10: 0.0},
)
PAIR = Pair(OURS, THEIRS, saturated(1500, 220), Limits(80_000, 3_000_000))


def row(what: str, *pairs: Pair) -> Row:
    return next(one for one in table.rows(pairs) if one.what.startswith(what))


def faster(pair: Pair, per_s: float) -> Pair:
    return replace(pair, ours=replace(pair.ours, one=replace(pair.ours.one, per_s=per_s)))


def test_a_number_is_its_median_between_the_least_and_the_greatest() -> None:
    assert table.spread([3000, 1000, 2000.4]) == "2,000 (1,000–3,000)"
    assert table.spread([1, 2], 2) == "1.50 (1.00–2.00)"


def test_a_ratio_is_taken_within_its_pair() -> None:
    shown = row("readings/s durable end to end, one a message", PAIR, faster(PAIR, 60_000))
    assert shown.ratio == "15.00 (10.00–20.00)"


@pytest.mark.parametrize(("per_s", "met"), [(29_999, False), (30_000, True)])
def test_ten_times_is_met_from_ten_times_on(per_s: float, met: bool) -> None:
    assert row("readings/s durable end to end, one a message", faster(PAIR, per_s)).met is met


def test_what_makes_the_load_is_not_the_gateways_work() -> None:
    assert OURS.gateway_us(1) == 10
    assert OURS.chain_us(1) == 31


def test_their_feeder_counts_for_nobody() -> None:
    assert THEIRS.gateway_us(10) == 50
    assert THEIRS.chain_us(10) == 53


def test_a_tenth_of_the_processor_time_is_the_aim() -> None:
    assert row("CPU µs a reading, gateway, one", PAIR).met is True
    assert row("CPU µs a reading, gateway, ten", PAIR).met is False


def test_losses_are_added_up_over_all_pairs() -> None:
    shown = row("lost of accepted", PAIR, PAIR)
    assert (shown.ours, shown.theirs) == ("0 of 3,000, 4 kills", "532 of 9,200, 4 kills")
    assert shown.met is True


def test_one_lost_reading_misses_the_aim() -> None:
    lost = replace(PAIR, ours=replace(OURS, killed=Killed(2, 1500, 1, 0)))
    assert row("lost of accepted", PAIR, lost).met is False


def test_merged_samples_are_those_without_a_time_of_their_own() -> None:
    shown = row("20 Hz", PAIR)
    assert (shown.ours, shown.theirs) == ("0 of 720 samples", "440 of 720 samples")


def test_an_alarm_is_told_with_the_backlog_that_it_was_behind() -> None:
    shown = row("an alarm", PAIR)
    assert "20,000 readings" in shown.what
    assert (shown.ours, shown.theirs) == ("50 (50–50)", "800 (800–800)")


def test_the_limit_is_raw_insertion_in_commits_of_the_same_size() -> None:
    shown = row("the limit: raw", PAIR)
    assert "2,000 (2,000–2,000) a commit" in shown.what
    assert (shown.ratio, shown.met) == ("0.40 (0.40–0.40)", True)


def test_every_line_of_the_table_has_as_many_cells_as_its_head() -> None:
    lines = list(table.table(list(table.rows([PAIR])), 1))[2:]
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
    assert any("**missed**" in line for line in lines)
