"""The demo's robots have files that the gateway, the controller and they themselves can read."""

import stat
from pathlib import Path

from controller.config import load as load_controller
from controller.robots.map import load as load_map
from gateway.config import load as load_gateway
from gateway.links.mqtt import Credentials
from hil.demo_robots import MAP, ROBOTS, DemoRobots
from hil.prepare import write_controller_config, write_gateway_config
from hil.sims.robots.fleet import Fleet
from hil.ward import Folder, six_kinds


def test_gateway_controller_and_robots_read_what_is_written_for_them(tmp_path: Path) -> None:
    folder, robots = Folder(tmp_path), DemoRobots(Folder(tmp_path), 21883)
    robots.write()
    fleet = Fleet.load(Path(robots.command[1]))
    assert {one.serial for one in fleet.robot} == ROBOTS.keys()
    assert fleet.waits, "somebody who looks on has to find the page, and the drawer"
    devices = load_gateway(
        write_gateway_config(folder, six_kinds(1), "mqtts://127.0.0.1:1", more=robots.devices)
    ).devices
    ours = [one for one in devices if one.profile == "vda5050-vehicle"]
    assert [one.id for one in ours] == list(ROBOTS)
    assert {one.broker for one in ours} == {fleet.broker} == {"mqtts://127.0.0.1:21883"}
    controller = load_controller(write_controller_config(folder, 1, 2, 3, robots=MAP))
    assert controller.robots
    hospital = load_map(controller.robots.map)
    places = {(node.x, node.y, node.map) for node in hospital.nodes if node.id in ROBOTS.values()}
    assert {(one.x, one.y, one.map) for one in fleet.robot} == places


def test_each_start_has_passwords_of_its_own_that_only_the_owner_can_read(tmp_path: Path) -> None:
    robots = DemoRobots(Folder(tmp_path), 21883)
    told: list[str | None] = []
    for _ in range(2):
        robots.write()
        for path in (robots.broker.gateway, robots.broker.robots):
            login = Credentials.read(path).login
            assert login
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            told.append(login[1])
    assert len(set(told)) == 4
