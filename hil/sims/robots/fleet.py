"""Simulated robots at a ward's MQTT broker, each with a connection of its own: the process of them all.

    python -m hil.sims.robots.fleet FLEET.toml --plugs data/plugs

    broker = "mqtts://localhost:8885"      # FLEET.toml
    credentials = "robots.toml"            # as gateway/links/mqtt.py reads it
    version = "2.1.0"                      # and other members of `Fleet`
    [[robot]]
    serial = "robot-1"                     # topics: uagv/v2/Wardlink/robot-1/…
    x = 24.0
    y = -2.5
    map = "ground"

A robot tells its state once a second and whenever something changes. What can be done to it: trouble.py.
"""

import asyncio
import contextlib
import logging
import secrets
import socket
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

import typer
from pydantic import BaseModel, ConfigDict, Field

from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.topics import RETAINED, Address, Topic, quality_of_service
from devices.codecs.vda5050.vehicle import Identity
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ConnectionState
from gateway.errors import GatewayError, Unreachable
from gateway.links.mqtt import Credentials, until_one_ends
from gateway.mqtt import Connection, Will, connected
from hil.sims.plug import Words
from hil.sims.process import run
from hil.sims.robots.base import Kind, SimBase
from hil.sims.robots.machine import Machine
from hil.sims.robots.trouble import Trouble, trouble

MANUFACTURER, INTERFACE = "Wardlink", "uagv"
_HEARS = (Topic.ORDER, Topic.INSTANT_ACTIONS)
_AGAIN_S, _GOODBYE_S = 1.0, 1.0
log = logging.getLogger(__name__)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Robot(_Part):
    """One of them, and where it stands at first: m, on a map. `charge`: 0 to 1."""

    serial: str
    x: float
    y: float
    map: str
    charge: Annotated[float, Field(ge=0, le=1)] = 0.8


class Fleet(_Part):
    """The file. Speeds in m/s, times in s."""

    broker: str
    credentials: Path
    version: Version = Version.V2_1
    speed: Annotated[float, Field(gt=0, le=5)] = 1.0
    handling: Annotated[float, Field(ge=0)] = 10.0
    """How long it takes to load and to unload."""
    waits: bool = False
    """Whether they wait with that until somebody opens a drawer."""
    state_every: Annotated[float, Field(gt=0)] = 1.0
    tick_every: Annotated[float, Field(gt=0)] = 0.1
    robot: tuple[Robot, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """The file's; paths in it begin at its folder."""
        fleet = cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")), strict=False)
        return fleet.model_copy(update={"credentials": path.absolute().parent / fleet.credentials})


class RobotAtBroker:
    """One robot and its connection, which is made again whenever it breaks."""

    def __init__(self, fleet: Fleet, robot: Robot, plugs: Path | None) -> None:
        kind = Kind(fleet.speed, fleet.handling, fleet.waits)
        base = SimBase(kind, Pose(robot.x, robot.y, 0.0, robot.map), robot.charge)
        self._fleet = fleet
        self._plug = plugs and plugs / robot.serial
        self._address = Address(INTERFACE, fleet.version.major, MANUFACTURER, robot.serial)
        self._machine = Machine(Identity(MANUFACTURER, robot.serial, fleet.version), base, fleet.state_every)
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled."""
        with self._plugged():
            while True:
                if self._machine.is_dead:
                    self._changed.clear()
                    await self._changed.wait()
                    continue
                try:
                    await self._live()
                except GatewayError as error:
                    log.info("%s: %s", self._address.serial_number, error)
                    await asyncio.sleep(_AGAIN_S)

    @contextlib.contextmanager
    def _plugged(self) -> Iterator[None]:
        if self._plug is None:
            yield
            return
        with Words(self._plug, lambda word: self._obey(trouble(word)), log.warning):
            yield

    def _obey(self, word: Trouble) -> None:
        log.info("%s: %s", self._address.serial_number, word)
        self._machine.obey(word)
        if word is Trouble.ALIVE:
            self._machine.wake()
        self._changed.set()

    async def _live(self) -> None:
        """One connection, until it breaks or the robot dies. Raises GatewayError."""
        using = await asyncio.to_thread(Credentials.read, self._fleet.credentials)
        core, name = self._machine.core, f"{self._address.serial_number}-{secrets.token_hex(4)}"
        lost = core.connection(ConnectionState.CONNECTIONBROKEN, _now_us())
        will = Will(self._address.topic(Topic.CONNECTION), lost)
        async with connected(
            self._fleet.broker, using.tls, client_id=name, login=using.login, will=will
        ) as connection:
            await connection.subscribe(*(self._address.topic(one) for one in _HEARS))
            await self._say(connection, Topic.CONNECTION, core.connection(ConnectionState.ONLINE, _now_us()))
            await self._say(connection, Topic.FACTSHEET, core.factsheet(_now_us()))
            try:
                await until_one_ends(self._hear(connection), connection.watch(), self._tick(connection))
            except asyncio.CancelledError:
                await self._goodbye(connection)
                raise

    async def _goodbye(self, connection: Connection) -> None:
        """If the broker is there; otherwise its last will says it."""
        gone = self._machine.core.connection(ConnectionState.OFFLINE, _now_us())
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self._say(connection, Topic.CONNECTION, gone)
        except (TimeoutError, GatewayError) as error:
            log.info("%s: no goodbye: %s", self._address.serial_number, error)

    async def _hear(self, connection: Connection) -> None:
        topics = {self._address.topic(one): one for one in _HEARS}
        async for topic, payload in connection.messages():
            if topic in topics and not self._machine.is_dead:
                self._machine.core.receive(topics[topic], payload, _now_us())
                await self._publish(connection)

    async def _tick(self, connection: Connection) -> None:
        while not self._machine.is_dead:
            self._machine.tick(_now_us())
            await self._publish(connection)
            await asyncio.sleep(self._fleet.tick_every)
        _vanish(connection)
        raise Unreachable("it was switched off")

    async def _publish(self, connection: Connection) -> None:
        for topic, data in self._machine.core.take():
            await self._say(connection, topic, data)

    async def _say(self, connection: Connection, topic: Topic, data: bytes) -> None:
        qos, kept = quality_of_service(topic), topic in RETAINED
        await connection.publish(self._address.topic(topic), data, retain=kept, qos=qos)


def _vanish(connection: Connection) -> None:
    """As if its radio were gone: no goodbye goes out, so the broker publishes the last will."""
    sock = connection._client._client.socket()  # neither aiomqtt nor paho has a way to leave without a word
    if isinstance(sock, socket.socket):
        sock.shutdown(socket.SHUT_RDWR)


def _now_us() -> int:
    return time.time_ns() // 1000


async def serve(fleet: Fleet, plugs: Path | None) -> None:
    """Have the robots live, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for robot in fleet.robot:
            group.create_task(RobotAtBroker(fleet, robot, plugs).run())
        log.info("%d robots are at %s", len(fleet.robot), fleet.broker)


def main(
    file: Annotated[Path, typer.Argument(help="The fleet's TOML file.")],
    plugs: Annotated[Path | None, typer.Option(help="The folder of the robots' plugs.")] = None,
) -> None:
    """Simulate robots until told to stop."""
    run(serve(Fleet.load(file), plugs))


if __name__ == "__main__":
    typer.run(main)
