"""A connection over a poor radio, in virtual time: slow is not dead."""

import asyncio
import ssl
from collections.abc import Iterator
from unittest import mock

import aiomqtt
import pytest

from gateway import mqtt
from gateway.errors import Unreachable
from gateway.mqtt import connected
from hil.simulation.loop import SimLoop
from hil.simulation.network import Link, SimBroker

WINDOW, BLOCK = 64, bytes(500)


@pytest.fixture
def loop() -> Iterator[SimLoop]:
    made = SimLoop(1)
    asyncio.set_event_loop(made)
    yield made
    made.close()
    asyncio.set_event_loop(None)


async def publish_a_window(broker: SimBroker) -> None:
    simulated = mock.patch.object(aiomqtt, "Client", broker.client)
    with simulated, mock.patch.object(mqtt, "connect_by", lambda *_: None):
        async with connected("mqtts://x:8883", ssl.create_default_context(), client_id="gw") as connection:
            await asyncio.gather(*(connection.publish("wl/1/gw/up/wave", BLOCK) for _ in range(WINDOW)))


def test_a_window_of_blocks_that_takes_ten_seconds_is_confirmed(loop: SimLoop) -> None:
    broker = SimBroker(loop, lambda _: Link(rate=3000))
    loop.run_until_complete(publish_a_window(broker))
    assert broker.counts["messages"] == WINDOW
    assert 10 < loop.now < 20


def test_a_broker_that_never_answers_is_given_up(loop: SimLoop) -> None:
    link = Link()
    broker = SimBroker(loop, lambda _: link)
    loop.call_later(1, lambda: setattr(link, "up", False))
    link.rate = 1000
    with pytest.raises(Unreachable):
        loop.run_until_complete(publish_a_window(broker))
    assert loop.now < 70
