"""A node by MQTT: MicroPython on the unix port, over TLS, a real mosquitto, into the gateway's journal."""

import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.model.observation import DeviceEvent, EventKind, Reading
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.node_broker import NODE, Authority, NodeBroker
from tests.support.node_process import NodeProcess
from tests.support.peer import Peer
from tests.support.waiting import until

FIRST = 32 * 4096 // 256
"""The first number of a ring of so many slots."""
_CONFIG = """[gateway]
id = "ward-a"
[controller]
address = "{controller}"
[[device]]
id = "node-1"
profile = "wardlink-node-vitals"
bed = "bed-1"
broker = "{broker}"
node = "node-1"
credentials = "{credentials}"
"""


class Ward:
    """A node, the hospital's broker, a gateway, and the peer that gets its journal."""

    def __init__(self, folder: Path, controller: BrokerProcess, peer: Peer) -> None:
        self.folder, self.peer = folder, peer
        self.broker = NodeBroker(folder / "mosquitto")
        self.node = NodeProcess(folder / "node", self.broker.of_node(folder), period_ms=50)
        config = folder / "ward-a.toml"
        (folder / "gateway-data").mkdir()
        (folder / "gateway-data" / "identity").symlink_to(controller.identity("ward-a"))
        credentials = self.broker.of_gateway(folder).name
        told = {"controller": controller.url, "broker": self.broker.url, "credentials": credentials}
        config.write_text(_CONFIG.format(**told), encoding="utf-8")
        self.gateway = GatewayProcess(config)

    def numbers(self) -> list[int]:
        """The number of each reading that came: the node gives its own number as its value."""
        records = [one for one in self.peer.records() if isinstance(one, Reading)]
        return [int((one.value or 0) * 10) for one in records if one.metric == "o2_cylinder_pressure"]

    def told(self, kind: EventKind) -> list[str]:
        """Why, of each event of the kind."""
        events = [one for one in self.peer.records() if isinstance(one, DeviceEvent) and one.kind == kind]
        return [str(one.detail.get("why", "")) for one in events]

    def lost(self) -> int:
        events = [one for one in self.peer.records() if isinstance(one, DeviceEvent)]
        return sum(int(one.detail["value"]) for one in events if one.detail.get("code") == "readings-lost")

    async def is_told(self, why: str, times: int = 1) -> None:
        await until(lambda: self.told(EventKind.DISCONNECTED).count(why) >= times, f"{why} is told")

    async def more(self, count: int) -> None:
        goal = len(self.numbers()) + count
        await until(lambda: len(self.numbers()) >= goal, f"{count} more readings")


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    controller = BrokerProcess(tmp_path / "broker", "ward-a")
    controller.start()
    async with Peer(controller) as peer:
        made = Ward(tmp_path, controller, peer)
        with made.broker, made.node, made.gateway:
            yield made
    controller.stop()


async def test_broker_node_and_gateway_killed_and_back_lose_and_double_no_reading(ward: Ward) -> None:
    await ward.more(20)
    ward.broker.kill()
    await ward.is_told("unreachable")
    ward.broker.start()
    await ward.more(40)
    ward.node.kill()
    await ward.is_told("node-gone")
    ward.node.start()
    await ward.more(20)
    ward.gateway.end(signal.SIGTERM)
    ward.gateway.start()
    await ward.more(40)
    ward.node.kill()
    numbers = ward.numbers()
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert min(numbers) == FIRST
    assert max(numbers) - FIRST + 1 - len(numbers) <= ward.lost() <= 1  # a write that was cut
    assert ward.node.log == ""


async def test_a_broker_of_another_authority_hears_nothing_of_a_node_and_one_of_the_right_one_everything(
    tmp_path: Path,
) -> None:
    stranger = Authority(tmp_path, "stranger")
    with NodeBroker(tmp_path / "mosquitto") as broker:
        settings = broker.of_node(tmp_path, ca=stranger.der)
        with NodeProcess(tmp_path / "node", settings, period_ms=50) as node:
            alerts = "unknown ca", "bad certificate"
            await until(lambda: any(one in broker.log() for one in alerts), "a refusal")
            assert f"as {NODE}" not in broker.log()
            node.kill()
            broker.of_node(tmp_path)
            node.start()
            await until(lambda: f"Received PUBLISH from {NODE}" in broker.log(), "the node speaks")


async def test_a_node_with_a_wrong_password_is_refused_and_tries_again(tmp_path: Path) -> None:
    with NodeBroker(tmp_path / "mosquitto") as broker:
        settings = broker.of_node(tmp_path, password="wrong")
        with NodeProcess(tmp_path / "node", settings, period_ms=50) as node:
            await until(lambda: broker.log().count("not authorised") >= 2, "two refusals")
            assert "Received PUBLISH" not in broker.log()
            assert node.log == ""


async def test_a_node_shows_its_certificate_and_a_stranger_s_is_refused(tmp_path: Path) -> None:
    with NodeBroker(tmp_path / "mosquitto") as broker:
        settings = broker.of_certified_node(tmp_path, Authority(tmp_path, "stranger"))
        with NodeProcess(tmp_path / "node", settings, period_ms=50) as node:
            await until(lambda: "certificate verify failed" in broker.log(), "a refusal")
            assert f"as {NODE}" not in broker.log()
            node.kill()
            broker.of_certified_node(tmp_path, broker.authority)
            node.start()
            await until(lambda: f"Received PUBLISH from {NODE}" in broker.log(), "the node speaks")


async def test_a_gateway_with_wrong_credentials_says_so_and_with_the_right_ones_goes_on(ward: Ward) -> None:
    await ward.more(5)
    stranger = Authority(ward.folder, "stranger").pem
    cases = ({"ca": stranger}, "refused"), ({"password": "wrong"}, "refused"), ({}, "bad-credentials")
    for wrong, why in cases:
        path = ward.broker.of_gateway(ward.folder, **wrong)
        path.chmod(0o600 if wrong else 0o644)
        told = ward.told(EventKind.DISCONNECTED).count(why)
        ward.broker.kill()
        ward.broker.start()
        await ward.is_told(why, told + 1)
        path.chmod(0o600)
        ward.broker.of_gateway(ward.folder)
        await ward.more(5)
    numbers = ward.numbers()
    assert len(set(numbers)) == len(numbers)
