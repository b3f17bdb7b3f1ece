"""A real broker, a real gateway process, and everything that breaks in between."""

import asyncio
import random
import signal
from collections.abc import Callable
from pathlib import Path

from devices.model.observation import Reading
from devices.wire.block import Lane
from devices.wire.records import Opened
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until


def vital_blocks(peer: Peer) -> int:
    return sum(lane == Lane.VITAL for _, lane, _ in peer.blocks)


def more_vital_blocks(peer: Peer, number: int) -> Callable[[], bool]:
    goal = vital_blocks(peer) + number
    return lambda: vital_blocks(peer) >= goal


def is_quiet(peer: Peer) -> bool:
    return bool(peer.states) and sum(peer.states[-1].pending) <= 3 and not peer.missing()


async def test_readings_of_a_device_arrive_with_device_bed_and_value(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(
            lambda: any(isinstance(r, Reading) and r.metric == "spo2" for r in peer.records()), "SpO2"
        )
    groups = [g for _, groups in peer.blocks.values() for g in groups if g.device]
    assert {(g.device, g.location) for g in groups} == {("ox-1", "bed-1")}
    assert {r.value for r in peer.records() if isinstance(r, Reading) and r.metric == "spo2"} == {97}


async def test_it_starts_without_a_broker_and_catches_up(
    broker: BrokerProcess, peer: Peer, config: Path, tmp_path: Path
) -> None:
    with GatewayProcess(config):
        journal = tmp_path / "gateway-data" / "journal"
        await until(lambda: sum(p.stat().st_size for p in journal.rglob("vital-*")) > 5000, "a backlog")
        assert not peer.blocks
        broker.start()
        await until(more_vital_blocks(peer, 20), "the backlog arrives")
        await until(lambda: is_quiet(peer), "the gateway has caught up")
    assert {number for _, lane, number in peer.blocks if lane == Lane.VITAL} >= set(range(20))


async def test_killed_gateways_and_brokers_lose_no_accepted_block_and_double_none(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    rng = random.Random(5)
    broker.start()
    gateway = GatewayProcess(config)
    with gateway:
        for round_ in range(6):
            await until(more_vital_blocks(peer, rng.randrange(2, 12)), f"blocks of round {round_}", 60)
            if round_ % 2:
                broker.kill()
                broker.start()
            else:
                assert gateway.end(signal.SIGKILL) == -signal.SIGKILL
                gateway.start()
        await until(lambda: is_quiet(peer), "everything has arrived", 60)
    opened = [r for r in peer.records() if isinstance(r, Opened)]
    assert len(opened) == 4
    assert peer.missing() == {}


async def test_a_controller_that_comes_back_gets_what_it_missed(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    peer.receipts = False
    with GatewayProcess(config):
        await until(more_vital_blocks(peer, 5), "blocks without a receipt")
        await peer.leave()
        before = dict(peer.arrived)
        peer.receipts = True
        async with Peer(broker, ledger=peer.ledger, blocks=peer.blocks, arrived=peer.arrived) as again:
            await until(lambda: is_quiet(again), "the returned controller has all")
            # One that comes again is enough: its receipt is as wide as the ledger, so it covers the others.
            assert any(again.arrived[key] > count for key, count in before.items())
        assert again.missing() == {}


async def test_a_stopped_gateway_hands_over_its_last_block_and_says_goodbye(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    gateway = GatewayProcess(config)
    with gateway:
        await until(more_vital_blocks(peer, 3), "blocks")
        assert await asyncio.to_thread(gateway.end, signal.SIGTERM) == 0
        await until(lambda: peer.states and not peer.states[-1].online, "goodbye")
    goodbye = peer.states[-1]
    assert sum(goodbye.pending) == 0
    held = {
        lane: len(peer.ledger[goodbye.journal, lane].committed)
        for lane in (Lane.ALERT, Lane.VITAL, Lane.WAVE)
    }
    assert [held[lane] for lane in held] == list(goodbye.produced[:3])


async def test_a_killed_gateway_is_announced_by_its_will(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    gateway = GatewayProcess(config)
    with gateway:
        await until(more_vital_blocks(peer, 3), "blocks")
        journal = peer.states[-1].journal
        gateway.end(signal.SIGKILL)
        await until(lambda: not peer.states[-1].online, "the will")
        assert peer.states[-1].journal == journal
        assert peer.states[-1].clock is None
