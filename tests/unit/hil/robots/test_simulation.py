"""Fleets on random maps in simulated time, and that the judge sees what must not be."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from controller.robots.ground import Ground
from controller.robots.traffic import Traffic
from hil.bench import robots as bench
from hil.campaigns import robots as campaign
from hil.sims.robots.faults import KINDS
from hil.sims.robots.judge import Judge
from hil.sims.robots.maps import Size, random_map
from hil.sims.robots.outcome import simulate
from hil.sims.robots.vehicle import SimVehicle
from hil.sims.robots.world import Plan

SMALL = Size(4, 3, 2, 6, 5, 2, loops=0.3, crossings=0.4)


@given(
    st.integers(0, 1_000_000), st.sampled_from((0, 400, 3000)), st.sampled_from((0.0, 0.2)), st.integers(1, 5)
)
@settings(max_examples=8, deadline=None)
def test_on_any_small_map_nobody_collides_everything_ends_and_waits_are_bounded(
    seed: int, late_ms: int, lost: float, robots: int
) -> None:
    plan = Plan(robots, hours=0.3, per_robot_h=8.0, lost=lost, doubled=0.1, late_ms=late_ms)
    outcome = simulate(plan, seed, size=SMALL)
    assert outcome.problems == []
    assert outcome.delivered == outcome.ended > 0


@given(st.integers(0, 1_000_000))
@settings(max_examples=8, deadline=None)
def test_whatever_goes_wrong_nobody_collides_and_everything_ends(seed: int) -> None:
    plan = Plan(5, hours=0.5, per_robot_h=6.0, lost=0.1, doubled=0.1, late_ms=2000, faults_h=20)
    outcome = simulate(plan, seed, size=SMALL)
    assert outcome.problems == []
    assert sum(outcome.fired.values()) > 0


@pytest.mark.parametrize(
    ("robots", "hours", "faults_h"), [(12, 1.0, 40), pytest.param(50, 2.0, 15, marks=pytest.mark.long)]
)
def test_fifty_robots_for_two_hours_with_every_kind_of_fault(
    robots: int, hours: float, faults_h: int
) -> None:
    """Or, every day, fewer of them with as many faults."""
    plan = Plan(
        robots,
        hours,
        per_robot_h=3.0,
        lost=0.05,
        doubled=0.05,
        late_ms=1000,
        faults_h=faults_h,
        report_ms=2000,
    )
    outcome = simulate(plan, seed=5)
    assert outcome.problems == []
    assert outcome.ended == robots * hours * 3
    assert set(outcome.fired) == set(KINDS)


def test_the_same_seed_does_the_same_again() -> None:
    plan = Plan(4, hours=0.3, late_ms=1000, lost=0.1, faults_h=10)
    assert simulate(plan, 3, size=SMALL) == simulate(plan, 3, size=SMALL)


def test_without_the_order_of_arrivals_robots_block_each_other(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(Traffic, "unsafe", lambda self: [])
    outcome = simulate(Plan(10, hours=0.5, per_robot_h=8.0), 2, drain_hours=0.5)
    assert any("has not ended" in problem for problem in outcome.problems)


def test_without_conflicts_by_distance_robots_meet_where_ways_cross(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(Ground, "_too_near", lambda self: iter(()))
    hall = Size(4, 4, 1, 8, 8, 2, loops=0.0, crossings=1.0)
    seen = [simulate(Plan(8, hours=0.5, per_robot_h=12.0), seed, size=hall).problems for seed in range(3)]
    assert any("apart" in problem for problems in seen for problem in problems)


def test_the_judge_sees_two_robots_on_one_place() -> None:
    ground = Ground(random_map(random.Random(1), SMALL))
    judge = Judge(ground)
    judge.look([SimVehicle("A", ground, 0), SimVehicle("B", ground, 0)], 1000)
    assert len(judge.problems) == 2
    judge.look([SimVehicle("A", ground, 0), SimVehicle("B", ground, 1)], 2000)
    assert len(judge.problems) == 2


def test_a_campaign_counts_rounds_whose_fault_fired(tmp_path: pytest.TempPathFactory) -> None:
    said: list[str] = []
    verdict = campaign.run(tmp_path, 1, 2, said.append, hours=0.3)  # type: ignore[arg-type]
    assert verdict.problems == said == []
    assert "transports ended" in verdict.facts


def test_the_bench_measures_more_than_the_shortest_ways() -> None:
    row = bench.measure(5, 0.3, 1)
    assert row.served_m <= row.stops_m <= row.driven_m * 1.001
    assert row.spent.calls > 0
    assert len(list(bench.table([row]))) == 3
