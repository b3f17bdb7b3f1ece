"""The supervisor: a part that fails is told, started again, and disturbs no other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.identity.authority import new_authority
from devices.model.observation import DeviceEvent, EventKind
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import DeviceConfig, load
from gateway.enrolment.identity import IdentityFolder
from gateway.journal.journal import Journal
from gateway.links import Deliver, Link
from gateway.orders.kept import ConfigurationFile
from hil.identities import made as certified
from hil.identities import now
from tests.support.waiting import until

CONFIG = """
[gateway]
id = "ward-a"
[controller]
address = "mqtts://127.0.0.1:9"
[[device]]
id = "good"
profile = "nonin-xpod"
port = "/dev/null"
[[device]]
id = "bad"
profile = "nonin-xpod"
port = "/dev/null"
"""


class Good:
    """A link whose device says something every 10 ms."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def run(self) -> None:
        while True:
            self._deliver([DeviceEvent(EventKind.CONNECTED, SystemClock().now())])
            await asyncio.sleep(0.01)


class Bad:
    """A link that breaks as no link should."""

    async def run(self) -> None:
        raise ZeroDivisionError("a codec that divides by nothing")


class TwoLinks(Gateway):
    """A gateway of one good and one bad device."""

    def _link(self, device: DeviceConfig, deliver: Deliver) -> Link:
        return Good(deliver) if device.id == "good" else Bad()


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    path = tmp_path / "ward-a.toml"
    path.write_text(CONFIG, encoding="utf-8")
    clock = SystemClock()
    journal = Journal.open(tmp_path / "journal", b"a" * 8, 10**8, clock.block_clock())
    identity = tmp_path / "identity"
    certified(new_authority(now())[0], "ward-a", identity, "mqtts://127.0.0.1:9", now())
    remote = ConfigurationFile("ward-a", tmp_path / "configuration.cose")
    made = TwoLinks(load(path), clock, IdentityFolder(identity), journal, remote)
    serving = asyncio.create_task(made.serve())
    yield made
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    await made.keeper.close()


async def test_a_failing_link_is_counted_told_and_started_again(gateway: Gateway) -> None:
    await until(lambda: gateway.parts.failures["bad"] >= 2, "it failed, was started and failed again")
    assert gateway.counts()["failures"] >= 2
    assert gateway.alarms.active() == 1
    assert set(gateway.parts.failures) == {"bad"}


async def test_the_other_device_goes_on(gateway: Gateway) -> None:
    await until(lambda: gateway.parts.failures["bad"], "the failure")
    seen = gateway.counts()["events"]
    await until(lambda: gateway.counts()["events"] > seen + 5, "the good device speaks on")


async def test_without_a_controller_everything_is_kept(gateway: Gateway) -> None:
    await until(lambda: gateway.journal.produced[1] > 2, "blocks of vital signs")
    assert gateway.uplink.lanes[0].sender.pending() >= 1  # type: ignore[index]
