"""Where a gateway is heard last counts, not what another broker still says of it."""

from dataclasses import replace

from controller.presence import Presence
from devices.wire.messages import GatewayState

ONLINE = GatewayState(
    online=True, journal=b"12345678", clock=None, pending=(0,) * 4, oldest_us=(None,) * 4, produced=(0,) * 4
)
GONE = replace(ONLINE, online=False)


def test_the_will_of_a_connection_that_a_gateway_left_does_not_make_it_offline() -> None:
    presence = Presence()
    assert presence.state("ward-a", ONLINE, 1, 0)
    assert presence.state("ward-a", ONLINE, 2, 1)
    assert presence.state("ward-a", GONE, 3, 0) is None
    assert presence.state("ward-a", ONLINE, None, 2) is None  # retained at a third, of some time ago
    change = presence.state("ward-a", GONE, 4, 1)
    assert change and change["state"] == "offline"


def test_when_a_broker_is_lost_only_the_gateways_there_are() -> None:
    presence = Presence()
    presence.state("ward-a", ONLINE, 1, 0)
    presence.state("ward-b", ONLINE, 1, 1)
    assert list(presence.broker_lost(1)) == ["ward-b"]
    assert list(presence.broker_lost(1)) == []
