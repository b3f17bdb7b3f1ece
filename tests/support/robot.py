"""A robot that speaks VDA 5050 at a `NodeBroker`, and keeps whatever anybody tells it.

with NodeBroker(folder, RULES) as broker:
    async with RobotAtBroker(broker) as robot:
        await robot.say(state(1.0))
        robot.heard                # [("order", b"…")]
"""

import asyncio
import json
import os
import socket
import ssl
from dataclasses import replace
from typing import Self

import aiomqtt

from devices.codecs.vda5050.action import Action, InstantActions
from devices.codecs.vda5050.messages import Message, encode, topic_of
from devices.codecs.vda5050.presence import Connection
from devices.codecs.vda5050.state import AgvPosition, BatteryState, SafetyState, State, Velocity
from devices.codecs.vda5050.topics import RETAINED, Address, quality_of_service
from devices.codecs.vda5050.words import ConnectionState, EStop, OperatingMode
from tests.support.node_broker import GATEWAY, HOST, NODE, PASSWORD, NodeBroker
from tests.support.vda5050_messages import header, order

ADDRESS = Address("uagv", 2, "Acme", "AGV-1")
PREFIX = "uagv/v2/Acme/AGV-1"
RULES = f"""user {NODE}
topic readwrite {PREFIX}/#
user {GATEWAY}
topic read uagv/v2/+/+/connection
topic read uagv/v2/+/+/state
topic read uagv/v2/+/+/visualization
topic read uagv/v2/+/+/factsheet
topic write uagv/v2/+/+/order
topic write uagv/v2/+/+/instantActions
"""


def state(x: float = 0.0, number: int = 0, **other: object) -> State:
    """At x m on the map `ward`, without an order; `other` are attributes of `State`."""
    made = State(
        header=header(number),
        order_id="",
        order_update_id=0,
        last_node_id="dock",
        last_node_sequence_id=0,
        driving=False,
        operating_mode=OperatingMode.AUTOMATIC,
        node_states=(),
        edge_states=(),
        agv_position=AgvPosition(x=x, y=2.0, theta=0.5, map_id="ward", position_initialized=True),
        velocity=Velocity(vx=0.3, vy=0.4),
        action_states=(),
        battery_state=BatteryState(battery_charge=80.5, charging=False),
        errors=(),
        safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
    )
    return replace(made, **other)  # pyright: ignore[reportArgumentType] - by their names


def connection(there: ConnectionState, number: int = 0) -> Connection:
    """That it is there, or is not."""
    return Connection(header=header(number), connection_state=there)


def an_order(order_id: str = "o-1") -> str:
    """The JSON of an order, with blanks that nobody may take out."""
    return json.dumps(json.loads(encode(order("ABC", order_id=order_id))), indent=None)


def a_cancel() -> str:
    """The JSON of instant actions: cancelOrder."""
    return encode(
        InstantActions(header=header(), actions=(Action(action_type="cancelOrder", action_id="c"),))
    ).decode()


class RobotAtBroker:
    """The robot; leaving the block is a goodbye, `vanish` is none."""

    def __init__(self, broker: NodeBroker) -> None:
        self._broker = broker
        self.heard: list[tuple[str, bytes]] = []
        """(last level, payload) of whatever came on its topics and is not its own."""

    async def __aenter__(self) -> Self:
        gone = encode(connection(ConnectionState.CONNECTIONBROKEN))
        self._client = aiomqtt.Client(
            HOST,
            self._broker.port,
            identifier=f"robot-{os.urandom(4).hex()}",
            username=NODE,
            password=PASSWORD,
            tls_context=ssl.create_default_context(cafile=self._broker.authority.pem),
            will=aiomqtt.Will(f"{PREFIX}/connection", gone, 1, True),
        )
        await self._client.__aenter__()
        await self._client.subscribe([(f"{PREFIX}/order", 0), (f"{PREFIX}/instantActions", 0)])
        self._task = asyncio.create_task(self._listen())
        await self.say(connection(ConnectionState.ONLINE))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        try:
            await self.say(connection(ConnectionState.OFFLINE))
            await self._client.__aexit__(None, None, None)
        except aiomqtt.MqttError:
            return  # it vanished

    async def say(self, message: Message) -> None:
        """Publish it where it belongs."""
        topic = topic_of(message)
        await self.say_bytes(topic.value, encode(message), quality_of_service(topic), topic in RETAINED)

    async def say_bytes(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> None:
        """Publish these bytes."""
        await self._client.publish(f"{PREFIX}/{topic}", payload, qos=qos, retain=retain)

    def vanish(self) -> None:
        """As if its radio were gone: the broker publishes its will."""
        sock = self._client._client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)

    async def _listen(self) -> None:
        async for message in self._client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((str(message.topic).rpartition("/")[2], message.payload))
