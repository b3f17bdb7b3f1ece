"""Which robot takes which transport."""

import math

from hypothesis import given
from hypothesis import strategies as st

from controller.robots.assign import Candidate, Legs, choose, is_worth_changing
from controller.robots.energy import reaches, taken
from controller.robots.transports import AGEING_MS, Priority, Transport
from controller.robots.vehicles import Battery

BATTERY = Battery()
NEAR, FAR = 20_000.0, 200_000.0


def robot(
    name: str, way_ms: float, *, charge: float = 0.9, loads: str = "", has: Transport | None = None
) -> Candidate:
    return Candidate(name, BATTERY, charge, lambda load: not loads or load in loads, lambda _: way_ms, has)


def taken_by(transports: list[Transport], robots: list[Candidate], now_ms: int = 0) -> dict[str, str]:
    legs = Legs(60_000, 60_000)
    return {t.id: c.robot for t, c in choose([(t, legs) for t in transports], robots, now_ms)}


BLOOD = Transport("blood", "A", "B", "blood", Priority.BLOOD)
LINEN = Transport("linen", "A", "B", "linen", Priority.LINEN)


def test_the_nearest_takes_it() -> None:
    assert taken_by([LINEN], [robot("R1", FAR), robot("R2", NEAR)]) == {"linen": "R2"}


def test_blood_has_the_first_choice_before_linen() -> None:
    assert taken_by([LINEN, BLOOD], [robot("R1", FAR), robot("R2", NEAR)]) == {"blood": "R2", "linen": "R1"}


def test_linen_that_waited_long_goes_before_fresh_blood() -> None:
    late = 5 * AGEING_MS
    blood = Transport("blood", "A", "B", "blood", Priority.BLOOD, wanted_ms=late)
    assert taken_by([blood, LINEN], [robot("R1", NEAR)], late) == {"linen": "R1"}


def test_a_deadline_makes_it_urgent() -> None:
    due = Transport("due", "A", "B", priority=Priority.LINEN, deadline_ms=60_000)
    assert taken_by([LINEN, due], [robot("R1", NEAR)]) == {"due": "R1"}


def test_a_robot_that_cannot_carry_it_does_not_take_it() -> None:
    assert taken_by([BLOOD], [robot("R1", NEAR, loads="linen"), robot("R2", FAR)]) == {"blood": "R2"}


def test_a_robot_without_the_energy_to_end_it_and_reach_a_charger_does_not_take_it() -> None:
    assert taken_by([BLOOD], [robot("R1", NEAR, charge=0.155), robot("R2", FAR)]) == {"blood": "R2"}


def test_a_robot_that_cannot_get_there_does_not_take_it() -> None:
    assert taken_by([BLOOD], [robot("R1", math.inf)]) == {}


def test_blood_takes_the_robot_of_linen_that_is_not_picked_up_but_not_of_samples() -> None:
    samples = Transport("samples", "A", "B", "samples", Priority.SAMPLES)
    assert taken_by([BLOOD], [robot("R1", NEAR, has=LINEN)]) == {"blood": "R1"}
    assert taken_by([BLOOD], [robot("R1", NEAR, has=samples)]) == {}


def test_a_change_has_to_be_worth_it() -> None:
    assert is_worth_changing(math.inf, FAR)
    assert is_worth_changing(FAR, NEAR)
    assert not is_worth_changing(40_000, 20_000)
    assert not is_worth_changing(200_000, 160_000)


@given(st.floats(0, 1), st.lists(st.floats(0, 1e7), min_size=1, max_size=3))
def test_who_reaches_everything_keeps_the_reserve(charge: float, legs: list[float]) -> None:
    if reaches(BATTERY, charge, *legs):
        assert charge - taken(BATTERY, sum(legs)) >= BATTERY.reserve - 1e-9
        assert reaches(BATTERY, 1.0, *legs)
