"""A broker and the connections to it, in place of `aiomqtt.Client`: slow, lossy, broken, as a seed decides.

It knows of MQTT what Wardlink uses: clean sessions, QoS 0 and 1, retained messages, wills, `+` and `#`.
A PUBACK says no more than that the broker had the message: it may lose, double and reorder it all the same,
and what it holds ends with it.
"""

import asyncio
import contextvars
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import aiomqtt

from hil.simulation.loop import PROCESS, Process, SimLoop, in_dead_process

_OVERHEAD = 40
"""Bytes of a packet beside topic and payload."""
_DEFAULT_TIMEOUT_S = 10.0
_CONNECT_S = 5.0
"""Until a connection whose first packet is not answered is given up, whatever the client waits for later."""
_REFUSED_S = 0.05
_UP, _DOWN = 0, 1


@dataclass(slots=True)
class Link:
    """The way of one process to the broker. `rate`: bytes a second of each connection, each way."""

    latency_s: float = 0.03
    rate: float = 1e6
    up: bool = True
    loss: float = 0.0
    double: float = 0.0
    disorder_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """What a client receives."""

    topic: str
    payload: bytes
    retain: bool


class SimBroker:
    """The broker. `up`: whether it runs."""

    def __init__(self, loop: SimLoop, links: Callable[[str], Link]) -> None:
        self.loop = loop
        self.up = True
        self.clients: list[SimClient] = []
        self.counts: Counter[str] = Counter()
        self.random = random.Random(loop.random.getrandbits(64))
        self.link_of = links
        self._retained: dict[str, bytes] = {}
        self._starts = 0
        self._outside = contextvars.Context()
        """What is under way does not belong to any process, and arrives after its sender's end."""

    def client(self, *_: Any, **options: Any) -> "SimClient":
        """In place of `aiomqtt.Client`."""
        return SimClient(self, **options)

    def later(self, seconds: float, action: Callable[..., None], *args: Any) -> None:
        """Do that in so many seconds, unless the broker ends before."""
        starts = self._starts

        def act() -> None:
            if self._starts == starts and self.up:
                action(*args)

        self.anyhow(seconds, act)

    def anyhow(self, seconds: float, action: Callable[[], None]) -> None:
        """Do that in so many seconds, whoever ends before."""
        self.loop.call_later(seconds, action, context=self._outside)

    def end(self) -> None:
        """It is killed: whatever it held is gone, every connection breaks."""
        self.up = False
        self._starts += 1
        self._retained.clear()
        for client in self.clients:
            client.breaks_after_all("the broker closed the connection")
        self.clients.clear()

    def lost(self, process: Process, *, silently: bool) -> None:
        """A process ended: its wills are published, at once or when its silence is noticed."""
        for client in [client for client in self.clients if client.process is process]:
            self.forget(client, after_s=client.silence_s if silently else 0.0)

    def forget(self, client: "SimClient", after_s: float) -> None:
        """The client is gone without a word; `after_s` later its will is published."""
        if client in self.clients:
            self.later(after_s, self._publish_will, client)

    def _publish_will(self, client: "SimClient") -> None:
        if client in self.clients:
            self.clients.remove(client)
            client.breaks("the connection is dead")
            if client.will is not None:
                self.publish(client.will.topic, client.will.payload, retain=True)

    def publish(self, topic: str, payload: Any, *, retain: bool) -> None:
        """Hand a message to everyone who wants it."""
        self.counts["messages"] += 1
        if retain:
            self._retained[topic] = bytes(payload)
        for client in self.clients:
            if client.wants(topic):
                client.deliver(Message(topic, bytes(payload), retain=False))

    def subscribed(self, client: "SimClient", wanted: str) -> None:
        """A subscription begins with what is retained."""
        client.wanted.append(wanted)
        for topic, payload in self._retained.items():
            if _matches(wanted, topic):
                client.deliver(Message(topic, payload, retain=True))


class SimClient:
    """One connection, used as an `aiomqtt.Client` is."""

    def __init__(
        self,
        broker: SimBroker,
        *,
        identifier: str,
        keepalive: int,
        will: aiomqtt.Will | None = None,
        timeout: float = _DEFAULT_TIMEOUT_S,
        **_: Any,
    ) -> None:
        self.process = PROCESS.get()
        self.will = will
        self.wanted: list[str] = []
        self.silence_s = 1.5 * keepalive
        self.link = broker.link_of(identifier)
        self.pending_calls_threshold = 0
        self._broker = broker
        self._timeout_s = timeout
        self._broken = ""
        self._answers: set[asyncio.Future[None]] = set()
        self._received: asyncio.Queue[Message | None] = asyncio.Queue()
        self._free_at = [0.0, 0.0]
        """When the last packet, up and down, will have been there."""

    async def __aenter__(self) -> "SimClient":
        await asyncio.sleep(3 * self.link.latency_s)
        if not self.link.up:
            self._broker.counts["unanswered"] += 1
            await asyncio.sleep(_CONNECT_S)
            raise aiomqtt.MqttError("Operation timed out")
        if not self._broker.up:
            await asyncio.sleep(_REFUSED_S)
            raise aiomqtt.MqttError("[Errno 111] Connection refused")
        self._broker.clients.append(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        if in_dead_process():
            return
        if not self.link.up:
            self._broker.forget(self, after_s=self.silence_s)
        elif self in self._broker.clients:
            self._broker.clients.remove(self)
        self.breaks("the client disconnected")

    @property
    def messages(self) -> AsyncIterator[Message]:
        """What comes, until the connection breaks."""
        return self._messages()

    async def _messages(self) -> AsyncIterator[Message]:
        while (message := await self._received.get()) is not None:
            yield message
        raise aiomqtt.MqttError("Disconnected during message iteration")

    async def publish(
        self, topic: str, payload: Any, qos: int = 0, retain: bool = False, **options: Any
    ) -> None:
        """Send a message, and with QoS 1 wait until the broker has it."""
        self._check()
        act = self._broker.publish
        size = len(topic) + len(payload)
        if not qos:
            self._travel(_UP, size, lambda: act(topic, payload, retain=retain))
            return
        await self._ask(size, lambda: act(topic, payload, retain=retain), **options)

    async def subscribe(self, topic: str | list[tuple[str, int]], qos: int = 0) -> tuple[int, ...]:
        """Ask for topics, and wait until the broker has heard it. Returns the QoS granted for each."""
        self._check()
        wanted = [(topic, qos)] if isinstance(topic, str) else topic
        for name, _ in wanted:
            await self._ask(len(name), lambda name=name: self._broker.subscribed(self, name), once=True)
        return tuple(granted for _, granted in wanted)

    async def _ask(self, size: int, act: Callable[[], None], *, once: bool = False, **options: Any) -> None:
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answers.add(answer)
        chance = self._broker.random

        def heard() -> None:
            """The broker has it, and answers, whatever becomes of it then."""
            for _ in range(1 if once else _copies(self.link, chance)):
                self._broker.later(chance.random() * self.link.disorder_s, act)
            self._travel(_DOWN, 4, lambda: answer.done() or answer.set_result(None))

        self._travel(_UP, size, heard)
        try:
            async with asyncio.timeout(options.get("timeout", self._timeout_s)):
                await answer
        except TimeoutError:
            raise aiomqtt.MqttError("Operation timed out") from None
        finally:
            self._answers.discard(answer)

    def _check(self) -> None:
        if self._broken or in_dead_process():
            raise aiomqtt.MqttError(self._broken or "dead")

    def _travel(self, way: int, size: int, arrive: Callable[[], object]) -> None:
        """Over this connection, in order."""
        now = self._broker.loop.now
        self._free_at[way] = max(now, self._free_at[way] + 2e-6) + (size + _OVERHEAD) / self.link.rate

        def arrives() -> None:
            if self.link.up:
                arrive()

        # What the broker has sent arrives even if it ends; what comes to one that has ended does not.
        start = self._broker.anyhow if way == _DOWN else self._broker.later
        start(self._free_at[way] - now + self.link.latency_s, arrives)

    def wants(self, topic: str) -> bool:
        """Whether it subscribed to that."""
        return any(_matches(wanted, topic) for wanted in self.wanted)

    def deliver(self, message: Message) -> None:
        """From the broker, on its way down."""
        chance = self._broker.random
        for _ in range(_copies(self.link, chance)):
            wait = chance.random() * self.link.disorder_s
            size = len(message.topic) + len(message.payload)
            self._broker.later(wait, self._travel, _DOWN, size, lambda: self._received.put_nowait(message))

    def breaks_after_all(self, why: str) -> None:
        """The connection breaks once what was sent before has come."""
        wait = max(0.0, self._free_at[_DOWN] - self._broker.loop.now) + self.link.latency_s
        self._broker.anyhow(wait + 1e-5, lambda: self.breaks(why))

    def breaks(self, why: str) -> None:
        """The connection is no more; whoever waits for it is told."""
        if self._broken:
            return
        self._broken = why
        for answer in [answer for answer in self._answers if not answer.done()]:
            answer.set_exception(aiomqtt.MqttError(why))
        self._received.put_nowait(None)


def _copies(link: Link, chance: random.Random) -> int:
    if link.loss and chance.random() < link.loss:
        return 0
    return 2 if link.double and chance.random() < link.double else 1


def _matches(wanted: str, topic: str) -> bool:
    asked, given = wanted.split("/"), topic.split("/")
    if asked[-1] == "#":
        asked, given = asked[:-1], given[: len(asked) - 1]
    return len(asked) == len(given) and all(a in ("+", g) for a, g in zip(asked, given, strict=True))
