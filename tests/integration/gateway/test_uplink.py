"""What a gateway tells a controller, and what it does when told."""

import os
import secrets
import socket
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from controller.identity.authority import new_authority
from controller.identity.files import open_authority
from devices.model.observation import Alert, Priority
from devices.wire.block import Lane
from devices.wire.messages import ControllerState, pack_message
from gateway.discovery import find_controller
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import Refused, Unreachable
from gateway.mqtt import connected
from hil.identities import made, now
from tests.integration.gateway.rig import GatewayProcess, Ox, write_config
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until


async def test_its_birth_names_its_devices_and_comes_again_on_request(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.births and peer.states, "birth and state")
        seen = len(peer.births)
        await peer.command("ward-a", "rebirth")
        await until(lambda: len(peer.births) > seen, "another birth")
    birth = peer.births[-1]
    assert birth.journal == peer.states[-1].journal
    assert [(d.device, d.profile, d.location) for d in birth.devices] == [("ox-1", "nonin-xpod", "bed-1")]
    assert birth.devices[0].metrics == ("pr_spo2", "spo2", "pleth")


async def test_its_state_tells_what_waits_and_how_old_it_is(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    peer.receipts = False
    with GatewayProcess(config):
        await until(lambda: peer.states and (peer.states[-1].oldest_us[Lane.VITAL] or 0) > 2_000_000, "age")
        state = peer.states[-1]
    assert state.pending[Lane.VITAL] > 5
    assert state.produced[Lane.VITAL] >= state.pending[Lane.VITAL]
    assert state.counts is not None
    assert state.counts["readings"] > 5
    clocks = [state.clock.mono_us for state in peer.states if state.clock]
    assert max(b - a for a, b in pairwise(clocks)) < 2_000_000


async def test_a_new_session_gets_again_what_was_under_way(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    """A controller that was killed and is back before its will was: nobody said that it was away."""
    broker.start()
    peer.receipts = False
    with GatewayProcess(config):
        await until(lambda: len(peer.arrived) > 5, "blocks")
        first = min(peer.arrived)
        seen = peer.arrived[first]
        assert peer._client is not None
        state = pack_message(ControllerState(True, os.urandom(8), 0))
        await peer._client.publish("wl/1/controller/state", state, qos=1, retain=True)
        await until(lambda: peer.arrived[first] > seen, "the first block again", 2.5)


async def test_nothing_it_cannot_read_stops_it(broker: BrokerProcess, peer: Peer, config: Path) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.blocks, "blocks")
        assert peer._client is not None
        for what in ("receipt", "command", "config"):
            await peer._client.publish(f"wl/1/ward-a/down/{what}", b"\xff\x00garbage", qos=1)
        await until(lambda: (peer.states[-1].counts or {}).get("messages-unreadable", 0) >= 2, "the count")
        seen = len(peer.blocks)
        await until(lambda: len(peer.blocks) > seen + 3, "more blocks")


async def test_each_lane_has_its_own_connection_and_marks_its_packets(broker: BrokerProcess) -> None:
    broker.start()
    for dscp in (46, 34, 0):
        async with connected(broker.url, broker.tls["ward-a"], client_id=f"ward-a-{dscp}", dscp=dscp):
            assert traffic_classes(broker.port) == {dscp << 2}


def traffic_classes(port: int) -> set[int]:
    """IP_TOS of this process's connections to `port`."""
    found = set[int]()
    for connection in psutil.Process().net_connections("tcp"):
        if connection.raddr and connection.raddr.port == port and connection.status == "ESTABLISHED":
            with socket.socket(fileno=os.dup(connection.fd)) as copy:
                found.add(copy.getsockopt(socket.IPPROTO_IP, socket.IP_TOS))
    return found


async def test_four_connections_stand_in_a_running_gateway(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config) as gateway:
        assert gateway.process is not None
        process = psutil.Process(gateway.process.pid)
        await until(
            lambda: (
                sum(bool(c.raddr) and c.raddr.port == broker.port for c in process.net_connections("tcp"))
                == 4
            ),
            "four connections",
        )


async def test_a_certificate_that_is_not_taken_is_told_apart_from_a_broker_that_is_away(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    authority = open_authority(tmp_path / "broker" / "ca", now())
    made(authority, "ward-a", tmp_path / "other", broker.url, now())
    with pytest.raises(Unreachable):
        async with connected(broker.url, broker.tls["ward-a"], client_id="a"):
            raise AssertionError
    broker.start()
    with pytest.raises(Refused, match=r"does not take this gateway's certificate.*enrol --replace"):
        async with connected(broker.url, IdentityFolder(tmp_path / "other").context(), client_id="a"):
            raise AssertionError


async def test_another_broker_at_the_same_address_is_not_believed(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    broker.start()
    made(new_authority(now())[0], "ward-a", tmp_path / "other", broker.url, now())
    with pytest.raises(Refused, match="is not the controller of this box"):
        async with connected(broker.url, IdentityFolder(tmp_path / "other").context(), client_id="a"):
            raise AssertionError


async def test_a_refused_subscription_is_no_connection(broker: BrokerProcess) -> None:
    """A gateway that hears nothing would wait for a controller for ever, and say nothing of it."""
    broker.start()
    async with connected(broker.url, broker.tls["ward-a"], client_id="a") as connection:
        await connection.subscribe("wl/1/ward-a/down/#")
        with pytest.raises(Unreachable, match="refuses"):
            await connection.subscribe("wl/1/ward-b/down/#")


async def test_the_broker_has_room_for_what_a_thousand_gateways_listen_to(broker: BrokerProcess) -> None:
    """NATS has 1,000 subscriptions of QoS 1 for all its clients together: gateways beyond heard nothing."""
    broker.start()
    async with AsyncExitStack() as stack:
        for number in range(20):
            connecting = connected(broker.url, broker.tls["ward-a"], client_id=f"a-{number}")
            connection = await stack.enter_async_context(connecting)
            for topic in range(55):
                await connection.subscribe(f"wl/1/ward-a/down/{topic}")


async def test_a_failing_device_is_an_alert_and_the_other_goes_on(
    broker: BrokerProcess, peer: Peer, tmp_path: Path, ox: Ox
) -> None:
    broker.start()
    config = write_config(tmp_path, broker.url, ox.port, identity=broker.identity("ward-a"))
    with config.open("a", encoding="utf-8") as file:
        file.write('[[device]]\nid = "ox-2"\nprofile = "nonin-xpod"\nport = "/dev/does-not-exist"\n')
    with GatewayProcess(config):
        await until(lambda: alerts(peer, "device-lost", active=True), "the alert")
        seen = len(peer.blocks)
        await until(lambda: len(peer.blocks) > seen + 10, "the other device's blocks")
    (lost, *_) = alerts(peer, "device-lost", active=True)
    assert lost.priority == Priority.MEDIUM


def alerts(peer: Peer, code: str, *, active: bool) -> list[Alert]:
    return [r for r in peer.records() if isinstance(r, Alert) and r.code == code and r.active == active]


async def test_a_full_quota_sheds_waves_tells_it_and_raises_an_alarm(
    broker: BrokerProcess, peer: Peer, tmp_path: Path, ox: Ox
) -> None:
    config = write_config(
        tmp_path,
        broker.url,
        ox.port,
        identity=broker.identity("ward-a"),
        extra="[journal]\nquota_mb = 0.02",
    )
    with GatewayProcess(config):
        await until(lambda: first_wave(tmp_path) > 0, "the first waves are gone, though nobody had them", 60)
        broker.start()
        await until(lambda: alerts(peer, "journal-shedding", active=True), "the alarm")
        await until(lambda: not peer.missing(), "every number is there or was said to be shed")


def first_wave(folder: Path) -> int:
    """The first number of the oldest file of waves that is not empty."""
    files = [path for path in folder.rglob("wave-*") if size(path)]
    return min((int(path.name.split("-")[1].partition(".")[0]) for path in files), default=0)


def size(path: Path) -> int:
    """Bytes; 0 where the gateway has given it another name meanwhile."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def test_it_is_small(broker: BrokerProcess, peer: Peer, config: Path) -> None:
    broker.start()
    with GatewayProcess(config) as gateway:
        await until(lambda: len(peer.blocks) > 20, "work")
        assert gateway.process is not None
        resident_bytes = psutil.Process(gateway.process.pid).memory_info().rss
    assert resident_bytes < 72_000_000


async def test_a_controller_is_found_by_what_it_announces() -> None:
    address = socket.inet_aton("127.0.0.1")
    service = f"_wl-{secrets.token_hex(4)}._tcp.local."  # no other controller of this machine announces it
    info = ServiceInfo(service, f"here.{service}", port=18833, addresses=[address], server="here.local.")
    async with AsyncZeroconf(interfaces=["127.0.0.1"]) as network:
        await (await network.async_register_service(info, allow_name_change=True))
        assert (
            await find_controller(20, interfaces=["127.0.0.1"], service=service) == "mqtts://127.0.0.1:18833"
        )
