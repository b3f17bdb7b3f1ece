"""A drawer is open when its robot says so, or a person: nobody has what is in it before."""

from dataclasses import replace

from controller.robots import people
from controller.robots.drawers import LONGEST_MS
from controller.robots.told import Opening, Stage
from devices.codecs.vda5050.base import Progress
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.words import ActionStatus
from tests.support.robots import World


def at_the_ward() -> World:
    """Robot r1 waits at ward A for somebody to take out what it has brought."""
    world = World({"r1": "park-1"})
    world.want("T1")
    assert world.run(200, lambda: Stage.PICKED in world.stages("T1"))
    world.robots["r1"].base.hands = False
    world.run(100)
    assert people.at_stop(world.master, "T1") == "r1"
    return world


def asks(world: World) -> None:
    one = Opening("r1", "T1", Stage.PICKED, 2, "nina", "badge", world.now_ms, world.master.next_id())
    people.open_drawer(world.master, one, world.now_ms)


def state(world: World) -> str:
    one = world.master.drawers.of("T1")
    assert one
    return one.state


def became(world: World) -> list[str]:
    return [one.state for one in world.kept if isinstance(one, Opening)]


def test_it_is_open_when_the_robot_says_so() -> None:
    world = at_the_ward()
    asks(world)
    assert state(world) == "asked"
    world.run(4)
    assert (state(world), became(world)) == ("open", ["open"])
    assert world.asked() == []


def test_one_that_the_robot_was_never_told_of_is_shut_and_whoever_stands_there_is_told_what_to_do() -> None:
    world = at_the_ward()
    world.link.lost, world.answers = 1.0, False
    asks(world)
    said = world.master.kept._count
    world.master.answered("r1", said, reached=False, why="it expired", now_ms=world.now_ms)
    assert state(world) == "shut"
    assert any("was not told to open drawer 2 (it expired): ask again" in why for why in whys(world))


def test_one_of_which_nothing_is_heard_is_not_waited_for_and_counts_when_it_is_heard_of_late() -> None:
    world = at_the_ward()
    world.robots["r1"].is_on = False
    asks(world)
    late = list(world.robots["r1"].got)
    world.run(LONGEST_MS / 1000 + 2)
    assert state(world) == "shut"
    assert any("has not said that drawer 2 is open" in why for why in whys(world))
    assert late == world.robots["r1"].got
    robot, told = world.robots["r1"], world.sent("r1", Topic.INSTANT_ACTIONS)[-1]
    robot.is_on = True
    robot.take(told, world.now_ms)
    world.run(4)
    assert (state(world), became(world)) == ("open", ["shut", "open"])


def test_one_that_the_robot_cannot_open_says_why() -> None:
    world = at_the_ward()
    base = world.robots["r1"].base
    before = base.progress
    base.progress = lambda action: (  # type: ignore[method-assign]
        Progress(ActionStatus.FAILED, "it is jammed")
        if action.action_type == "openDrawer"
        else before(action)
    )
    asks(world)
    world.run(4)
    assert state(world) == "shut"
    assert any("could not open drawer 2 (it is jammed)" in why for why in whys(world))


def test_who_says_that_they_have_taken_it_out_says_that_it_was_open() -> None:
    world = at_the_ward()
    world.robots["r1"].is_on = False
    asks(world)
    people.taken(world.master, "T1", "nina", world.now_ms)
    world.flush()
    assert became(world) == ["open"]


def test_an_order_that_was_asked_for_before_a_start_is_followed_after_it() -> None:
    world = at_the_ward()
    asks(world)
    held = world.master.drawers.of("T1")
    assert held
    world.flush()
    world.restart()
    world.master.drawers.ask(replace(held))
    world.run(4)
    assert became(world) == ["open"]


def whys(world: World) -> list[str]:
    world.flush()
    return world.asked()
