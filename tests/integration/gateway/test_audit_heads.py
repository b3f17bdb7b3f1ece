"""A gateway keeps the heads that the controller publishes, as proof against the controller; and if its broker
does not let it have them, readings go on."""

from pathlib import Path

import aiomqtt

from controller.audit.heads import Head, Signer
from devices.wire import topics
from devices.wire.messages import AuditHead, pack_message
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.trails import KEY, READER, UTC_US
from tests.support.waiting import until

STATE, HEADS = '"wl.1.controller.state"', '"wl.1.controller.audit"'


def permit(broker: BrokerProcess, *, heads: bool) -> None:
    """Let everybody of the broker have the topic of the heads, or nobody."""
    text = broker._config.read_text().replace(f", {HEADS}", "")
    broker._config.write_text(text.replace(STATE, f"{STATE}, {HEADS}") if heads else text)


async def publish(broker: BrokerProcess, line: str) -> None:
    """As the controller does it."""
    tls = broker.tls["controller"]
    async with aiomqtt.Client("127.0.0.1", broker.port, identifier="audit", tls_context=tls) as client:
        payload = pack_message(AuditHead(line))
        await client.publish(topics.AUDIT_HEAD, payload, qos=1, retain=True)


def kept(config: Path) -> Path:
    return config.parent / "gateway-data" / "audit" / "heads.jws"


async def test_the_head_is_in_a_file_that_the_auditor_can_read(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    permit(broker, heads=True)
    broker.start()
    head = Head(7, bytes(32), UTC_US)
    await publish(broker, Signer(KEY).sign(head))  # retained: the gateway comes later
    with GatewayProcess(config):
        await until(lambda: kept(config).exists(), "the gateway keeps the head")
        await until(lambda: peer.blocks, "blocks")
    [told] = READER.file(kept(config))
    assert told.head == head


async def test_a_message_that_is_no_head_is_not_kept_and_disturbs_nothing(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    permit(broker, heads=True)
    broker.start()
    await publish(broker, "two\nlines")
    with GatewayProcess(config):
        await until(lambda: peer.blocks, "blocks")
        counted = "messages-unreadable"
        await until(lambda: any((state.counts or {}).get(counted) for state in peer.states), "it is counted")
    assert not kept(config).exists()


async def test_where_the_broker_refuses_the_heads_readings_go_on(
    broker: BrokerProcess, peer: Peer, config: Path
) -> None:
    permit(broker, heads=False)
    broker.start()
    with GatewayProcess(config):
        await until(lambda: peer.blocks, "blocks")
    assert not kept(config).exists()
