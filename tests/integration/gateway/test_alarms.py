"""Alarms of a gateway as it runs: with no network, over kill -9, seen by somebody far away."""

import json
import signal
from pathlib import Path

from devices.model.observation import Alert, Priority
from tests.integration.gateway.rig import GatewayProcess, Ox
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until

DESATURATION = "spo2-desaturation"


def alerts(peer: Peer) -> list[Alert]:
    return [one for one in peer.records() if isinstance(one, Alert) and one.code == DESATURATION]


def kept(config: Path) -> list[dict[str, object]]:
    """The alarms that would outlive the box."""
    path = config.parent / "gateway-data" / "alarms.json"
    held = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [one for one in held if one["code"] == DESATURATION]


async def test_an_alarm_is_raised_without_a_network_outlives_kill_9_and_is_acknowledged_from_afar(
    broker: BrokerProcess, peer: Peer, config: Path, ox: Ox
) -> None:
    ox.spo2 = 70
    with GatewayProcess(config) as gateway:
        await until(lambda: kept(config), "it is raised and kept, and nobody can be told")
        assert alerts(peer) == []
        gateway.end(signal.SIGKILL)
        (before,) = kept(config)
        broker.start()
        gateway.start()
        await until(lambda: len(alerts(peer)) >= 2, "it is told as it was, and again after the start")
        first, again = alerts(peer)[:2]
        assert first.priority == again.priority == Priority.HIGH
        assert first.detail == again.detail
        assert first.detail["alarm"] == before["number"]
        assert int(first.detail["onset-ms"]) >= 6000
        await peer.command("ward-a", "acknowledge", alarm=int(first.detail["alarm"]))
        await until(lambda: alerts(peer)[-1].detail.get("seen") == 1, "it was seen")
        assert alerts(peer)[-1].detail["by"], "by whoever signed for it"
        ox.spo2 = 97
        await until(lambda: not alerts(peer)[-1].active, "it is over")
        await until(lambda: kept(config) == [], "and nothing of it is kept")
    numbers = {one.detail["alarm"] for one in alerts(peer)}
    assert numbers == {first.detail["alarm"]}
