"""Orders to a gateway as it runs: over the broker, with kill -9, its answers through the journal."""

import json
import signal
from pathlib import Path
from typing import Any

from controller.identity.authority import new_authority
from controller.orders.signing import Signer
from devices.model.observation import Alert, DeviceEvent, EventKind
from devices.wire.orders import Configuration
from hil.identities import now
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until


def told(peer: Peer, kind: EventKind) -> list[dict[str, Any]]:
    """What the gateway said in its records of orders, oldest first."""
    return [dict(one.detail) for one in peer.records() if isinstance(one, DeviceEvent) and one.kind == kind]


def remembered(config: Path, number: str) -> bool:
    """Whether the gateway has written down that it told the result of this command."""
    done = json.loads((config.parent / "gateway-data" / "orders" / "done.json").read_text(encoding="utf-8"))
    return bool(done[number][2])


def counted(peer: Peer, name: str) -> int:
    """A number of the gateway's last state."""
    return (peer.states[-1].counts or {}).get(name, 0) if peer.states else 0


def configured(peer: Peer, revision: int, gateway: str = "ward-a", **settings: str | int) -> bytes:
    """A configuration as this gateway's controller signs it."""
    spelled = {name.replace("_", "-"): value for name, value in settings.items()}
    return peer.broker.signer.configuration(Configuration(gateway, revision, "anna", 0, spelled))


async def test_a_command_is_answered_in_the_journal_and_known_again_after_kill_9(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config) as gateway:
        await until(lambda: peer.states, "a state")
        made = await peer.command("ward-a", "identify")
        await until(lambda: told(peer, EventKind.COMMAND), "the result")
        # Killed in the moment between telling and remembering that, it would tell once more.
        await until(lambda: remembered(config, made.id.hex()), "and that it was told is remembered")
        gateway.end(signal.SIGKILL)
        born = len(peer.births)
        gateway.start()
        await until(lambda: len(peer.births) > born, "it is back")
        await peer.publish("ward-a", "command", peer.broker.signer.command(made))
        await until(lambda: counted(peer, "commands-repeated"), "it knows the command")
    log = (config.parent / "gateway.log").read_text(encoding="utf-8")
    assert log.count("anna asks which box is ward-a") == 1
    assert told(peer, EventKind.COMMAND) == [
        {"id": made.id.hex(), "name": "identify", "outcome": "done"},
    ]


async def test_a_box_that_was_away_converges_with_one_message_and_keeps_it_over_kill_9(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    await until(lambda: peer._client, "the peer is connected")
    for revision in (1, 2, 3):
        data = configured(peer, revision, journal_quota_mb=100 + revision, dscp_wave=10)
        await peer.publish("ward-a", "config", data, retain=True)
    with GatewayProcess(config) as gateway:
        await until(lambda: counted(peer, "configuration-revision") == 3, "the newest is in force")
        await until(lambda: told(peer, EventKind.CONFIGURATION), "it is told")
        assert told(peer, EventKind.CONFIGURATION) == [{"revision": 3, "outcome": "applied"}]
        gateway.end(signal.SIGKILL)
        await peer.publish("ward-a", "config", b"", retain=True)  # from here on nothing is retained
        seen = len(peer.states)
        gateway.start()
        await until(lambda: len(peer.states) > seen + 1, "it is back")
        assert counted(peer, "configuration-revision") == 3


async def test_lanes_are_marked_anew_while_it_runs_and_readings_go_on(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.blocks and counted(peer, "connections") == 4, "four connections")
        await peer.publish("ward-a", "config", configured(peer, 1, dscp_vital=18), retain=True)
        await until(lambda: counted(peer, "connections") >= 8, "every connection began again")
        seen = len(peer.blocks)
        await until(lambda: len(peer.blocks) > seen + 3, "more blocks")
    assert peer.missing() == {}


async def test_what_is_not_its_controllers_changes_nothing_is_counted_and_is_one_alert(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.states, "a state")
        good = configured(peer, 5, log_level="info")
        await peer.publish("ward-a", "config", good, retain=True)
        await until(lambda: counted(peer, "configuration-revision") == 5, "a good one is applied")
        stranger = Signer(new_authority(now())[0])
        for data in (
            configured(peer, 4),
            configured(peer, 9, "ward-b"),
            stranger.configuration(Configuration("ward-a", 9, "anna", 0, {})),
            good[:-1] + bytes([good[-1] ^ 1]),
        ):
            await peer.publish("ward-a", "config", data)
        await until(lambda: counted(peer, "orders-refused") == 4, "all are refused")
        assert counted(peer, "configuration-revision") == 5
    alerts = [one for one in peer.records() if isinstance(one, Alert) and one.code == "order-refused"]
    assert [one.active for one in alerts] == [True]
    kept = (config.parent / "gateway-data" / "orders").iterdir()
    assert [path.name for path in kept] == ["configuration.cose"]
