"""What feeds thingsboard-gateway: an MQTT server that sends devices' messages and sees each acknowledgement.

`python -m hil.bench.pipeline.feeder PORT FOLDER DATABASE`. Obeys `FOLDER/feeder.json` (`source`). It is to
the gateway what a broker with a kept session is: whatever it did not acknowledge comes again when it connects
again, and what it acknowledged never does. SIGUSR1 sends an alarm behind all the rest.

`FOLDER/accepted` has a line "device ts" for each reading that was acknowledged, `FOLDER/again` for each that
was sent again, while an order wants it recorded.
"""

import asyncio
import json
import signal
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from hil.bench.pipeline import mqtt
from hil.bench.pipeline.mqtt import Kind, Publish
from hil.bench.pipeline.source import Order, Source, counter
from hil.sims.process import run

IN_FLIGHT = 1000
"""Messages that may be unacknowledged; the others wait here."""
ALARM = "alarm"

Readings = list[tuple[str, int]]
"""Device and time stamp of each reading in a message."""


@dataclass(slots=True)
class Feed:
    """What is to be sent, whoever is connected."""

    folder: Path
    link: "FeedLink | None" = None
    waiting: deque[tuple[str, bytes, Readings]] = field(default_factory=deque)
    unacknowledged: dict[int, tuple[Publish, Readings]] = field(default_factory=dict)
    _next: int = 1
    _latest: dict[str, int] = field(default_factory=dict)

    async def say(self, order: Order, first: int, end: int) -> None:
        """See `source.Say`: messages of `order.together` readings each, the devices in turn."""
        now_ms = time.time_ns() // 1_000_000
        for number in range(first, end, order.together):
            device = f"dev-{number // order.together % order.devices}"
            many = [self._reading(device, n, now_ms, order) for n in range(number, number + order.together)]
            keys = [(device, one["ts"]) for one in many if order.recorded]
            self.put(f"ward/{device}", many if len(many) > 1 else many[0], keys)
        self.pump()

    def _reading(self, device: str, number: int, now_ms: int, order: Order) -> dict[str, int]:
        if not order.stamped:
            return {"spo2": number}
        # The server knows a reading by device and millisecond: no two may share both.
        self._latest[device] = at = max(now_ms, self._latest.get(device, 0) + 1)
        return {"ts": at, "spo2": 90 + number % 10}

    def alarm(self) -> None:
        """An alarm, to be sent after what already waits."""
        self.put(f"{ALARM}/dev-0", {"ts": time.time_ns() // 1_000_000, ALARM: 1}, [])
        self.pump()

    def put(self, topic: str, payload: object, readings: Readings) -> None:
        """Another message."""
        self.waiting.append((topic, json.dumps(payload).encode(), readings))

    def pump(self) -> None:
        """Send as much as may be in flight."""
        if self.link is None:
            return
        ready: list[bytes] = []
        while self.waiting and len(self.unacknowledged) < IN_FLIGHT:
            topic, payload, readings = self.waiting.popleft()
            message = Publish(topic, payload, self._free_number())
            self.unacknowledged[message.number] = message, readings
            ready.append(mqtt.publish(message, self.link.version))
        self.link.send(b"".join(ready))

    def _free_number(self) -> int:
        while self._next in self.unacknowledged:
            self._next = self._next % 65_535 + 1
        return self._next

    def connected(self, link: "FeedLink") -> None:
        """A gateway subscribed: first what was sent before, then the rest."""
        self.link = link
        for message, readings in self.unacknowledged.values():
            link.send(mqtt.publish(message, link.version, again=True))
            self._note("again", readings)
        self.pump()

    def acknowledged(self, numbers: list[int]) -> None:
        """The gateway has these now."""
        for number in numbers:
            _, readings = self.unacknowledged.pop(number, (None, []))
            self._note("accepted", readings)
        self.pump()

    def _note(self, name: str, readings: Readings) -> None:
        if readings:
            with (self.folder / name).open("a", encoding="ascii") as file:
                file.writelines(f"{device} {at}\n" for device, at in readings)


class FeedLink(asyncio.Protocol):
    """One connection of the gateway's connector."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._buffer = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self.version = mqtt.V311

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        if self._feed.link is self:
            self._feed.link = None

    def send(self, data: bytes) -> None:
        """To the gateway."""
        if data and self._transport is not None:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        self._buffer += data
        acknowledged: list[int] = []
        for packet in mqtt.packets(self._buffer):
            match packet.kind:
                case Kind.CONNECT:
                    self.version = mqtt.version_of(packet.body)
                    self.send(mqtt.connack(self.version))
                case Kind.SUBSCRIBE:
                    self.send(mqtt.suback(packet, self.version))
                    if self._feed.link is not self:
                        self._feed.connected(self)
                case Kind.PUBACK:
                    acknowledged.append(mqtt.number_of(packet))
                case Kind.PINGREQ:
                    self.send(mqtt.packet(Kind.PINGRESP))
                case _:
                    continue
        if acknowledged:
            self._feed.acknowledged(acknowledged)


async def serve(port: int, folder: Path, database: Path) -> None:
    """Until cancelled."""
    feed, loop = Feed(folder), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, feed.alarm)
    source = Source(folder / "feeder.json", counter(database, "telemetry"), feed.say)
    await loop.create_server(lambda: FeedLink(feed), "127.0.0.1", port)
    await source.run()


def main(
    port: Annotated[int, typer.Argument(help="Where the gateway's connector comes.")],
    folder: Annotated[Path, typer.Argument(help="Orders and records.")],
    database: Annotated[Path, typer.Argument(help="The stand-in server's database.")],
) -> None:
    """Feed until told to stop."""
    run(serve(port, folder, database))


if __name__ == "__main__":
    typer.run(main)
