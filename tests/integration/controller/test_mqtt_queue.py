"""Nothing piles up in the MQTT library's own queue, which has no limit: it is in the controller's at once."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from controller import mqtt
from controller.clock import SystemClock
from controller.fair_client import FairClient
from controller.ingest import Arrived
from controller.mqtt import MqttLink
from tests.support.broker import running_broker
from tests.support.waiting import until

COUNT = 4000
PUBLISH = """
import asyncio, aiomqtt, sys
from pathlib import Path
from gateway.enrolment.identity import IdentityFolder
async def main():
    tls = IdentityFolder(Path(sys.argv[2])).context()
    async with aiomqtt.Client("127.0.0.1", int(sys.argv[1]), tls_context=tls) as client:
        client.pending_calls_threshold = COUNT
        publish = lambda: client.publish("wl/1/ward-a/up/wave", bytes(500), qos=1, timeout=60)
        await asyncio.gather(*(publish() for _ in range(COUNT)))
asyncio.run(main())
""".replace("COUNT", str(COUNT))


async def test_a_flood_does_not_wait_in_the_library_s_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients: list[FairClient] = []

    class Seen(FairClient):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            clients.append(self)

    monkeypatch.setattr(mqtt, "FairClient", Seen)
    waiting: list[int] = []

    def arrived(_: Arrived) -> None:
        waiting.append(len(clients[-1].messages))

    async with running_broker(tmp_path, "ward-a") as running_:
        link = MqttLink(running_.broker, bytes(8), SystemClock(), arrived, lambda: None)
        running = asyncio.create_task(link.run())
        await until(link.connected.is_set, "it is connected")
        publisher = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PUBLISH, str(running_.broker.port), str(running_.identity("ward-a"))),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        await until(lambda: len(waiting) >= COUNT, "all have come")
        await publisher.wait()
        running.cancel()
        await asyncio.wait({running})
    assert max(waiting) < 20
