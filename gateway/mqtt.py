"""One MQTT connection: the gateway's only file that speaks aiomqtt.

async with connected(url, account, client_id="ward-a-5f3c", dscp=46) as connection:
    await connection.publish(topic, payload)      # returns when the broker has it, which proves nothing
    async for topic, payload in connection.messages(): ...

MQTT 3.1.1, clean sessions, QoS 1. Every way to fail is an Unreachable, or a Refused when the broker
does not take the account.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiomqtt

from gateway.errors import Refused, Unreachable

IN_FLIGHT = 256
"""Messages that the broker has not confirmed, at the most."""
_TIMEOUT_S = 5
"""Of connecting, and of the broker's answer to a subscription."""
_ANSWER_S = 60
"""Of the broker's answer to a message: over a poor radio it stands behind all that is under way. Only a
broker that lives and never answers is noticed so; a dead connection is noticed by the keep-alive."""
_KEEPALIVE_S = 5
"""A connection that has been dead for 1.5 times this is noticed (MQTT 3.1.1, 3.1.2.10)."""
_NOT_AUTHORISED = {4, 5, 134, 135}
"""CONNACK codes of MQTT 3.1.1 (3.2.2.3), and of MQTT 5 as paho translates them."""

logging.getLogger("mqtt").setLevel(logging.CRITICAL)  # what it says is raised as an error too


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the broker."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.user!r})"


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


class Connection:
    """An open connection."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Raises Unreachable."""
        try:
            await self._client.publish(topic, payload, qos=1, retain=retain, timeout=_ANSWER_S)
            _end_if_told_to()
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the broker did not take a message: {error}") from error

    async def subscribe(self, topic: str) -> None:
        """Raises Unreachable."""
        try:
            await self._client.subscribe(topic, qos=1)
            _end_if_told_to()
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the broker did not answer a subscription: {error}") from error

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """(topic, payload) of everything that comes. Raises Unreachable when the connection breaks."""
        try:
            async for message in self._client.messages:
                payload = message.payload
                yield str(message.topic), payload if isinstance(payload, bytes) else b""
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the connection to the broker broke: {error}") from error


@asynccontextmanager
async def connected(
    url: str, account: Account, *, client_id: str, dscp: int = 0, will: Will | None = None
) -> AsyncIterator[Connection]:
    """A connection to `url`, mqtt://HOST:PORT, whose packets carry `dscp`. Raises Unreachable or Refused."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 1883
    client = aiomqtt.Client(
        host,
        port,
        username=account.user,
        password=account.password,
        identifier=client_id,
        clean_session=True,
        will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None,
        timeout=_TIMEOUT_S,
        keepalive=_KEEPALIVE_S,
        max_inflight_messages=IN_FLIGHT,
        socket_options=_socket_options(host, dscp),
    )
    client.pending_calls_threshold = IN_FLIGHT
    try:
        async with client:
            yield Connection(client)
    except aiomqtt.MqttCodeError as error:
        raise _refusal(url, account, error) from error
    except aiomqtt.MqttError as error:
        if isinstance(error.__context__, asyncio.CancelledError):
            raise error.__context__ from None  # closing failed too, but whoever ends this must see it end
        raise Unreachable(f"{url}: {error}") from error


def _end_if_told_to() -> None:
    """aiomqtt waits with `asyncio.wait_for`, which in Python 3.11 can lose a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _refusal(url: str, account: Account, error: aiomqtt.MqttCodeError) -> Unreachable | Refused:
    code = getattr(error.rc, "value", error.rc)
    if code in _NOT_AUTHORISED:
        return Refused(
            f"{url} does not let {account.user!r} in: add the gateway on the controller, "
            "and copy its credentials to controller.credentials"
        )
    return Unreachable(f"{url}: {error}")


def _socket_options(host: str, dscp: int) -> list[tuple[int, int, int]]:
    """No delay for small messages; the traffic class (RFC 2474: DSCP is its upper six bits)."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)]
    if ":" in host:
        options.append((socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2))
    return options
