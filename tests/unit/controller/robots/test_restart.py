"""A start of the controller takes nothing away from a robot that drives: it goes on with what it has."""

import json

from controller.robots.told import LIFE_MS, Decided, Stage
from controller.robots.vehicles import Condition
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.words import OperatingMode
from tests.support.robots import World

FAR = {"r1": "park-1", "r2": "park-2"}


def driving(*, seconds: float = 9) -> World:
    """Robot r1 is on its way to fetch something; r2 rests nearer to it than r1 will be after a detour."""
    world = World(FAR)
    world.want("T1", "ward-a", "laboratory")
    world.run(seconds)
    assert world.robots["r1"].base.driving()
    return world


def cancels(world: World, robot: str) -> int:
    return sum('"cancelOrder"' in said.text for said in world.sent(robot, Topic.INSTANT_ACTIONS))


def orders(world: World, robot: str) -> list[str]:
    """The names of its orders, each once."""
    return list(dict.fromkeys(json.loads(said.text)["orderId"] for said in world.sent(robot)))


def assigned(world: World) -> list[str | None]:
    kinds = (Stage.ASSIGNED, Stage.WANTED)
    return [one.robot for one in world.kept if isinstance(one, Decided) and one.kind in kinds]


def test_a_robot_on_its_way_to_fetch_goes_on_with_its_order_and_nobody_else_is_sent() -> None:
    world = driving()
    world.flush()
    world.restart()
    world.run(4)
    assert world.robots["r1"].base.driving(), "it never stood for the start"
    assert world.run(400, world.delivered("T1"))
    assert assigned(world) == ["r1"]
    assert world.sent("r2") == []
    assert cancels(world, "r1") == 0
    assert len(orders(world, "r1")) == 2, "one to fetch it, one to bring it"
    assert world.asked() == []


def test_so_it_is_wherever_the_start_comes() -> None:
    for seconds in (3, 27, 66, 128):
        world = World(FAR)
        world.want("T1", "pharmacy", "ward-b")
        world.run(seconds)
        world.flush()
        world.restart()
        assert world.run(400, world.delivered("T1")), seconds
        assert cancels(world, "r1") + cancels(world, "r2") == 0, seconds
        assert set(assigned(world)) == {"r1"}, seconds


def test_while_it_is_not_heard_it_gets_no_more_of_its_way_and_then_another_is_sent() -> None:
    world = driving()
    world.flush()
    world.robots["r1"].is_on = False
    world.run(1)
    world.restart()
    sent = len(world.sent("r1"))
    world.run(10)
    assert world.master.fleet.vehicles["r1"].condition == Condition.SILENT
    assert len(world.sent("r1")) == sent
    world.run(10)
    assert assigned(world) == ["r1", None, "r2"]
    assert any("has not been heard of" in why for why in world.asked())


def test_an_order_of_which_it_is_not_known_whether_it_came_is_sent_again_as_it_was() -> None:
    world = World(FAR)
    world.link.lost, world.answers = 1.0, False
    world.want("T1", "ward-a", "laboratory")
    world.run(3)
    world.flush()
    world.restart()
    world.link.lost, world.answers = 0.0, True
    assert world.run(400, world.delivered("T1"))
    first = [said.text for said in world.sent("r1") if json.loads(said.text)["orderUpdateId"] == 0][:2]
    assert first[0] == first[1]
    assert assigned(world) == ["r1"]


def test_a_robot_that_was_told_to_drop_its_order_is_asked_where_it_stands() -> None:
    world = driving()
    world.master.pilots["r1"].cancel("somebody wants it so", world.now_ms)
    world.master.send_all(world.now_ms)
    world.flush()
    world.restart()
    assert world.master.fleet.vehicles["r1"].condition == Condition.CANCELLING
    assert world.run(400, world.delivered("T1"))


def test_who_was_last_heard_long_ago_is_asked_how_it_is_before_it_gets_anything() -> None:
    world = driving()
    world.run(25)
    world.flush()
    world.link.cut = True
    world.run(600)
    world.link.cut = False
    world._held.clear()
    world.restart()
    world.run(3)
    asked = [s.text for s in world.sent("r1", Topic.INSTANT_ACTIONS) if s.at_ms > world.now_ms - 4_000]
    assert any('"stateRequest"' in text for text in asked)
    assert world.run(400, world.delivered("T1"))


def test_while_an_order_may_still_come_to_a_robot_with_nothing_to_do_it_is_not_told_to_drop_one() -> None:
    world = World(FAR)
    world.link.lost, world.answers = 1.0, False
    world.want("T1", "ward-a", "laboratory")
    world.run(3)
    pilot = world.master.pilots["r1"]
    world.link.lost = 0.0
    pilot.drop()
    pilot.cancel("somebody wants it so", world.now_ms)
    until = max(pilot.flights.values())
    assert until > world.now_ms + LIFE_MS / 2
    while world.now_ms < until:
        world.step()
        pilot.cancel("it has not said yet that it stands", world.now_ms)
    assert cancels(world, "r1") == 0
    world.run(2)
    assert pilot.is_settled(world.now_ms)


def test_a_robot_in_a_persons_hands_does_not_go_on() -> None:
    world = driving()
    world.robots["r1"].vehicle.operating_mode = OperatingMode.MANUAL
    world.run(2)
    world.flush()
    world.restart()
    assert world.master.fleet.vehicles["r1"].condition != Condition.SILENT
    assert world.run(400, world.delivered("T1"))
    assert world.robots["r2"].base.begun


def test_what_it_said_while_the_controller_was_away_tells_what_it_has_and_nothing_is_sent_again() -> None:
    world = World(FAR)
    world.want("T1", "ward-a", "laboratory")
    assert world.run(60, lambda: any(update(said.text) == 1 for said in world.sent("r1")))
    robot = world.robots["r1"]
    robot.take(world.sent("r1")[-1], world.now_ms)
    at_ms, has_it = world.now_ms, robot.state(world.now_ms).decode()
    world.restart()
    world.now_ms += 20_000
    sent = len(world.sent("r1"))
    pilot = world.master.pilots["r1"]
    assert not pilot.confirmed
    world.master.heard("r1", "gw", "state", has_it, at_ms=at_ms, now_ms=world.now_ms)
    assert pilot.confirmed
    world.flush()
    assert len(world.sent("r1")) == sent
    assert world.master.fleet.vehicles["r1"].condition == Condition.SILENT, "it is not heard by that"


def update(text: str) -> int:
    return int(json.loads(text)["orderUpdateId"])
