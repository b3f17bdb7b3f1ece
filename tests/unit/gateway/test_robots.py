"""Orders for robots go to whoever is the road to that robot just now, and nowhere else."""

import asyncio

import pytest

from devices.codecs import Host
from devices.errors import BadOrder
from devices.model.orders import MOST_JSON, ROBOT_ORDER, TIMELESS, check_command
from gateway.clock import SystemClock
from gateway.errors import OrderRefused
from gateway.robots import Robots


class Road:
    """Keeps what it is told, until it is ended."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def order(self, topic: str, text: str) -> None:
        self.told.append((topic, text))


class Oximeter:
    """A link that leads to no robot."""

    async def run(self) -> None:
        await asyncio.Event().wait()


def arguments(device: str, text: str = "{}") -> dict[str, str | int]:
    return {"vehicle": device, "topic": "order", "json": text}


async def test_an_order_goes_to_its_robot_while_that_is_served_and_to_no_other_device() -> None:
    robots, road, other = Robots(SystemClock()), Road(), Road()
    give = robots.commands[ROBOT_ORDER]
    links = {"robot-1": road, "robot-2": other, "ox-1": Oximeter()}
    tasks = [asyncio.create_task(robots.serve(name, link, Host())) for name, link in links.items()]
    await asyncio.sleep(0)
    await give(arguments("robot-1"))
    for device in ("ox-1", "robot-3"):
        with pytest.raises(OrderRefused, match=f"serves no robot {device}"):
            await give(arguments(device))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    with pytest.raises(OrderRefused, match="serves no robot robot-1"):
        await give(arguments("robot-1"))
    assert (road.told, other.told) == ([("order", "{}")], [])


def test_an_order_is_for_those_two_topics_printable_and_not_too_long() -> None:
    check_command(ROBOT_ORDER, arguments("robot-1", "{" + "ü" * (MOST_JSON - 2) + "}"))
    for wrong in (
        arguments("robot-1", "x" * (MOST_JSON + 1)),
        arguments("robot-1", "{\n}"),
        arguments("robot-1") | {"topic": "state"},
        arguments("Robot 1"),
    ):
        with pytest.raises(BadOrder):
            check_command(ROBOT_ORDER, wrong)


def test_who_does_not_know_the_time_drives_no_robot() -> None:
    assert ROBOT_ORDER not in TIMELESS
