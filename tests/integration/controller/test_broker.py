"""The broker: whom it lets do what, and that it is there while the controller is, and not longer."""

import asyncio
import logging
import os
import secrets
import shutil
import signal
import socket
import ssl
import stat
from contextlib import suppress
from pathlib import Path

import aiomqtt
import psutil
import pytest

from controller.broker import Broker
from controller.broker_config import subject
from hil.identities import lone_broker
from tests.support.broker import Clients, listening, running_broker
from tests.support.sender import until

GATEWAYS = ("ward-a", "ward-b", "dot.ted")


async def received(watching: aiomqtt.Client, until_topic: str) -> list[str]:
    """The topics that came until `until_topic`."""
    topics: list[str] = []
    async with asyncio.timeout(20):
        async for message in watching.messages:
            topics.append(str(message.topic))
            if topics[-1] == until_topic:
                return topics
    raise AssertionError(f"{until_topic} never came")


@pytest.mark.parametrize("gateway", ["ward-a", "dot.ted"])
async def test_a_gateway_speaks_and_listens_on_its_own_topics(tmp_path: Path, gateway: str) -> None:
    async with (
        running_broker(tmp_path, *GATEWAYS) as clients,
        clients.client("controller") as controller,
        clients.client(gateway) as own,
    ):
        await controller.subscribe("wl/1/+/up/#", qos=1)
        await own.subscribe(f"wl/1/{gateway}/down/#", qos=1)
        await own.subscribe("wl/1/controller/state", qos=1)
        await own.publish(f"wl/1/{gateway}/up/vital", b"1", qos=1)
        assert await received(controller, f"wl/1/{gateway}/up/vital")
        await controller.publish(f"wl/1/{gateway}/down/receipt", b"2", qos=0)
        assert await received(own, f"wl/1/{gateway}/down/receipt")
        await controller.publish("wl/1/controller/state", b"3", qos=1, retain=True)
        assert await received(own, "wl/1/controller/state")


async def die_with_will(clients: Clients, name: str, topic: str) -> None:
    """Connect with a last will and vanish without a goodbye (MQTT 3.1.1, section 3.1)."""

    def text(part: str) -> bytes:
        return len(part).to_bytes(2, "big") + part.encode()

    clean, will, qos1, retained = 2, 4, 8, 32
    body = text("MQTT") + bytes([4, clean | will | qos1 | retained]) + (60).to_bytes(2, "big")
    body += b"".join(map(text, (secrets.token_hex(4), topic, "forged")))
    broker = clients.broker
    reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=clients.tls[name])
    writer.write(bytes([0x10, len(body)]) + body)
    assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
    writer.transport.abort()


FORGED = ("wl/1/ward-b/up/vital", "wl/1/ward-b/down/receipt", "wl/1/controller/state")
FORGED_WILL = "wl/1/ward-b/up/state"


async def test_a_gateway_cannot_publish_as_another_nor_as_the_controller(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, *GATEWAYS) as clients,
        clients.client("controller") as controller,
    ):
        await controller.subscribe("wl/1/+/up/#", qos=1)
        for topic in FORGED:
            with suppress(aiomqtt.MqttError):
                async with clients.client("ward-a") as attacker:
                    await attacker.publish(topic, b"forged", qos=1, timeout=2)
        await die_with_will(clients, "ward-a", FORGED_WILL)
        for topic in (*FORGED, FORGED_WILL):
            violation = f'Publish Violation - Subject "{subject(topic)}"'
            await until(lambda said=violation: said in clients.log())
        async with clients.client("ward-a") as honest, clients.client("ward-b") as victim:
            await victim.subscribe("wl/1/ward-b/down/#", qos=1)
            await victim.subscribe("wl/1/controller/state", qos=1)
            await honest.publish("wl/1/ward-a/up/vital", b"own", qos=1)
            await controller.publish("wl/1/ward-b/down/receipt", b"last", qos=1)
            assert await received(controller, "wl/1/ward-a/up/vital") == ["wl/1/ward-a/up/vital"]
            assert await received(victim, "wl/1/ward-b/down/receipt") == ["wl/1/ward-b/down/receipt"]


SPIES = ("wl/1/ward-b/down/receipt", "wl/1/+/down/#", "#", "wl/1/+/up/#", "+/+/+/+/+", "$MQTT/#", "$JS/#")


async def test_a_gateway_cannot_read_the_receipts_of_another(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, *GATEWAYS) as clients,
        clients.client("controller") as controller,
        clients.client("ward-a") as spy,
    ):
        await spy.subscribe("wl/1/ward-a/down/#", qos=1)
        for topic in SPIES:
            reasons = await spy.subscribe(topic, qos=1)
            assert all(getattr(reason, "is_failure", reason == 128) for reason in reasons), topic
        await controller.publish("wl/1/ward-b/down/receipt", b"secret", qos=1)
        await controller.publish("wl/1/ward-a/down/receipt", b"own", qos=1)
        assert await received(spy, "wl/1/ward-a/down/receipt") == ["wl/1/ward-a/down/receipt"]


LIGHTS, ANSWER = "wl/1/city/srm/amb-1", "wl/1/city/ssm/amb-1"


async def test_only_the_citys_adapter_reads_requests_for_green_lights_and_answers(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, "city", "ward-a") as clients,
        clients.client("controller") as controller,
        clients.client("city") as adapter,
        clients.client("ward-a") as ward,
    ):
        await controller.subscribe("wl/1/city/ssm/+", qos=1)
        for topic in (LIGHTS, "wl/1/city/srm/+"):
            assert all(reason.is_failure for reason in await ward.subscribe(topic, qos=1)), topic
        assert not any(reason.is_failure for reason in await adapter.subscribe("wl/1/city/srm/+", qos=1))
        for topic in ("wl/1/+/up/#", "wl/1/ward-a/down/#", "#"):
            assert all(reason.is_failure for reason in await adapter.subscribe(topic, qos=1)), topic
        for name, topic in (("ward-a", LIGHTS), ("ward-a", ANSWER), ("city", LIGHTS), ("city", BLOCK)):
            with suppress(aiomqtt.MqttError):
                async with clients.client(name) as attacker:
                    await attacker.publish(topic, b"forged", qos=1, timeout=2)
            violation = f'Publish Violation - Subject "{subject(topic)}"'
            await until(lambda said=violation: said in clients.log())
        await controller.publish(LIGHTS, b"request")
        assert await received(adapter, LIGHTS) == [LIGHTS]
        await adapter.publish(ANSWER, b"granted", qos=1)
        assert await received(controller, ANSWER) == [ANSWER]


BLOCK = "wl/1/city/up/vital"
"""What a gateway of that name would send."""


async def test_another_name_beside_ones_own_certificate_is_refused(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS) as clients:
        with pytest.raises(aiomqtt.MqttError):
            async with clients.client("ward-b", username="ward-a", password="guessed"):
                await asyncio.sleep(0)
        async with clients.client("ward-b") as honest:
            await honest.publish("wl/1/ward-b/up/vital", b"own", qos=1)


async def test_nobody_can_watch_over_the_brokers_own_protocol(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS) as clients:
        broker = clients.broker
        ports = {
            c.laddr.port
            for c in psutil.Process(broker.pid).net_connections("tcp")
            if c.status == psutil.CONN_LISTEN
        }
        [native] = ports - {broker.port}
        for account in (b"{}", b'{"user":"ward-a","pass":""}'):
            reader, writer = await asyncio.open_connection("127.0.0.1", native)
            writer.write(b"CONNECT %b\r\nPING\r\n" % account)
            assert b"Authorization Violation" in await reader.read()
            writer.close()


async def test_a_new_gateway_is_let_in_without_a_restart(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, *GATEWAYS) as clients,
        clients.client("controller") as controller,
    ):
        clients.admit("ward-b")
        await controller.subscribe("wl/1/+/up/#", qos=1)
        with pytest.raises(aiomqtt.MqttError):
            await until_refused(clients, "ward-a")
        clients.admit("ward-a")
        async with asyncio.timeout(20):
            while True:
                with suppress(aiomqtt.MqttError):
                    async with clients.client("ward-a") as added:
                        await added.publish("wl/1/ward-a/up/vital", b"1", qos=1)
                        break
        assert await received(controller, "wl/1/ward-a/up/vital")
        assert clients.broker.starts == 1


async def until_refused(clients: Clients, name: str) -> None:
    """Connect until the broker refuses. Raises MqttError then."""
    async with asyncio.timeout(20):
        while True:
            async with clients.client(name):
                await asyncio.sleep(0.02)


async def test_a_killed_broker_is_started_again_at_the_same_address(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS) as clients:
        broker = clients.broker
        first, port = broker.pid, broker.port
        assert first
        os.kill(first, signal.SIGKILL)
        await until(lambda: broker.pid not in (None, first))
        await listening(port)
        assert (broker.starts, broker.port) == (2, port)


async def test_a_broker_whose_folder_is_gone_starts_again_and_lets_the_same_in(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    async with running_broker(folder, *GATEWAYS, ca=tmp_path / "ca") as clients:
        broker = clients.broker
        first = broker.pid
        assert first
        shutil.rmtree(folder)
        os.kill(first, signal.SIGKILL)
        await until(lambda: broker.pid not in (None, first))
        await listening(broker.port)
        async with clients.client("ward-a") as own, clients.client("controller"):
            await own.publish("wl/1/ward-a/up/vital", b"1", qos=1)
        assert stat.S_IMODE((folder / "nats.conf").stat().st_mode) == 0o600


async def test_a_busy_port_is_named_and_the_next_one_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        broker = Broker(tmp_path, tmp_path / "ca", "127.0.0.1", port)
        with caplog.at_level(logging.WARNING):
            broker.prepare()
    assert broker.port > port
    assert f"port {port} of 127.0.0.1 is busy" in caplog.text


async def test_a_broker_left_by_an_earlier_controller_is_ended(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS) as clients:
        left = clients.broker.pid
        assert left
        lone_broker(tmp_path)
        await until(lambda: clients.broker.pid != left)


async def test_a_process_that_only_has_the_stale_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "nats.pid").write_text(str(os.getpid()), encoding="utf-8")
    Broker(tmp_path, tmp_path / "ca", "127.0.0.1", 0).prepare()


async def test_secrets_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS):
        for name in ("nats.conf", "ca/server.pem", "ca/controller.pem", "ca/issuing.key"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


async def test_old_tls_is_refused(tmp_path: Path) -> None:
    async with running_broker(tmp_path, *GATEWAYS) as clients:
        context = clients.tls["ward-a"]
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", clients.broker.port, ssl=context)


def test_topics_are_written_as_the_broker_writes_them() -> None:
    assert subject("wl/1/a.b/up/#") == "wl.1.a//b.up.>"
    assert subject("wl/1/+/down/receipt") == "wl.1.*.down.receipt"
