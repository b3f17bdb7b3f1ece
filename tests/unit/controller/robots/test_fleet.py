"""The fleet as its service sees it: what robots and people say goes in, decisions come out."""

from collections.abc import Iterable
from typing import TypeVar

import pytest

from controller.errors import NotFound
from controller.robots.decisions import (
    Arrived,
    Ask,
    Assigned,
    Cancel,
    Charge,
    Decision,
    Ended,
    Eta,
    Go,
    Stop,
)
from controller.robots.eta import LEAST
from controller.robots.fleet import Fleet
from controller.robots.map import demo
from controller.robots.reasons import Reason, because
from controller.robots.transports import Priority, Transport
from controller.robots.vehicles import Action, Condition, Model, Report

T = TypeVar("T")
TO_WARD = Transport("T1", "pharmacy", "ward-a", "medicines", Priority.MEDICINES)


class Hospital:
    """The demo hospital, with robots that do as they are told, one node at a time."""

    def __init__(self) -> None:
        self.fleet = Fleet(demo())
        self.now = 12 * 3_600_000
        self.told: list[Decision] = []
        self.orders: dict[str, Go] = {}
        self.place: dict[str, tuple[str, int, int]] = {}
        """By robot: the node, its sequence, and of which order."""

    def hear(self, decided: list[Decision]) -> list[Decision]:
        self.told += decided
        self.orders.update({one.robot: one for one in decided if isinstance(one, Go)})
        return decided

    def robot(self, name: str, node: str, battery: float = 0.9, model: Model | None = None) -> None:
        self.hear(self.fleet.known(name, model or Model()))
        self.says(name, node=node, battery=battery, halted=True)

    def says(self, name: str, **what: object) -> list[Decision]:
        return self.hear(self.fleet.seen(Report(name, self.now, **what), self.now))  # type: ignore[arg-type]

    def tick(self, seconds: int = 1) -> list[Decision]:
        decided: list[Decision] = []
        for _ in range(seconds):
            self.now += 1000
            decided += self.hear(self.fleet.tick(self.now))
        return decided

    def step(self, name: str) -> None:
        """The robot passes the next node of its base, if there is one, and a few seconds."""
        go = self.orders[name]
        node, sequence, order = self.place.get(name, ("", 0, -1))
        if order != go.order:
            node, sequence = go.points[0].node, go.points[0].sequence
        ahead = [p for p in go.points[: go.released] if p.sequence > sequence]
        if ahead:
            node, sequence = ahead[0].node, ahead[0].sequence
        self.place[name] = node, sequence, go.order
        self.tick(4)
        self.says(name, node=node, sequence=sequence, order=go.order)

    def until(self, name: str, node: str) -> None:
        for _ in range(60):
            if self.place.get(name, ("", 0, 0))[0] == node:
                return
            self.step(name)
        raise AssertionError(f"{name} is at {self.place[name]}, not at {node}")

    def all(self, kind: type[T]) -> list[T]:
        return [one for one in self.told if isinstance(one, kind)]


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


def whys(decided: Iterable[Decision]) -> str:
    return " | ".join(one.why for one in decided)


def test_a_transport_is_fetched_carried_and_over(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.hear(hospital.fleet.wanted(TO_WARD))
    hospital.tick()
    assert hospital.orders["R1"].action == Action.PICK
    hospital.until("R1", "pharmacy")
    hospital.hear(hospital.fleet.picked("R1", hospital.now))
    hospital.tick()
    assert hospital.orders["R1"].action == Action.DROP
    hospital.until("R1", "ward-a")
    hospital.hear(hospital.fleet.dropped("R1", hospital.now))
    assert hospital.all(Ended) == [Ended("T1", delivered=True, why="delivered")]


def test_the_same_wish_twice_is_one_transport(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.robot("R2", "park-2")
    hospital.fleet.wanted(TO_WARD)
    hospital.fleet.wanted(TO_WARD)
    hospital.tick(3)
    assert len(hospital.all(Assigned)) == 1


def test_a_station_that_is_not_on_the_map_is_named(hospital: Hospital) -> None:
    with pytest.raises(NotFound, match="no station park-1"):
        hospital.fleet.wanted(Transport("T1", "park-1", "ward-a"))


def test_after_its_work_a_robot_leaves_the_station(hospital: Hospital) -> None:
    hospital.robot("R1", "ward-b")
    hospital.tick()
    assert hospital.orders["R1"].action == Action.PARK
    assert "leaves room" in hospital.orders["R1"].why


def test_late_and_doubled_reports_change_nothing(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.step("R1")
    hospital.step("R1")
    claim = hospital.fleet.driving.traffic.claims["R1"]
    held, order = claim.held, hospital.orders["R1"].order
    hospital.hear(
        hospital.fleet.seen(
            Report("R1", hospital.now - 9000, node="park-1", sequence=0, order=order), hospital.now
        )
    )
    hospital.says("R1", node="park-1", sequence=0, order=order)
    assert claim.held == held


def test_without_a_word_a_robot_keeps_its_place_and_somebody_is_asked(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.step("R1")
    held = hospital.fleet.driving.traffic.claims["R1"].held
    hospital.tick(60)
    assert hospital.fleet.vehicles["R1"].condition == Condition.SILENT
    assert hospital.fleet.driving.traffic.claims["R1"].held == held
    assert whys(hospital.all(Ask)).count("has not been heard of") == 1


def test_another_robot_fetches_what_a_silent_one_did_not(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.robot("R2", "park-4")
    for _ in range(20):
        hospital.tick()
        hospital.says("R2", node="park-4", halted=True)
    assert [one.robot for one in hospital.all(Assigned)] == ["R1", None, "R2"]


def test_a_blocked_way_is_gone_round(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.hear(hospital.fleet.blocked("G1-G2", hospital.now, "a bed"))
    hospital.tick()
    assert "G1-G2" not in [point.edge for point in hospital.orders["R1"].points]
    hospital.until("R1", "pharmacy")


def test_who_was_let_on_to_a_blocked_way_drops_its_order_and_turns_back(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    first = hospital.orders["R1"]
    edge = first.points[1].edge or ""
    hospital.says("R1", node="park-1", edge=edge, sequence=0, order=first.order)
    beyond = first.points[2].edge or ""
    assert first.released > 2
    told = hospital.hear(hospital.fleet.blocked(beyond, hospital.now, "a bed"))
    assert any(isinstance(one, Cancel) for one in told)
    hospital.tick(2)
    hospital.says("R1", node="park-1", edge=edge, halted=True)
    hospital.tick()
    again = hospital.orders["R1"]
    assert again.order > first.order
    assert beyond not in [point.edge for point in again.points]


def test_a_robot_that_appears_where_another_was_let_on_stops_that_one(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.fleet.known("R2", Model())
    told = hospital.says("R2", node=hospital.orders["R1"].points[1].node, halted=True)
    assert [type(one) for one in told if not isinstance(one, Go)] == [Stop, Cancel]


def test_a_robot_off_the_map_is_asked_about_and_drives_nowhere(hospital: Hospital) -> None:
    hospital.fleet.known("R1", Model())
    told = hospital.says("R1", pose=(500.0, 500.0, "ground"), halted=True)
    assert "nowhere on the map" in whys(told)
    assert hospital.says("R1", pose=(500.0, 500.0, "ground"), halted=True) == []
    hospital.tick(3)
    assert hospital.all(Go) == []


def test_a_robot_beside_a_way_keeps_others_off_it_and_is_sent_to_rest(hospital: Hospital) -> None:
    hospital.fleet.known("R1", Model())
    hospital.says("R1", pose=(15.0, 0.5, "ground"), halted=True)
    held = hospital.fleet.driving.traffic.claims["R1"].held
    assert held >> hospital.fleet.ground.edge["G2-G3"] & 1
    hospital.tick()
    assert hospital.orders["R1"].action == Action.PARK


def test_a_robot_that_is_not_registered_gets_no_order(hospital: Hospital) -> None:
    assert "not known" in whys(hospital.says("X", node="G1", halted=True))


def test_more_robots_than_resting_places_are_refused(hospital: Hospital) -> None:
    for number in range(8):
        hospital.hear(hospital.fleet.known(f"R{number}", Model()))
    assert "8 robots, but only 7" in whys(hospital.all(Ask))


def test_a_robot_that_a_person_took_holds_its_place_until_it_says_where_it_is(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.step("R1")
    held = hospital.fleet.driving.traffic.claims["R1"].held
    hospital.hear(hospital.fleet.taken_over("R1", hospital.now))
    hospital.tick(30)
    assert hospital.fleet.driving.traffic.claims["R1"].held == held
    hospital.says("R1", node="G5b", halted=True)
    assert hospital.fleet.driving.traffic.claims["R1"].held == 1 << hospital.fleet.ground.node["G5b"]
    hospital.tick(3)
    before = hospital.orders["R1"].order
    hospital.hear(hospital.fleet.handed_back("R1", hospital.now))
    hospital.tick()
    hospital.says("R1", node="G5b", halted=True)
    hospital.tick()
    assert hospital.orders["R1"].order > before


def test_after_a_restart_a_robot_under_way_drops_its_old_order_first(hospital: Hospital) -> None:
    hospital.fleet.known("R1", Model())
    told = hospital.says("R1", node="G3", order=17, sequence=4)
    assert [type(one) for one in told] == [Cancel]
    assert hospital.tick(5) == []
    hospital.says("R1", node="G3", halted=True)
    hospital.tick()
    assert hospital.all(Go)


def test_cancelled_before_the_pick_up_it_is_over_and_after_it_goes_back(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.hear(hospital.fleet.cancelled("T1", hospital.now))
    hospital.hear(hospital.fleet.wanted(Transport("T2", "pharmacy", "ward-a")))
    hospital.tick()
    hospital.until("R1", "pharmacy")
    hospital.hear(hospital.fleet.picked("R1", hospital.now))
    hospital.tick()
    hospital.step("R1")
    hospital.hear(hospital.fleet.cancelled("T2", hospital.now))
    hospital.until("R1", "pharmacy")
    hospital.hear(hospital.fleet.dropped("R1", hospital.now))
    assert [(one.transport, one.delivered) for one in hospital.all(Ended)] == [("T1", False), ("T2", False)]


def test_taken_away_with_its_load_a_person_has_to_bring_it(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.until("R1", "pharmacy")
    hospital.fleet.picked("R1", hospital.now)
    told = hospital.hear(hospital.fleet.gone("R1", hospital.now))
    assert "a person brings it to ward-a" in whys(told)
    assert not hospital.all(Ended)[0].delivered


def test_an_empty_robot_goes_to_a_charger(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1", battery=0.2)
    hospital.fleet.wanted(TO_WARD)
    told = hospital.tick()
    assert any(isinstance(one, Charge) for one in told)
    assert hospital.orders["R1"].points[-1].node.startswith("charger")


def test_a_full_robot_leaves_the_charger_to_one_that_needs_it(hospital: Hospital) -> None:
    hospital.robot("R1", "charger-1", battery=0.95)
    hospital.robot("R2", "charger-2", battery=0.95)
    hospital.robot("R3", "park-1", battery=0.2)
    hospital.tick(3)
    assert {hospital.orders[name].action for name in ("R1", "R2") if name in hospital.orders} == {Action.PARK}


def test_too_little_charge_before_the_pick_up_hands_the_transport_back(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    hospital.says("R1", node="park-1", battery=0.1, sequence=0, order=hospital.orders["R1"].order)
    told = hospital.tick()
    assert "not enough to end it" in whys(told)
    assert any(isinstance(one, Charge) for one in told)


def test_too_little_charge_with_the_load_goes_to_the_nearest_station_and_calls_a_person(
    hospital: Hospital,
) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(Transport("T1", "pharmacy", "ward-b", "medicines"))
    hospital.tick()
    hospital.until("R1", "pharmacy")
    hospital.fleet.picked("R1", hospital.now)
    hospital.tick()
    hospital.step("R1")
    hospital.tick()
    node, sequence, order = hospital.place["R1"]
    hospital.says("R1", node=node, sequence=sequence, order=order, battery=0.002)
    told = hospital.tick()
    assert "will not reach ward-b: meet it at ward-a" in whys(told)
    hospital.tick()
    assert hospital.orders["R1"].points[-1].node == "ward-a"


def test_when_it_will_be_there_is_told_and_after_a_blockage_nobody_promises(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    eta = hospital.all(Eta)[-1]
    assert eta.ms is not None and eta.high_ms is not None and 0 < eta.low_ms <= eta.ms <= eta.high_ms
    for edge in ("G0-lift", "lift-A"):
        hospital.hear(hospital.fleet.blocked(edge, hospital.now))
    hospital.tick(6)
    assert hospital.all(Eta)[-1].ms is None
    assert hospital.all(Eta)[-1].why == "there is no open way now"


def test_nothing_is_promised_while_a_robot_gets_no_more_of_its_way(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    assert hospital.all(Eta)[-1].high_ms is not None
    hospital.fleet.forecast.held = lambda robot: because("emergency-stop") if robot == "R1" else ""
    hospital.tick(6)
    last = hospital.all(Eta)[-1]
    assert (last.ms, last.high_ms, last.why) == (None, None, because("emergency-stop"))


def test_an_arrival_says_how_long_it_took_and_the_next_fleet_can_know_it(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    assert not hospital.all(Eta)[-1].observed
    hospital.until("R1", "pharmacy")
    hospital.fleet.picked("R1", hospital.now)
    hospital.tick()
    hospital.until("R1", "ward-a")
    [arrived] = hospital.all(Arrived)
    assert (arrived.transport, arrived.robot, len(arrived.took)) == ("T1", "R1", len(hospital.all(Eta)))
    assert all(one.took_ms > 0 for one in arrived.took)
    hospital.tick(6)
    assert hospital.all(Eta)[-1].why == because("there", robot="R1")
    after = Hospital()
    after.fleet.forecast.remember(arrived.took * LEAST)
    after.robot("R1", "park-1")
    after.fleet.wanted(TO_WARD)
    after.tick()
    assert after.all(Eta)[-1].observed


def test_every_decision_says_why(hospital: Hospital) -> None:
    hospital.robot("R1", "park-1")
    hospital.robot("R2", "G2", battery=0.2)
    hospital.fleet.wanted(TO_WARD)
    hospital.tick()
    for _ in range(8):
        hospital.step("R1")
    assert hospital.told and all(isinstance(one.why, Reason) for one in hospital.told)
