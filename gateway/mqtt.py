"""One MQTT connection: the gateway's only file that speaks aiomqtt.

async with connected(url, tls, client_id="ward-a-5f3c", dscp=46) as connection:
    await connection.publish(topic, payload)      # returns when the broker has it, which proves nothing
    async for topic, payload in connection.messages(): ...

MQTT 3.1.1 over TLS, clean sessions, QoS 1 up and QoS 0 down. Every way to fail is an Unreachable, or a
Refused when the broker does not take the certificate.
"""

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode

from gateway import paths
from gateway.errors import Refused, Unreachable
from gateway.silence import Silence

IN_FLIGHT = 256
"""Messages that the broker has not confirmed, at the most."""
_CONNECT_S = 5
"""Of the first packet's answer: the next attempt begins with a fresh timer, and the network may be back."""
_TIMEOUT_S = 15
"""Of each step after it, and of the broker's answer to a subscription: 3 kB of certificates each way take six
seconds at 8 kbit/s if nothing else is under way."""
_ANSWER_S = 60
"""Of the broker's answer to a message: over a poor radio it stands behind all that is under way. Only a
broker that lives and never answers is noticed so; a dead connection is noticed by its silence."""
_SLOW_S = 1.5
"""A path is slow if the handshakes of TLS and MQTT take longer: 4.5 kB at less than about 25 kbit/s. Over a
satellite they take 1.3 s."""
_LOOK_S = 0.5
_KEEPALIVE_S = 5
"""A connection that has been dead for 1.5 times this is noticed (MQTT 3.1.1, 3.1.2.10)."""
_NOT_AUTHORISED = {4, 5, 134, 135}
"""CONNACK codes of MQTT 3.1.1 (3.2.2.3), and of MQTT 5 as paho translates them."""

_HELP = "it may be revoked or of another controller: `wardlink gateway enrol --replace` with a new claim"
_REFUSED = 0x80
"""SUBACK codes from here on grant nothing (MQTT 3.1.1, 3.9.3)."""

log = logging.getLogger(__name__)
logging.getLogger("mqtt").setLevel(logging.CRITICAL)  # what it says is raised as an error too


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes, retained, when the connection breaks."""

    topic: str
    payload: bytes


class Connection:
    """An open connection. `is_slow`: the path is that narrow that another one would better wait."""

    def __init__(self, client: aiomqtt.Client, *, is_slow: bool = False) -> None:
        self.is_slow = is_slow
        self._client = client
        self._silence = Silence()
        self._gone = ""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Returns when the broker has it; of QoS 0 when it is written to the socket. Raises Unreachable."""
        if self._gone:
            raise Unreachable(self._gone)
        now = asyncio.get_running_loop().time
        asked = self._silence.asked(now(), len(payload))
        try:
            await self._client.publish(topic, payload, qos=qos, retain=retain, timeout=_ANSWER_S)
            self._silence.answered(asked, now())
            _end_if_told_to()
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the broker did not take a message: {error}") from error

    async def watch(self) -> None:
        """Until it is silent for too long, or a new connection would go another way. Raises Unreachable."""
        while not self._gone:
            await asyncio.sleep(_LOOK_S)
            if silent_s := self._silence.too_long(asyncio.get_running_loop().time()):
                self._gone = f"the broker has not answered for {silent_s:.1f} s"
            else:
                self._gone = left(self._client)
        raise Unreachable(self._gone)

    async def subscribe(self, *wanted: str, optional: str | None = None) -> None:
        """All in one packet. Raises Unreachable, also when the broker refuses one that is not `optional`.

        QoS 0: what comes down is said again when it is lost, and brokers keep books for each subscription of
        QoS 1 (NATS for a thousand at most: it refused those of the 500th gateway).
        """
        asked = [*wanted, *([optional] if optional else [])]
        try:
            granted = await self._client.subscribe([(topic, 0) for topic in asked])
            _end_if_told_to()
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the broker did not answer a subscription: {error}") from error
        for topic, code in zip(asked, granted, strict=True):
            if getattr(code, "value", code) < _REFUSED:
                continue
            if topic != optional:
                raise Unreachable(f"the broker refuses a subscription to {topic}: see its log")
            log.warning("the broker refuses %s, as that of an older controller does: done without", topic)

    async def messages(self) -> AsyncIterator[tuple[str, bytes]]:
        """(topic, payload) of everything that comes. Raises Unreachable when the connection breaks."""
        try:
            async for message in self._client.messages:
                self._silence.heard(asyncio.get_running_loop().time())
                payload = message.payload
                yield str(message.topic), payload if isinstance(payload, bytes) else b""
        except aiomqtt.MqttError as error:
            raise Unreachable(f"the connection to the broker broke: {error}") from error


@dataclass(slots=True)
class Opening:
    """How long the steps take after the first one, which `how` does; `now`: seconds."""

    how: Callable[[], socket.socket]
    now: Callable[[], float]
    _began: float = math.inf

    def connect(self) -> socket.socket:
        """Raises OSError."""
        sock = self.how()
        self._began = self.now()
        return sock

    def was_slow(self) -> bool:
        """Asked once they are done."""
        return self.now() - self._began > _SLOW_S


@asynccontextmanager
async def connected(
    url: str,
    tls: ssl.SSLContext,
    *,
    client_id: str,
    dscp: int = 0,
    will: Will | None = None,
    mptcp: bool = False,
    login: tuple[str, str] | None = None,
) -> AsyncIterator[Connection]:
    """A connection to `url`, mqtts://HOST:PORT, whose packets carry `dscp`. Raises Unreachable or Refused.

    `tls` has this gateway's certificate, or `login` is a user and a password. `mptcp`: over all paths that
    the host's MPTCP endpoints give, as far as both ends can.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 8883
    client = aiomqtt.Client(
        host,
        port,
        tls_context=tls,
        identifier=client_id,
        clean_session=True,
        will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=True) if will else None,
        username=login[0] if login else None,
        password=login[1] if login else None,
        timeout=_TIMEOUT_S,
        keepalive=_KEEPALIVE_S,
        max_inflight_messages=IN_FLIGHT,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # small messages wait for nothing
    )
    client.pending_calls_threshold = IN_FLIGHT
    now = asyncio.get_running_loop().time
    opening = Opening(lambda: paths.connect((host, port), _CONNECT_S, dscp=dscp, mptcp=mptcp), now)
    connect_by(client, opening.connect)
    try:
        async with client:
            yield Connection(client, is_slow=opening.was_slow())
    except aiomqtt.MqttCodeError as error:
        raise _refusal(url, error) from error
    except aiomqtt.MqttError as error:
        cause = error.__context__
        if isinstance(cause, asyncio.CancelledError):
            raise cause from None  # closing failed too, but whoever ends this must see it end
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Refused(
                f"{url} is not the controller of this box ({cause.verify_message}): {_HELP}"
            ) from error
        raise Unreachable(f"{url}: {error}") from error


async def proves_itself(url: str, tls: ssl.SSLContext) -> bool:
    """Whether somebody answers at `url` whose certificate `tls` takes. Nothing is told there."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 8883, ssl=tls)
            writer.transport.abort()
    except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
        log.info("%s does not serve: %s", url, error)
        return False
    return True


def left(client: aiomqtt.Client) -> str:
    """Why a new connection would be better, as a sentence; empty: it would not.

    Neither aiomqtt nor paho has a better way to say where packets go; and an idle connection whose keep-alive
    is not answered is closed by paho, which tells only those who ask.
    """
    sock = client._client.socket()
    if not isinstance(sock, socket.socket) or sock.fileno() < 0:
        return "the connection ended"
    return paths.left(sock)


def connect_by(client: aiomqtt.Client, connect: Callable[[], socket.socket]) -> None:
    """paho has no option for the kind of a socket, nor for what is set before it connects: it asks here.

    It counts the time of the keep-alive from before TLS, and closes a connection that is not made after 5 s
    without a word: until the broker has answered, others watch the time.
    """
    paho = client._client
    paho.connect_timeout = _TIMEOUT_S
    send_connect, handle_answer = paho._send_connect, paho._handle_connack

    def send(keepalive: int) -> MQTTErrorCode:
        done = send_connect(min(keepalive, _KEEPALIVE_S))
        paho._keepalive = _CONNECT_S + 2 * _TIMEOUT_S
        return done

    def answered() -> MQTTErrorCode:
        paho._keepalive = _KEEPALIVE_S
        return handle_answer()

    paho._create_socket_connection, paho._send_connect, paho._handle_connack = connect, send, answered


def _end_if_told_to() -> None:
    """aiomqtt waits with `asyncio.wait_for`, which in Python 3.11 can lose a cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _refusal(url: str, error: aiomqtt.MqttCodeError) -> Unreachable | Refused:
    code = getattr(error.rc, "value", error.rc)
    if code in _NOT_AUTHORISED:
        return Refused(f"{url} does not take this gateway's certificate: {_HELP}")
    return Unreachable(f"{url}: {error}")
