"""The robot base's own firmware on a PTY: the gateway hears it, and it stops when nobody speaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from devices.codecs.robot_base import RobotBase
from devices.model.observation import EventKind
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links.backoff import Backoff
from gateway.links.serial_port import SerialLinkRunner
from hil.sims.models.robot_base import Robot
from hil.sims.patient import Patient
from hil.sims.wire import SerialDevice
from hil.ward import Folder, WardDevice
from tests.support.links import Heard, running
from tests.support.waiting import until

NAME, ID = "wardlink-robot-base", "robot-1"


@asynccontextmanager
async def talking(folder: Folder, heard: Heard, robot: Robot) -> AsyncIterator[None]:
    device = SerialDevice(WardDevice(ID, NAME, "bed-1", 5), robot, folder)
    config = DeviceConfig.model_construct(id=ID, profile=NAME, port=str(folder.port(ID)))
    link = SerialLinkRunner(config, profile(NAME), SystemClock(), heard, backoff=Backoff(0.05, 0.2))
    simulated = asyncio.create_task(device.run())
    try:
        async with running(link):
            yield
    finally:
        simulated.cancel()
        await asyncio.gather(simulated, return_exceptions=True)


def status(heard: Heard, name: str) -> list[object]:
    return [one.detail[name] for one in heard.events(EventKind.STATUS) if name in one.detail]


async def test_the_gateway_hears_its_bumper_and_its_button_and_does_not_drive_it(tmp_path: Path) -> None:
    heard, robot = Heard(), Robot(Patient(5))
    async with talking(Folder(tmp_path), heard, robot):
        await until(lambda: heard.values("odometer"), "an odometer")
        robot.bumper_left = robot.button = True
        await until(lambda: status(heard, "emergency-stop") == [1], "the stop")
        robot.button = False
        await until(lambda: status(heard, "button-pressed") == [1, 0], "the button's release")
    assert status(heard, "bumper-left") == [1]
    assert status(heard, "emergency-stop") == [1]
    assert set(heard.values("vehicle_speed")) == {Decimal(0)}
    assert heard.events(EventKind.BAD_BYTES) == []
    assert robot.motors.speeds == (0, 0)


async def test_a_host_that_drives_and_vanishes_leaves_a_base_that_stands(tmp_path: Path) -> None:
    heard, robot, clock = Heard(), Robot(Patient(5)), SystemClock()
    device = SerialDevice(WardDevice(ID, NAME, "bed-1", 5), robot, folder := Folder(tmp_path))
    simulated = asyncio.create_task(device.run())
    try:
        await until(folder.port(ID).exists, "the port")
        with folder.port(ID).open("r+b", buffering=0) as port:
            codec = RobotBase()
            codec.drive(400, 400, clock.now())
            port.write(codec.data_to_send())
            await until(lambda: robot.motors.speeds == (400, 400), "the wheels turning")
        await until(lambda: robot.motors.speeds == (0, 0), "the wheels standing")
    finally:
        simulated.cancel()
        await asyncio.gather(simulated, return_exceptions=True)
    assert heard.said == []
