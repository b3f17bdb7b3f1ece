"""Who would move the limits of another gateway, or bring those of an earlier patient back, is refused."""

from pathlib import Path
from typing import Any

from controller.orders.signing import Signer
from devices.model.lying import Lying
from devices.model.observation import Alert, DeviceEvent, EventKind
from devices.wire.orders import Configuration
from tests.integration.gateway.rig import GatewayProcess
from tests.integration.gateway.test_orders import counted
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until

ANN, BEN = "a" * 16, "b" * 16


def lies(signer: Signer, revision: int, *beds: Lying, gateway: str = "ward-a") -> bytes:
    """As the controller says it, signed."""
    settings = {one.name: one.text for one in beds}
    return signer.configuration(Configuration(gateway, revision, "controller:beds", 0, settings))


def told(peer: Peer, kind: EventKind) -> list[dict[str, Any]]:
    """What the gateway said of its beds, oldest first."""
    return [dict(one.detail) for one in peer.records() if isinstance(one, DeviceEvent) and one.kind == kind]


def refusals(peer: Peer) -> list[str]:
    """Why orders were refused, as the people of the hospital are told it."""
    alerts = [one for one in peer.records() if isinstance(one, Alert) and one.code == "order-refused"]
    return [str(one.detail["why"]) for one in alerts if one.active]


async def test_a_setting_of_another_gateway_or_of_an_older_version_changes_no_limit(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    ann = Lying("bed-1", ANN, "", {"spo2-low": ("80", "kim")})
    ben, signer = Lying("bed-1", BEN), peer.broker.signer
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.states, "a state")
        await peer.publish("ward-a", "config", lies(signer, 5, ann), retain=True)
        await until(lambda: told(peer, EventKind.LIMIT), "hers holds: the same setting, by the right one")
        await peer.publish("ward-a", "config", lies(signer, 6, ben), retain=True)
        await until(lambda: len(told(peer, EventKind.LYING)) == 2, "he lies there now")
        attacks = [lies(signer, 5, ann), lies(signer, 7, ann, gateway="ward-b")]
        for count, attack in enumerate(attacks, 1):
            await peer.publish("ward-a", "config", attack)
            await until(lambda count=count: counted(peer, "orders-refused") == count, "it is refused")
        await peer.publish("ward-a", "config", lies(signer, 8), retain=True)
        await until(lambda: len(told(peer, EventKind.LYING)) == 3, "the next one is taken")
    assert [one["stay"] for one in told(peer, EventKind.LYING)] == [ANN, BEN, ""]
    assert [one["stay"] for one in told(peer, EventKind.LIMIT)] == [ANN]
    assert refusals(peer)[:1] == ["older"]
