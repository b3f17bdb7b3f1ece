"""The firmware on MicroPython's unix port, before the real gateway: over a PTY into the journal."""

import json
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.model.observation import DeviceEvent, Reading
from firmware.build import ROOT
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.node_process import Cable, NodeProcess, run_on_unix
from tests.support.peer import Peer
from tests.support.waiting import until

FIRST = 32 * 4096 // 256
"""The first number of a ring of so many slots."""
VECTORS = json.loads((ROOT / "firmware/vectors.json").read_text(encoding="utf-8"))


class Ward:
    """A node on a cable that damages a byte in a thousand, a gateway, and the peer that gets its journal."""

    def __init__(self, folder: Path, broker: BrokerProcess, peer: Peer) -> None:
        self.cable = Cable(folder, one_in=1000)
        self.node = NodeProcess(folder / "node", self.cable.node, period_ms=50)
        self.peer = peer
        self.gateway = GatewayProcess(self._config(folder, broker))

    def _config(self, folder: Path, broker: BrokerProcess) -> Path:
        path = folder / "ward-a.toml"
        identity = broker.identity("ward-a")
        (folder / "gateway-data").mkdir()
        (folder / "gateway-data" / "identity").symlink_to(identity)
        device = (
            f'[[device]]\nid = "node-1"\nprofile = "wardlink-node-vitals"\nport = "{self.cable.gateway}"\n'
        )
        head = f'[gateway]\nid = "ward-a"\n[controller]\naddress = "{broker.url}"\n'
        path.write_text(f'{head}{device}bed = "bed-1"\n', encoding="utf-8")
        return path

    def numbers(self) -> list[int]:
        """The number of each reading that came: the node gives its own number as its value."""
        records = [one for one in self.peer.records() if isinstance(one, Reading)]
        return [int((one.value or 0) * 10) for one in records if one.metric == "o2_cylinder_pressure"]

    def lost(self) -> set[int]:
        """The numbers that were told as lost."""
        found = set[int]()
        for one in self.peer.records():
            if isinstance(one, DeviceEvent) and one.detail.get("code") == "readings-lost":
                first, last = re.findall(r"numbers (\d+) to (\d+)", str(one.detail["text"]))[0]
                found |= set(range(int(first), int(last) + 1))
        return found

    async def more(self, count: int) -> None:
        goal = len(self.numbers()) + count
        await until(lambda: len(self.numbers()) >= goal, f"{count} more readings")


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    broker = BrokerProcess(tmp_path / "broker", "ward-a")
    broker.start()
    async with Peer(broker) as peer:
        made = Ward(tmp_path, broker, peer)
        with made.cable, made.node, made.gateway:
            yield made
    broker.stop()


def test_micropython_says_the_golden_vectors(tmp_path: Path) -> None:
    lines = run_on_unix(tmp_path, "firmware/vectors.py").splitlines()
    assert dict(line.split(" ") for line in lines) == VECTORS


async def test_a_node_killed_at_a_bad_line_and_a_gateway_begun_anew_lose_and_double_no_reading(
    ward: Ward,
) -> None:
    await ward.more(20)
    for _ in range(3):
        ward.node.kill()
        ward.node.start()
        await ward.more(15)
    ward.gateway.end(signal.SIGTERM)
    ward.gateway.start()
    await ward.more(40)
    ward.node.kill()
    numbers = ward.numbers()
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert set(range(min(numbers), max(numbers))) - set(numbers) - ward.lost() == set()
    assert len(ward.lost()) <= 3  # a write that was cut, at each kill
    assert min(numbers) == FIRST
    assert ward.cable.damaged > 0
    assert ward.node.log == ""
