"""How NEWS2 went: a number a minute, of one patient, with what was incomplete said."""

import pytest

from controller.arrivals.trend import KEPT_MS, PRESENT_MS, Trend
from controller.live import Place, Value
from controller.registry import Patient
from tests.unit.controller.conftest import Desk


@pytest.fixture
async def scored(ambulance: Desk) -> Desk:
    """An oximeter on amb-1."""
    await ambulance.registry.add_gateway("box-1", "Box 1")
    row = "ox-1", "box-1", "nonin-xpod", '["spo2"]', 0
    await ambulance.store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row))
    await ambulance.registry.load()
    await ambulance.registry.assign("ox-1", "amb-1", "test")
    return ambulance


def measure(desk: Desk, spo2: float) -> None:
    place = Place(bytes(16), desk.clock.at_us, desk.clock.at_us)
    desk.hub.values([Value("ox-1", "spo2", place, None, spo2, None, 0)])
    desk.hub.tick()


def pass_ms(desk: Desk, milliseconds: int) -> None:
    desk.clock.at_us += milliseconds * 1000


async def test_each_minute_has_its_score_and_says_that_it_lacks_something(scored: Desk) -> None:
    trend = Trend(scored.registry, scored.hub, scored.clock)
    for spo2 in (97, 90):
        measure(scored, spo2)
        trend.look()
        pass_ms(scored, 60_000)
    assert [(one.least, one.complete) for one in trend.of("amb-1")] == [(0, False), (3, False)]


async def test_a_minute_without_a_score_of_now_has_none_and_an_hour_is_kept(scored: Desk) -> None:
    trend = Trend(scored.registry, scored.hub, scored.clock)
    measure(scored, 97)
    trend.look()
    pass_ms(scored, PRESENT_MS + 1)
    trend.look()
    assert len(trend.of("amb-1")) == 1
    pass_ms(scored, KEPT_MS)
    trend.look()
    assert trend.of("amb-1") == []


async def test_another_patient_has_none_of_the_one_before(scored: Desk) -> None:
    trend = Trend(scored.registry, scored.hub, scored.clock)
    measure(scored, 90)
    trend.look()
    await scored.registry.admit("amb-1", Patient("T-0816", "Two Beta"), "cora")
    assert trend.of("amb-1") == []
    trend.look()
    measure(scored, 97)
    trend.look()
    assert [one.least for one in trend.of("amb-1")][-1] == 0
    assert len(trend.of("amb-1")) <= 2
