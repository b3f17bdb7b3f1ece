"""A broker, a peer that plays the controller, and gateways: in this process, or in one of their own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.gateway.rig import Ox, write_config
from tests.support.broker_process import BrokerProcess
from tests.support.peer import Peer


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    """Not started yet."""
    made = BrokerProcess(tmp_path / "broker", "ward-a")
    yield made
    made.stop()


@pytest.fixture
async def peer(broker: BrokerProcess) -> AsyncIterator[Peer]:
    """A controller, connected as soon as the broker runs."""
    async with Peer(broker) as made:
        yield made


@pytest.fixture
def ox() -> Iterator[Ox]:
    """A serial oximeter that sends 3 packets a second, or as fast as it is asked to."""
    with Ox() as made:
        yield made


@pytest.fixture
def config(tmp_path: Path, broker: BrokerProcess, ox: Ox) -> Path:
    """A gateway with one oximeter."""
    return write_config(tmp_path, broker.url, ox.port, identity=broker.identity("ward-a"))
