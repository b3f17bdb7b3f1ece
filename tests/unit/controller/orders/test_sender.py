"""Orders go out signed, again until they are answered, and the newest configuration is retained."""

from datetime import UTC, datetime

import pytest

from controller.identity.authority import Authority, new_authority
from controller.identity.succession import next_issuing
from controller.orders.desk import LIFE_US
from controller.orders.sender import AGAIN_US, Sender
from controller.orders.signing import REBIRTH_LIFE_US, Signer
from devices.model.observation import EventKind
from devices.wire import cose
from devices.wire.orders import Command, Configuration, read_command, read_configuration
from gateway.orders.verify import check_signature
from tests.unit.controller.orders.conftest import BY, Office

AUTHORITY = new_authority(datetime.now(UTC))[0]


class Wire:
    """What went out of a sender."""

    def __init__(self, office: Office) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.retained: list[tuple[str, bytes]] = []
        self.sender = Sender(
            office.orders,
            office.clock,
            Signer(AUTHORITY),
            send=lambda *message: self.sent.append(message),
            retain=lambda *message: self.retained.append(message),
        )

    def commands(self) -> list[tuple[str, Command]]:
        """(topic, command) of everything sent."""
        return [(topic, read_command(opened(data, cose.COMMAND))) for topic, data in self.sent]

    def configurations(self) -> list[tuple[str, Configuration]]:
        """(topic, configuration) of everything retained."""
        return [
            (topic, read_configuration(opened(data, cose.CONFIGURATION))) for topic, data in self.retained
        ]


def opened(data: bytes, kind: str) -> bytes:
    """The payload; the signature has to be good."""
    signed = cose.read_signed(data)
    check_signature(AUTHORITY.key.public_key(), signed.signed_bytes, signed.signature)
    assert signed.kind == kind
    return signed.payload


@pytest.fixture
def wire(office: Office) -> Wire:
    return Wire(office)


async def test_a_command_goes_to_its_gateway_again_and_again_until_it_is_answered(
    office: Office, wire: Wire
) -> None:
    made = await office.orders.command("ward-a", "set-log-level", {"level": "debug"}, BY)
    for _ in range(3):
        await wire.sender.look()
    assert wire.commands() == [("wl/1/ward-a/down/command", made)]
    office.clock.at_us += AGAIN_US
    await wire.sender.look()
    assert [one for _, one in wire.commands()] == [made, made]
    await office.answer("ward-a", EventKind.COMMAND, id=made.id.hex(), name=made.name, outcome="done")
    office.clock.at_us += AGAIN_US
    await wire.sender.look()
    assert len(wire.sent) == 2


async def test_an_expired_command_goes_no_more(office: Office, wire: Wire) -> None:
    await office.orders.command("ward-a", "identify", {}, BY)
    office.clock.at_us += LIFE_US + 1
    await wire.sender.look()
    assert wire.sent == []


async def test_the_newest_configuration_is_retained_once(office: Office, wire: Wire) -> None:
    await office.orders.configure("ward-a", {"dscp-wave": 8}, BY)
    second = await office.orders.configure("ward-a", {"dscp-wave": 10}, BY)
    for _ in range(3):
        await wire.sender.look()
    assert wire.configurations() == [("wl/1/ward-a/down/config", second)]
    third = await office.orders.configure("ward-a", {}, BY)
    await wire.sender.look()
    assert [one for _, one in wire.configurations()] == [second, third]


async def test_a_controller_that_starts_again_retains_what_is_in_force(office: Office, wire: Wire) -> None:
    made = await office.orders.configure("ward-a", {"dscp-wave": 8}, BY)
    await wire.sender.look()
    again = Wire(office)
    await again.sender.look()
    assert [one for _, one in again.configurations()] == [made]


def test_the_request_for_a_birth_is_a_command_of_the_controllers_own() -> None:
    one, other = [
        read_command(opened(Signer(AUTHORITY).rebirth("ward-a", 5), cose.COMMAND)) for _ in range(2)
    ]
    assert (one.name, one.gateway, one.issuer) == ("rebirth", "ward-a", "controller")
    assert (one.issued_us, one.expires_us) == (5, 5 + REBIRTH_LIFE_US)
    assert one.id != other.id


async def test_with_another_key_everything_is_signed_again(office: Office, wire: Wire) -> None:
    authority, key = new_authority(datetime.now(UTC))
    current = Authority(authority.root, authority.issuing, authority.key)
    await office.orders.command("ward-a", "identify", {}, BY)
    await office.orders.configure("ward-a", {"dscp-wave": 8}, BY)
    wire.sender._signer = Signer(current)
    await wire.sender.look()
    sent, retained = len(wire.sent), len(wire.retained)
    current.follow(next_issuing(authority, key, datetime.now(UTC)))
    for _ in range(2):
        await wire.sender.look()
    assert (len(wire.sent), len(wire.retained)) == (sent + 1, retained + 1)
    keys = {cose.read_signed(data).key for _, data in (wire.sent[-1], wire.retained[-1])}
    assert keys == {Signer(current).key_id} != {Signer(authority).key_id}
