"""The model of a larger site."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.intake import PACE_S
from hil.bench.growth import Size
from hil.bench.scale import crowds, several, writers
from hil.bench.scale.model import HELD, WORK, Load, Site, fit, need
from hil.bench.scale.points import Point, asked
from hil.bench.scale.table import table
from hil.bench.site import Used
from hil.cluster.layout import Asked

SLOPES = st.floats(1e-6, 1e-2)


def measured(cpu: Mapping[str, float], memory: Mapping[str, float]) -> list[Point]:
    """Sites that use exactly so much: a hundredth of a core and 50 MB by themselves, and each of these."""
    points: list[Point] = []
    for site in asked((100, 300, 1_000, 3_000), (0.1, 1.0, 4.0)):
        devices, rate = site.devices, site.readings_per_s
        load = Load(site.gateways, devices, rate).of
        used = Used(
            0.01 + sum(one * load[name] for name, one in cpu.items()),
            50.0 + sum(one * load[name] for name, one in memory.items()),
        )
        size = Size(
            devices, {"controller": used, "broker": used}, [], readings=1_000 * devices, stored_mb=devices
        )
        points.append(Point(site.gateways, devices, rate, size))
    return points


CPU, MEMORY = (
    {"commit": 2e-3, "gateway": 100e-6, "block": 200e-6, "reading": 50e-6},
    {"gateway": 0.1, "device": 0.01},
)


@given(st.tuples(SLOPES, SLOPES, SLOPES, SLOPES), st.tuples(SLOPES, SLOPES))
def test_what_is_linear_is_found_as_it_is(cpu: tuple[float, ...], memory: tuple[float, ...]) -> None:
    told, held = dict(zip(WORK, cpu, strict=True)), dict(zip(HELD, memory, strict=True))
    model = fit(measured(told, held))
    line = model.cpu["controller"]
    assert line.fixed == pytest.approx(0.01, rel=1e-3)
    assert line.each == pytest.approx(told, rel=1e-3, abs=1e-7)
    assert model.memory_mb["broker"].each == pytest.approx(held, rel=1e-6, abs=1e-9)
    assert model.bytes_a_reading == pytest.approx(1_000)


def test_nothing_costs_less_than_nothing() -> None:
    line = fit(measured({**CPU, "block": -50e-6}, MEMORY)).cpu["controller"]
    assert min(line.each.values()) >= 0
    assert line.each["block"] == 0


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_there_are_never_more_commits_than_messages_or_than_the_pace_has(
    gateways: float, rate: float
) -> None:
    load = Load(gateways, gateways, rate)
    assert load.commits_per_s <= min(1 / PACE_S, gateways + load.blocks_per_s) + 1e-6


def test_a_larger_site_needs_processes_that_are_busy_for_six_tenths_of_a_core() -> None:
    found = need(fit(measured(CPU, MEMORY)), Site(1_000_000))
    assert found.site.load.gateways == 20_000
    work = 20_000 * 100e-6 + 200_000 * 200e-6 + 1_000_000 * 50e-6
    assert found.controllers == 188  # 92 cores of work; each of 0.6 is busy for 0.11 by itself
    assert found.controller_cores == pytest.approx(work + 188 * 0.11, rel=1e-3)
    assert found.messages == 20_000 * (1 + 2 * 10)
    assert found.disk_gb == pytest.approx(1_000_000 * 86_400 * 30 * 1_000 / 1e9)


def test_the_table_says_what_was_measured_what_was_fitted_and_what_it_takes() -> None:
    points = measured(CPU, MEMORY)
    lines = list(table(points, fit(points), [Site(1_000)]))
    assert "| 1,000 | 1,000 | 100 | 0.235 | 160 | 0.235 | 160 | – | 0 |" in lines
    assert (
        "| controller, µs of processor a second | 10,000.0 | 2,000.0 | 100.0 | 200.0 | 50.0 | 0.0 |" in lines
    )
    assert "| broker, kB | 50,000.0 | 100.0 | 10.0 | 0.0 |" in lines
    assert lines[-1].startswith("| 1,000 | 20 | 420 | 0.2 | 1 | ")


def kept(asked: Asked) -> several.Kept:
    cpu, memory = dict.fromkeys(several.KINDS, 1.2), dict.fromkeys(several.KINDS, 1_500.0)
    return several.Kept(
        *("now", asked, 300, 10.0, cpu, memory), receipt_ms=[10.0, 20.0], again=(7, 2), there_s=33.4
    )


def test_what_several_controllers_did_is_a_row_each() -> None:
    head, _, *rows = several.table([kept(Asked(1, count, 10, 2)) for count in (1, 2)])
    assert [row.count("|") for row in rows] == [head.count("|")] * 2
    assert rows[1].startswith("| now | 2 | 20 | 30 | 4,000 | ")


def test_so_many_gateways_are_a_row_with_what_they_cost_and_how_long_they_took_to_be_there() -> None:
    head, _, row = crowds.table([kept(Asked(3, 2, 10_000, 1, 10.0, state_s=5.0))])
    assert row.count("|") == head.count("|")
    assert row.startswith("| 10,000 | 2 | 5 | 30 | 0.120 | 1,500 | ")
    assert row.endswith(" | 9 | 33 |")


def test_processes_that_write_in_turn_and_side_by_side_are_a_row_each() -> None:
    wrote = writers.Wrote(transactions=10, seconds=2.0, cpu_s=0.1)
    runs = [writers.Run(2, 16, beside, [wrote, wrote], 0.2) for beside in (False, True)] * 3
    assert runs[0].blocks_per_s == 160
    head, _, *rows = writers.table(runs)
    assert [row.count("|") for row in rows] == [head.count("|")] * 2
