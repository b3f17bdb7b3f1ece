"""A gateway tells its clock before its blocks: whoever listens can tell those of an earlier boot."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer
from tests.support.waiting import until


@dataclass
class Listener(Peer):
    """A controller that remembers in which order it was told what."""

    heard: list[str] = field(default_factory=list)

    async def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        if not retained:
            self.heard.append(topic.rpartition("/")[2])
        await super()._take(topic, payload, retained)


async def test_each_new_controller_gets_a_live_state_before_the_first_block(
    broker: BrokerProcess, config: Path
) -> None:
    broker.start()
    with GatewayProcess(config):
        for _ in range(3):  # the second and the third come while the gateway is connected
            controller = Listener(broker)
            async with controller:
                await until(lambda it=controller: "vital" in it.heard, "blocks")
            blocks = [controller.heard.index(lane) for lane in ("alert", "vital") if lane in controller.heard]
            assert controller.heard.index("state") < min(blocks)
            assert controller.states[0].clock is not None
