"""The master and real vehicle cores: transports arrive, robots never share ground, doubt stops them."""

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import Conflict, NotFound
from controller.robots import people
from controller.robots.errand import Pose
from controller.robots.map import parse
from controller.robots.told import Opening, Said, Stage
from controller.robots.vehicles import Condition
from devices.codecs.vda5050 import geometry
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import V2_1, Version
from devices.codecs.vda5050.words import OperatingMode
from tests.support.robots import Link, World

FOUR = {"r1": "park-1", "r2": "park-2", "r3": "park-4", "r4": "charger-1"}
THREE = {name: FOUR[name] for name in ("r1", "r2", "r3")}
STATIONS = ("pharmacy", "laboratory", "blood-bank", "kitchen", "linen", "ward-a", "ward-b")


def one(version: Version = V2_1) -> World:
    """A robot near the pharmacy that is to bring something to ward A."""
    world = World({"r1": "park-1"}, version)
    world.want("T1")
    return world


def actions_sent(world: World, kind: str) -> list[Said]:
    """Instant actions of a type to r1."""
    return [said for said in world.sent("r1", Topic.INSTANT_ACTIONS) if f'"{kind}"' in said.text]


@pytest.mark.parametrize("version", list(Version), ids=str)
def test_what_is_wanted_is_picked_up_and_brought(version: Version) -> None:
    world = one(version)
    assert world.run(300, world.delivered("T1"))
    assert world.stages("T1") == [Stage.ASSIGNED, Stage.PICKED, Stage.DELIVERED]
    assert world.asked() == []
    first = json.loads(world.sent("r1")[0].text)
    assert first["nodes"][0]["released"] is True
    assert first["nodes"][-1]["released"] is False
    assert first["nodes"][0]["nodePosition"]["mapId"] == "ground"
    (pick,) = first["nodes"][-1]["actions"]
    assert (pick["actionType"], pick["blockingType"]) == ("pick", "HARD")


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.sampled_from(list(Version)))
def test_messages_may_be_lost_and_either_side_killed_and_yet_each_thing_arrives_once_and_robots_never_meet(
    seed: int, version: Version
) -> None:
    world = World(THREE, version, seed, link=Link(lost=0.15, twice=0.2, longest_ms=2000))
    met, restarts = list[str](), Counter[str]()

    def trouble() -> None:
        met.extend(world.collisions())
        chance = world.chance.random()
        if chance < 0.006:
            world.flush()
            world.restart()
            restarts["controller"] += 1
        elif chance < 0.012 or (world.link.cut and chance < 0.1):
            world.link.cut = not world.link.cut

    world.each_step = trouble
    names = [f"T{number}" for number in range(3)]
    for name in names:
        world.want(name, *world.chance.sample(STATIONS, 2))
    assert world.run(4000, world.delivered(*names))
    assert met == []
    for name in names:
        assert world.stages(name).count(Stage.PICKED) == 1
        assert world.stages(name).count(Stage.DELIVERED) == 1


def test_orders_never_have_a_number_twice_and_updates_rise() -> None:
    world = World(FOUR, link=Link(lost=0.3, twice=0.3, longest_ms=1500))
    for number in range(4):
        world.want(f"T{number}", STATIONS[number], STATIONS[number + 1])
    world.run(60)
    world.restart()
    assert world.run(1500, world.delivered("T0", "T1", "T2", "T3"))
    for robot in FOUR:
        told = [(m["orderId"], m["orderUpdateId"]) for m in (json.loads(s.text) for s in world.sent(robot))]
        fresh = list(dict.fromkeys(told))
        for before, after in pairwise(fresh):
            assert after[1] == (before[1] + 1 if after[0] == before[0] else 0)
        said: dict[tuple[str, int], object] = {}
        for message in (json.loads(s.text) for s in world.sent(robot)):
            same = said.setdefault((message["orderId"], message["orderUpdateId"]), message["nodes"])
            assert message["nodes"] == same, "the same numbers say the same"


def test_an_order_that_no_state_shows_is_sent_again_with_the_same_numbers() -> None:
    world = one()
    world.link.lost = 1.0
    world.run(20)
    told = [json.loads(said.text) for said in world.sent("r1")]
    assert len(told) > 2
    assert len({(one["orderId"], one["orderUpdateId"]) for one in told}) == 1
    world.link.lost = 0.0
    assert world.run(300, world.delivered("T1"))


def test_an_order_that_is_refused_puts_the_robot_out_and_somebody_is_asked_why() -> None:
    world = World({"r1": "park-1", "r2": "park-2"})
    refused = Problem(ErrorType.ROUTE, "the ramp is too steep", {})
    world.robots["r1"].vehicle._unfit = lambda order, _: [  # pyright: ignore[reportAttributeAccessIssue]
        replace(refused, references={"orderId": order.order_id})
    ]
    world.want("T1")
    assert world.run(400, world.delivered("T1"))
    assert world.robots["r2"].base.begun, "another robot has done it"
    assert any("the ramp is too steep" in why for why in world.asked())
    assert world.master.fleet.vehicles["r1"].condition == Condition.TAKEN_OVER


def test_an_emergency_stop_ends_the_extension_of_its_way_until_it_is_released() -> None:
    world = one()
    world.run(8)
    world.robots["r1"].base.pressed = True
    world.run(3)
    sent = len(world.sent("r1"))
    world.run(30)
    assert len(world.sent("r1")) == sent
    last = world.master.pilots["r1"].last
    assert last is not None
    world.master.carry_out([last], world.now_ms)
    assert "r1: its emergency stop is pressed" in world.asked(), "it is asked as long as it is so"
    world.robots["r1"].base.pressed = False
    assert world.run(300, world.delivered("T1"))


def test_a_robot_in_manual_mode_is_out_and_what_it_was_to_fetch_another_fetches() -> None:
    world = World({"r1": "park-1", "r2": "park-2"})
    world.want("T1")
    world.run(6)
    world.robots["r1"].vehicle.operating_mode = OperatingMode.MANUAL
    assert world.run(400, world.delivered("T1"))
    assert world.master.fleet.vehicles["r1"].condition == Condition.TAKEN_OVER
    assert [one.split("-")[-1] for one in world.robots["r2"].base.begun] == ["pick", "drop"]
    world.robots["r1"].vehicle.operating_mode = OperatingMode.AUTOMATIC
    world.run(30)
    assert world.master.fleet.vehicles["r1"].condition == Condition.READY


def test_without_the_link_no_base_grows_and_the_robot_stands_at_the_end_of_its_own() -> None:
    world = one()
    world.run(9)
    world.link.cut = True
    world.run(4)
    sent = len(world.sent("r1"))
    world.run(120)
    assert len(world.sent("r1")) == sent
    assert not world.robots["r1"].base.driving()
    assert any("not been heard of" in why for why in world.asked())
    world.link.cut = False
    assert world.run(400, world.delivered("T1"))


def test_what_comes_late_is_history_and_moves_no_robot() -> None:
    world = one()
    world.run(9)
    claim = world.master.fleet.driving.traffic.claims["r1"]
    at, state = claim.at, world.robots["r1"].state(world.now_ms)
    late = world.now_ms + 60_000
    world.master.heard("r1", "gw", "state", state.decode(), at_ms=world.now_ms + 1, now_ms=late)
    assert claim.at == at
    assert world.master.fleet.vehicles["r1"].seen_ms < late


def test_a_robot_that_is_where_it_cannot_have_driven_stands_until_a_person_says_where_it_is() -> None:
    world = one()
    world.run(9)
    base = world.robots["r1"].base
    assert base.here
    base.here = replace(base.here, x=base.here.x + 15.0)
    world.run(6)
    assert actions_sent(world, "startPause")
    assert any("cannot have driven" in why for why in world.asked())
    sent = len(world.sent("r1"))
    world.run(30)
    assert len(world.sent("r1")) == sent
    there = world.hospital.by_id["G4"]
    people.say_position(world.master, "r1", Pose(there.x, there.y, there.map), 0.0, world.now_ms)
    assert world.run(400, world.delivered("T1"))
    assert actions_sent(world, "initPosition")


def test_who_takes_a_robot_over_stops_it_first_and_it_goes_on_from_where_it_is_handed_back() -> None:
    world = one()
    world.run(9)
    people.take_over(world.master, "r1", "nina", world.now_ms)
    world.run(5)
    assert actions_sent(world, "startPause")
    assert not world.robots["r1"].base.driving()
    there = world.hospital.by_id["park-2"]
    world.robots["r1"].base.here = geometry.Pose(there.x, there.y, 0.0, there.map)
    world.run(30)
    assert world.master.fleet.vehicles["r1"].condition == Condition.TAKEN_OVER
    people.hand_back(world.master, "r1", "erik", world.now_ms)
    assert world.run(400, world.delivered("T1"))


def test_all_robots_stand_at_once_and_go_on_when_they_are_let() -> None:
    world = World(FOUR)
    for number in range(3):
        world.want(f"T{number}", STATIONS[number], STATIONS[number + 3])
    world.run(9)
    people.stop_all(world.master, "nina", world.now_ms)
    world.run(4)
    assert not any(robot.base.driving() for robot in world.robots.values())
    sent = [len(world.sent(robot)) for robot in FOUR]
    world.run(60)
    assert [len(world.sent(robot)) for robot in FOUR] == sent
    people.go_all(world.master, "erik", world.now_ms)
    assert world.run(600, world.delivered("T0", "T1", "T2"))


def test_a_robot_that_says_it_has_loaded_and_is_empty_is_not_believed() -> None:
    world = one()
    base = world.robots["r1"].base
    base.loads = lambda: ()  # type: ignore[method-assign]
    assert not world.run(120, lambda: Stage.PICKED in world.stages("T1"))
    assert any("that it is empty: look" in why for why in world.asked())
    people.loaded(world.master, "T1", "pia", world.now_ms)
    assert world.run(300, world.delivered("T1"))


def test_what_nobody_takes_goes_back_to_where_it_came_from() -> None:
    world = one()
    assert world.run(200, lambda: Stage.PICKED in world.stages("T1"))
    world.robots["r1"].base.hands = False
    with pytest.raises(Conflict, match="is not at ward-a yet"):
        people.taken(world.master, "T1", "nina", world.now_ms)

    def is_there() -> bool:
        claim = world.master.fleet.driving.traffic.claims["r1"]
        return world.master.fleet.ground.ids[claim.path[claim.at].node] == "ward-a"

    assert world.run(200, is_there)
    people.not_taken(world.master, "T1", "nina", "the wrong ward", world.now_ms)
    world.run(5)
    world.robots["r1"].base.hands = True
    assert world.run(300, lambda: Stage.RETURNED in world.stages("T1"))
    assert world.stages("T1")[-2:] == [Stage.RETURNING, Stage.RETURNED]


def test_a_drawer_opens_only_where_the_robot_stands_to_be_unloaded() -> None:
    world = one()
    world.run(9)
    with pytest.raises(Conflict, match="is not at pharmacy yet"):
        people.at_stop(world.master, "T1")
    assert world.run(200, lambda: Stage.PICKED in world.stages("T1"))
    world.robots["r1"].base.hands = False
    world.run(100)
    assert people.at_stop(world.master, "T1") == "r1"
    one_ = Opening("r1", "T1", Stage.PICKED, 2, "nina", "badge", world.now_ms, world.master.next_id())
    people.open_drawer(world.master, one_, world.now_ms)
    world.run(3)
    assert world.robots["r1"].base.drawers == [2]


def test_a_way_that_a_robot_finds_blocked_is_driven_by_nobody_until_it_is_opened() -> None:
    world = one()
    world.run(4)
    blocked = Problem(ErrorType.UNREACHABLE, "a bed stands there", {"edgeId": "G3-G4"})
    error = replace(blocked.error(V2_1), error_type="pathBlocked")
    pilot = world.master.pilots["r1"]
    world.master.watching._error(pilot, error, world.now_ms)
    assert world.run(400, world.delivered("T1"))
    world.want("T2", "blood-bank", "laboratory")
    assert world.run(400, world.delivered("T2"))
    after = [s for s in world.sent("r1") if s.at_ms > world.sent("r1")[0].at_ms + 15_000]
    released = [e["edgeId"] for s in after for e in json.loads(s.text)["edges"] if e["released"]]
    assert "G3-G4" not in released
    people.reopen(world.master, "G3-G4", "erik", world.now_ms)
    with pytest.raises(NotFound):
        people.reopen(world.master, "nowhere", "erik", world.now_ms)


def test_what_may_be_driven_by_another_map_lets_nobody_on_until_its_robot_stands() -> None:
    world = World({"r1": "park-1", "r2": "park-2"})
    world.want("T1")
    world.run(9)
    world.robots["r1"].is_on = False
    world.hospital = parse(world.hospital.model_dump_json(by_alias=True).replace("Demo", "Other"), "a.json")
    world.restart()
    world.want("T2", "laboratory", "kitchen")
    sent = len(world.sent("r2"))
    world.run(60)
    assert len(world.sent("r2")) == sent
    assert "another map" in world.master.hold(world.master.pilots["r2"])
    world.robots["r1"].is_on = True
    assert world.run(400, world.delivered("T1", "T2"))


def test_a_restart_holds_what_a_silent_robot_may_still_drive() -> None:
    world = World({"r1": "park-1", "r2": "park-2"})
    world.want("T1")
    world.run(9)
    truth = world.held("r1")
    world.link.cut = True
    world.robots["r1"].is_on = False
    world.restart()
    assert truth & ~world.master.fleet.driving.traffic.claims["r1"].held == 0
    world.link.cut = False
    world.run(60)
    assert truth & ~world.master.fleet.driving.traffic.claims["r1"].held == 0


def test_what_cannot_be_read_is_told_to_a_person_once() -> None:
    world = one()
    for _ in range(3):
        world.master.heard("r1", "gw", "state", "{}", at_ms=world.now_ms, now_ms=world.now_ms)
        world.master.heard("r1", "gw", "nonsense", "{}", at_ms=world.now_ms, now_ms=world.now_ms)
    world.flush()
    assert len([why for why in world.asked() if "cannot be read" in why]) == 2
