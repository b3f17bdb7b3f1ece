"""The growth bench's crowd speaks as gateways do: the peer holds every message against the contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

import pytest

from controller.identity.files import open_authority
from devices.model.observation import Reading
from devices.wire.block import Lane
from gateway.enrolment.identity import IdentityFolder
from hil.bench import crowd
from hil.bench.crowd import CrowdGateway
from hil.bench.crowd_line import Line, Login
from hil.bench.crowd_order import Order, Told
from hil.bench.listen import Heard
from hil.bench.site import used
from hil.identities import made, now
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    made = BrokerProcess(tmp_path / "broker", "ward-a", "ward-b").start()
    yield made
    made.stop()


@pytest.fixture
async def peer(broker: BrokerProcess) -> AsyncIterator[Peer]:
    async with Peer(broker) as made:
        yield made


def order(broker: BrokerProcess) -> Order:
    """Three devices at two gateways, each measuring five times a second."""
    devices = {"ward-a": [("d-1", "bed-1"), ("d-2", None)], "ward-b": [("d-3", "bed-1")]}
    identities = {name: str(broker.identity(name)) for name in devices}
    return Order(broker.port, identities, devices, 0.2)  # type: ignore[arg-type]


@asynccontextmanager
async def running(broker: BrokerProcess, told: Told) -> AsyncIterator[CrowdGateway]:
    """Gateway ward-a."""
    gateway = CrowdGateway("ward-a", order(broker), told, Random(1))
    task = asyncio.create_task(gateway.run(broker.port, asyncio.Semaphore(4)))
    try:
        yield gateway
    finally:
        gateway.silence()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_introduces_itself_tells_its_state_and_forgets_what_is_receipted(
    broker: BrokerProcess, peer: Peer
) -> None:
    told = Told()
    async with running(broker, told) as gateway:
        await until(lambda: len(told.receipted) > 8 and peer.states, "receipts and a state")
        gateway.silence()
        await until(lambda: not gateway.pending, "everything is receipted")
    born = {(device.device, device.location, device.metrics) for device in peer.births[-1].devices}
    assert born == {("d-1", "bed-1", ("hr",)), ("d-2", None, ("hr",))}
    assert peer.births[-1].journal == peer.states[-1].journal == gateway.journal
    readings = [record for record in peer.records() if isinstance(record, Reading)]
    assert len(readings) == told.measured == len(told.receipted) == len(told.late_ms)
    assert not peer.missing()


async def test_without_receipts_it_sends_again_what_is_old(
    broker: BrokerProcess, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "AGAIN_NS", 300_000_000)
    peer.receipts, told = False, Told()
    async with running(broker, told):
        await until(lambda: max(peer.arrived.values(), default=0) > 1, "a block that came twice")
    assert told.resent


async def test_what_was_measured_without_a_connection_goes_as_soon_as_there_is_one(
    broker: BrokerProcess, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "AGAIN_NS", 3_600_000_000_000)  # what is sent into nothing stays unsent
    monkeypatch.setattr(crowd, "_WAIT_S", (0.5, 0.5))
    async with running(broker, Told()) as gateway:
        await until(lambda: peer.blocks, "blocks")
        gateway._lines[Lane.VITAL].close()
        produced = gateway.produced
        await until(lambda: gateway.produced > produced + 3, "blocks that were made meanwhile")
        gateway.silence()
        await until(lambda: not gateway.pending, "everything is receipted")
    assert not peer.missing()


async def test_it_waits_for_a_controller_and_introduces_itself_to_each(
    broker: BrokerProcess, peer: Peer
) -> None:
    async with running(broker, Told()) as gateway:
        await until(lambda: peer.blocks, "blocks")
        await peer.leave()
        await until(lambda: len(gateway.pending) > 3, "blocks that wait")
        async with Peer(broker) as other:
            await until(lambda: other.births and other.blocks, "a birth and blocks for the next")
            seen = len(other.births)
            await other.command("ward-a", "rebirth")
            await until(lambda: len(other.births) > seen, "another birth, on request")


async def test_a_lost_connection_comes_back(
    broker: BrokerProcess, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "_WAIT_S", (0.1, 0.2))
    told = Told()
    async with running(broker, told):
        await until(lambda: peer.blocks, "blocks")
        broker.kill()
        broker.start()
        seen = len(peer.blocks)
        await until(lambda: len(peer.blocks) > seen + 3, "more blocks")
    assert told.connections > len(Lane)


async def test_a_certificate_that_is_not_taken_is_refused(broker: BrokerProcess, tmp_path: Path) -> None:
    made(open_authority(tmp_path / "broker" / "ca", now()), "ward-a", tmp_path / "x", broker.url, now())
    with pytest.raises(ConnectionError):
        await Line.open(broker.port, Login(IdentityFolder(tmp_path / "x").context(), "x"), lambda *_: None)


async def test_the_process_says_when_it_is_ready_and_leaves_what_it_saw(
    broker: BrokerProcess, peer: Peer, tmp_path: Path
) -> None:
    task = asyncio.create_task(crowd.serve(tmp_path / "order.json", order(broker)))
    await until((tmp_path / "ready").exists, "all gateways have receipts")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    told = Told(**json.loads((tmp_path / "told.json").read_text(encoding="utf-8")))
    assert told.unreceipted == 0
    assert told.measured == len(told.receipted)
    await until(lambda: peer.states and not peer.states[-1].online, "its goodbye")


async def test_a_span_has_what_processes_used_and_what_came_meanwhile(broker: BrokerProcess) -> None:
    assert broker.process is not None
    heard = Heard()
    watching = asyncio.create_task(heard.watch({"broker": broker.process.pid}, 0.2))
    await asyncio.sleep(0.05)
    heard.take("time", b"{}")
    span = await watching
    assert span.events_per_s == pytest.approx(1e9 / (span.ended_ns - span.began_ns))
    assert span.used["broker"].megabytes > 5
    assert used(broker.process.pid).cpu_s > 0
