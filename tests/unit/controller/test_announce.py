"""What a gateway's birth says of it is shown."""

from devices.wire.messages import Birth, BirthDevice, pack_message
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk


async def test_a_gateways_software_is_shown_as_its_birth_says(desk: Desk) -> None:
    sender = Sender("ward-a")
    for software in ("wardlink 1.0", "wardlink 1.1"):
        born = Birth(sender.journal, software, (BirthDevice("ox-1", "nonin-xpod", "bed-1", ("hr",)),))
        await desk.take(pack_message(born), what="birth")
        assert desk.hub.gateway_held("ward-a")["software"] == software


async def test_of_a_gateway_that_was_not_born_yet_no_software_is_known(desk: Desk) -> None:
    await desk.registry.add_gateway("ward-a", "Ward A")
    assert desk.hub.gateway_held("ward-a")["software"] is None
