"""A device that nobody wrote into the gateway's file: found, served, bonded and wiped by signed orders."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from devices.model.found import Report, read_report
from devices.model.observation import DeviceEvent, EventKind, Reading
from devices.wire.orders import Configuration
from gateway.app import run
from gateway.config import load
from gateway.links.ble_radio import BleRadio
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.bonds import RadioBonds
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.patient import Patient
from hil.sims.simulated import simulators
from hil.ward import Folder, WardDevice
from tests.integration.gateway.rig import GatewayProcess, Ox
from tests.integration.gateway.test_orders import configured, told
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until

ADDRESS, METER = "C0:00:00:3E:00:01", "bluetooth-glucose-meter"


def events(peer: Peer, device: str | None, *kinds: EventKind) -> list[DeviceEvent]:
    """What was said of `device`, oldest first."""
    groups = [group for _, groups in peer.blocks.values() for group in groups if group.device == device]
    found = [one for group in groups for one in group.records if isinstance(one, DeviceEvent)]
    return [one for one in found if one.kind in kinds]


def readings(peer: Peer, device: str) -> list[Reading]:
    groups = [group for _, groups in peer.blocks.values() for group in groups if group.device == device]
    return [one for group in groups for one in group.records if isinstance(one, Reading)]


def born(peer: Peer) -> list[str]:
    """The devices of the last birth."""
    return [one.device for one in peer.births[-1].devices]


def presence(peer: Peer, device: str) -> str:
    """`connected`, or why not."""
    last = events(peer, device, EventKind.CONNECTED, EventKind.DISCONNECTED)[-1:]
    return str(last[0].detail.get("why", "connected")) if last else ""


def reports(peer: Peer) -> list[Report]:
    read = [read_report(one.detail) for one in events(peer, None, EventKind.FOUND)]
    return [one for one in read if one is not None and one.seconds]


def adding(peer: Peer, revision: int, **devices: str) -> bytes:
    """A configuration that adds these."""
    settings: dict[str, Any] = {f"device.{name.replace('_', '-')}": text for name, text in devices.items()}
    return peer.broker.signer.configuration(Configuration("ward-a", revision, "anna", 0, settings))


async def test_a_device_that_a_configuration_adds_is_served_at_once_and_after_kill_9(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with Ox() as other, GatewayProcess(config) as gateway:
        await until(lambda: peer.births, "a birth")
        assert born(peer) == ["ox-1"]
        data = adding(peer, 1, ox_2=f"nonin-xpod {other.port} bed-2")
        await peer.publish("ward-a", "config", data, retain=True)
        await until(lambda: readings(peer, "ox-2"), "its readings come")
        await until(lambda: born(peer) == ["ox-1", "ox-2"], "it is introduced")
        assert peer.births[-1].devices[1].location == "bed-2"
        gateway.end(signal.SIGKILL)
        seen = len(readings(peer, "ox-2"))
        gateway.start()
        await until(lambda: len(readings(peer, "ox-2")) > seen + 3, "it is served after the start")
        await peer.publish("ward-a", "config", adding(peer, 2), retain=True)
        await until(lambda: presence(peer, "ox-2") == "not-served", "it is served no more")
        seen = len(readings(peer, "ox-1"))
        await until(lambda: len(readings(peer, "ox-1")) > seen + 3, "the file's own goes on")
        await until(lambda: born(peer) == ["ox-1"], "it is introduced without it")
    assert peer.missing() == {}


async def test_one_that_cannot_be_served_is_refused_with_the_whole_and_the_files_own_win(
    broker: BrokerProcess, peer: Peer, config: Path, ox: Ox
) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(lambda: readings(peer, "ox-1"), "readings")
        bad = adding(peer, 1, ox_2="no-such-profile /dev/null", ox_3="nonin-xpod /dev/zero")
        door = adding(peer, 2, lab_1="hl7-oru-laboratory 0.0.0.0:2575")
        clash = adding(peer, 3, ox_1="polar-h10 C0:00:00:00:00:09", ox_4=f"nonin-xpod {ox.port}")
        for data in (bad, door, clash):
            await peer.publish("ward-a", "config", data)
        await until(lambda: len(told(peer, EventKind.CONFIGURATION)) == 3, "all are answered")
        seen = len(readings(peer, "ox-1"))
        await until(lambda: len(readings(peer, "ox-1")) > seen + 3, "its own device goes on")
    outcomes = [(one["outcome"], str(one.get("why", ""))[:60]) for one in told(peer, EventKind.CONFIGURATION)]
    assert [outcome for outcome, _ in outcomes] == ["refused", "refused", "applied"]
    assert "no such device profile" in outcomes[0][1]
    assert "it would open a door" in outcomes[1][1]
    assert readings(peer, "ox-4") == []
    assert {one.device for birth in peer.births for one in birth.devices} == {"ox-1"}


@asynccontextmanager
async def on_air(config: Path) -> AsyncIterator[BleDevice]:
    """The gateway in this process, on a radio with a glucose meter in reach."""
    device = WardDevice("meter-1", METER, "bed-1", 1, ADDRESS)
    meter = BleDevice(device, simulators()[METER](Patient(1)), Folder(config.parent / "sim"))
    (config.parent / "sim").mkdir()
    loaded = load(config)
    async with World() as world:
        await world.add(meter.peripheral)
        bonds = loaded.gateway.data / "bonds.json"
        async with Adapter(await world.listen("tcp-server:127.0.0.1:0"), bonds=bonds) as adapter:
            radio = BleRadio(*backends(adapter), bonds=RadioBonds(adapter))
            tasks = [asyncio.create_task(meter.run()), asyncio.create_task(run(loaded, radio=radio))]
            try:
                yield meter
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def holding(folder: Path, *words: str) -> dict[str, list[str]]:
    """Which files below `folder` hold which of the words, as text or as bytes in hexadecimal."""
    kept = {path: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
    found = {
        str(path.relative_to(folder)): [word for word in words if word.lower().encode() in data]
        for path, data in kept.items()
    }
    return {name: words for name, words in found.items() if words}


async def test_found_recorded_bonded_and_wiped_to_the_last_byte(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    data = config.parent / "gateway-data"
    async with on_air(config):
        await until(lambda: peer.states, "a state")
        await peer.command("ward-a", "discover", seconds=1)
        await until(lambda: reports(peer), "it tells what is in reach")
        [near] = reports(peer)[-1].candidates
        assert (near.where, near.rssi is not None, METER in near.fits) == (ADDRESS, True, True)
        await peer.publish("ward-a", "config", adding(peer, 1, meter_1=f"{METER} {ADDRESS}"), retain=True)
        await until(lambda: presence(peer, "meter-1") == "connected", "it is served")
        [connected] = events(peer, "meter-1", EventKind.CONNECTED)
        assert connected.detail == {"pairing": "bonded"}
        await until((data / "devices" / "meter-1.json").exists, "what was fetched is remembered")
        key = (data / "bonds.json").read_text().split('"value": "')[1].split('"')[0]
        assert {"bonds.json", "orders/configuration.cose"} <= holding(data, ADDRESS, key).keys()

        await peer.publish("ward-a", "config", adding(peer, 2), retain=True)
        await peer.command("ward-a", "forget", device="meter-1", address=ADDRESS)
        results = lambda: [one["outcome"] for one in told(peer, EventKind.COMMAND) if one["name"] == "forget"]  # noqa: E731
        await until(results, "it is answered")
        assert results() == ["done"]
        assert presence(peer, "meter-1") == "not-served"
        await until(lambda: not holding(data, ADDRESS, key, "meter-1"), "nothing is left of it")
    assert peer.missing() == {}


async def test_what_has_no_receipt_yet_stays_until_it_has_one(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    data = config.parent / "gateway-data"
    async with on_air(config):
        await until(lambda: peer.states, "a state")
        await peer.publish("ward-a", "config", adding(peer, 1, meter_1=f"{METER} {ADDRESS}"), retain=True)
        await until(lambda: readings(peer, "meter-1"), "its readings come")
        peer.receipts = False
        await peer.publish("ward-a", "config", configured(peer, 2), retain=True)
        await peer.command("ward-a", "forget", device="meter-1", address=ADDRESS)
        await until(lambda: told(peer, EventKind.COMMAND), "it is answered")
        assert not (data / "devices" / "meter-1.json").exists()
        assert all(name.startswith("journal/") for name in holding(data, ADDRESS, "meter-1"))
        peer.receipts = True
        await peer.leave()
        async with Peer(broker, ledger=peer.ledger, blocks=peer.blocks):
            await until(lambda: holding(data, ADDRESS, "meter-1") == {}, "it goes with its receipt")
