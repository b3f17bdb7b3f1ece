"""The other controller of `./run bench live`, as a process: it shows what it is told, and says when.

    python -m hil.bench.live_reader ORDER.json

Lines come in ("begin", "end"); one line of JSON goes out for each: what was shown, and what it cost.
"""

import asyncio
import base64
import json
import secrets
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from controller.announce import Announcer
from controller.broker import Broker
from controller.clock import SystemClock
from controller.hub import Hub
from controller.mqtt import MqttLink
from controller.plan import Plan
from controller.presence import Presence
from controller.registry import Registry
from controller.shards.live import Live, Parts
from controller.shards.topics import LIVE
from controller.store import Store
from controller.store.latest import values_of

CHANNEL = "wardlink_live"
ROWS = "rows "
"""Before a device whose rows are to be read; all else is a frame in base 64."""


@dataclass
class Shown:
    """When the hub had the block of each number, ns of CLOCK_MONOTONIC, which all processes have alike."""

    at_ns: dict[int, int] = field(default_factory=dict[int, int])
    cpu_s: float = 0.0

    def told(self, number: int) -> None:
        """It has it now."""
        self.at_ns.setdefault(number, time.monotonic_ns())


class Timed(Announcer):
    """Says when."""

    shown: Shown

    def announce(self, plan: Plan) -> None:
        """See Announcer."""
        super().announce(plan)
        for block in plan.batch.blocks:
            self.shown.told(block.number)


async def read(told: dict[str, Any]) -> None:
    """Until nothing more comes in."""
    folder, clock = Path(told["folder"]), SystemClock()
    store = await Store.open(told["database"], folder=folder / "reader")
    hub = Hub(clock, "reader")
    announcer, registry = Timed(hub, Presence(), clock), Registry(store, hub, clock)
    announcer.shown = shown = Shown()
    await registry.load()
    live = Live(secrets.token_bytes(8), Parts(store, registry, announcer, hub), lambda _topic, _payload: None)
    broker = Broker(folder / "broker", folder / "ca", "127.0.0.1", told["port"])
    link = MqttLink(
        *(broker, secrets.token_bytes(8), clock),
        lambda one: live.heard(one.payload) if one.topic == LIVE else None,
        lambda: None,
        also=(LIVE,),
        shared=True,
    )
    async with asyncio.TaskGroup() as group:
        parts = [
            group.create_task(part)
            for part in (live.run(), link.run(), _listening(told["database"], live, (store, hub, shown)))
        ]
        await link.connected.wait()
        await _obey(shown)
        for part in parts:
            part.cancel()
    await store.close()


async def _obey(shown: Shown) -> None:
    _say("ready")
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "begin":
            shown.at_ns.clear()
            shown.cpu_s = time.process_time()
        _say({"at_ns": shown.at_ns, "cpu_s": time.process_time() - shown.cpu_s})


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


async def _listening(database: str, live: Live, parts: tuple[Store, Hub, Shown]) -> None:
    store, hub, shown = parts
    db = await psycopg.AsyncConnection.connect(database, autocommit=True)
    async with db:
        await db.execute(f"LISTEN {CHANNEL}")
        async for notice in db.notifies():
            if not notice.payload.startswith(ROWS):
                live.heard(base64.b64decode(notice.payload))
                continue
            _, device, numbers = notice.payload.split(" ")
            hub.values(await values_of(store, device))
            for number in numbers.split(","):
                shown.told(int(number))


if __name__ == "__main__":
    asyncio.run(read(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
