"""The controller's connection to the broker: the one file that speaks aiomqtt.

It comes back by itself. What is published while there is no connection is dropped, for whatever matters
is sent again: a block without a receipt, a birth without a birth.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from pathlib import Path

import aiomqtt

from controller.brokers import AnyBroker
from controller.clock import Clock
from controller.fair_client import FairClient
from controller.identity.est import NO_CHECK_TIME
from controller.identity.files import CONTROLLER
from controller.identity.takeover import ROOT
from controller.ingest import Arrived
from devices.errors import WireError
from devices.wire import topics
from devices.wire.messages import ControllerState, pack_message, read_controller_state

OUTBOX = 4096
"""Messages that may wait to be published; receipts above that are dropped, and asked for again."""
STATE_EVERY_S = 30.0
KEEPALIVE_S = 10
_AT_ONCE = 64
"""Topics in one SUBSCRIBE."""
RECEIVERS = 4
"""Takers of messages: each needs three turns of the event loop for one, while the library reads one a turn
into a queue that has no limit. Measured: with one taker thousands wait there, with four none."""

log = logging.getLogger(__name__)


class MqttLink:
    """Subscribes to everything that gateways send; publishes receipts, commands and the own state."""

    def __init__(
        self,
        broker: AnyBroker,
        session: bytes,
        clock: Clock,
        arrived: Callable[[Arrived], None],
        lost: Callable[[], None],
        *,
        also: Sequence[str] = (),
        shared: bool = False,
    ) -> None:
        """`also`: what else is listened to, beside gateways. `shared`: with other controllers; gateways are
        listened to as `listen` says, and when one of them says goodbye, this one says that it is here."""
        self._broker = broker
        self._session = session
        self._clock = clock
        self._arrived = arrived
        self._lost = lost
        self._always = frozenset((topics.CONTROLLER_STATE if shared else topics.ALL_UP, *also))
        self._listens = self._always
        self._other, self._contradict = asyncio.Event(), asyncio.Event()
        self._outbox: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(OUTBOX)
        self._retained: dict[str, bytes] = {}
        self.connected = asyncio.Event()
        self.keepalive_s = KEEPALIVE_S
        self.came: Callable[[], None] = lambda: None
        """Called when there is a connection."""

    @property
    def waiting(self) -> int:
        """Messages that wait to be published."""
        return self._outbox.qsize()

    def send(self, topic: str, payload: bytes) -> None:
        """Publish soon, at most once, if connected."""
        if self.connected.is_set() and not self._outbox.full():
            self._outbox.put_nowait((topic, payload))

    def retain(self, topic: str, payload: bytes) -> None:
        """Publish soon, and again whenever the broker is another: who comes later hears it, too."""
        self._retained[topic] = payload
        self.send(topic, payload)

    def forget(self, topic: str) -> None:
        """From now on another controller says what is retained there."""
        self._retained.pop(topic, None)

    def listen(self, gateways: Set[str]) -> None:
        """To exactly these, where controllers are several."""
        wanted = self._always | {topics.up(one, "#") for one in gateways}
        if wanted != self._listens:
            self._listens = wanted
            self._other.set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                await self._connected()
            except (aiomqtt.MqttError, ssl.SSLError) as error:
                log.warning("no connection to the broker at %s: %s", self._broker.url, error)
            finally:
                if self.connected.is_set():
                    self.connected.clear()
                    self._lost()
            await asyncio.sleep(self._broker.again_s)

    async def _connected(self) -> None:
        will = aiomqtt.Will(topics.CONTROLLER_STATE, self._state(online=False), qos=1, retain=True)
        async with FairClient(
            self._broker.host,
            self._broker.port,
            tls_context=controller_tls(self._broker.ca),
            # Random: two clients of one name would throw each other out.
            identifier=f"controller-{secrets.token_hex(8)}",
            will=will,
            keepalive=self.keepalive_s,
        ) as client:
            heard = await self._subscribe(client, frozenset())
            while not self._outbox.empty():
                self._outbox.get_nowait()
            self.connected.set()
            self.came()
            for topic, payload in self._retained.items():
                self.send(topic, payload)
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(RECEIVERS):
                        group.create_task(self._receive(client))
                    group.create_task(self._publish(client))
                    group.create_task(self._say_online(client))
                    group.create_task(self._keep_listening(client, heard))
            except* aiomqtt.MqttError as errors:
                raise aiomqtt.MqttError(str(errors.exceptions[0])) from errors
            finally:
                await self._say_goodbye(client)

    async def _keep_listening(self, client: aiomqtt.Client, heard: Set[str]) -> None:
        while True:
            await self._other.wait()
            heard = await self._subscribe(client, heard)
            end_if_told_to()

    async def _subscribe(self, client: aiomqtt.Client, heard: Set[str]) -> Set[str]:
        """Listen to what is wanted now instead of what was `heard`."""
        self._other.clear()
        wanted = self._listens
        if gone := sorted(heard - wanted):
            await client.unsubscribe(gone)
        new = sorted(wanted - heard)
        for some in (new[at : at + _AT_ONCE] for at in range(0, len(new), _AT_ONCE)):
            # Of QoS 1 nats-server takes some 30 with `#`: 1024 messages each, 65535 for a client.
            if refused(await client.subscribe([(one, int(one in self._always)) for one in some])):
                raise aiomqtt.MqttError(f"it refuses {', '.join(some):.200} to the controller")
        return wanted

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            end_if_told_to()
            payload = message.payload if isinstance(message.payload, bytes) else b""
            topic = str(message.topic)
            if topic == topics.CONTROLLER_STATE:
                self._another_says(payload)
                continue
            self._arrived(Arrived(topic, payload, self._clock.now_us(), bool(message.retain)))

    async def _publish(self, client: aiomqtt.Client) -> None:
        while True:
            topic, payload = await self._outbox.get()
            await client.publish(topic, payload, qos=0, retain=topic in self._retained)
            end_if_told_to()

    async def _say_online(self, client: aiomqtt.Client) -> None:
        while True:
            state = self._state(online=True)
            await client.publish(topics.CONTROLLER_STATE, state, qos=1, retain=True)
            end_if_told_to()
            self._contradict.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._contradict.wait(), STATE_EVERY_S)

    def _another_says(self, payload: bytes) -> None:
        """A controller that ends, and the broker for one that was killed, say that there is none."""
        try:
            if not read_controller_state(payload).online:
                self._contradict.set()
        except WireError as error:
            log.warning("%s cannot be read: %s", topics.CONTROLLER_STATE, error)

    async def _say_goodbye(self, client: aiomqtt.Client) -> None:
        try:
            state = self._state(online=False)
            await client.publish(topics.CONTROLLER_STATE, state, qos=1, retain=True, timeout=1)
        except aiomqtt.MqttError as error:
            log.info("the broker was gone before this controller said goodbye: %s", error)

    def _state(self, *, online: bool) -> bytes:
        return pack_message(ControllerState(online, self._session, self._clock.utc_us()))


def refused(granted: Iterable[object]) -> bool:
    """Whether the broker's answer to a subscription refuses any part of it (MQTT 3.1.1, 3.9.3)."""
    return any(getattr(code, "is_failure", code == 128) for code in granted)


def controller_tls(ca: Path) -> ssl.SSLContext:
    """TLS to the broker, made for each connection from the authority's folder: what is there may be newer.

    No dates are checked: the broker's certificate was made here, and the clock may not be set yet.
    """
    context = ssl.create_default_context(cafile=str(ca / ROOT))
    context.verify_flags |= NO_CHECK_TIME
    context.load_cert_chain(ca / CONTROLLER)
    return context


def end_if_told_to() -> None:
    """End the task if its cancellation was lost: aiomqtt waits with `asyncio.wait_for`, which in 3.11 can.

    For tasks that hold no TaskGroup: one whose child failed leaves its owner's count raised in 3.11.
    Raises CancelledError.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
