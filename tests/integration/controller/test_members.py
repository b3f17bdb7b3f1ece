"""A controller with three brokers: each takes everything, and lets in whom the registry says."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from controller.cluster.access import ACCESS, Access, InForce, digest
from controller.cluster.serving import serve
from controller.config import load
from controller.errors import BrokerError
from controller.identity.files import FOLDER
from controller.identity.site import distinguished
from controller.identity.takeover import ISSUERS
from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.messages import read_controller_state
from gateway.enrolment.identity import IdentityFolder
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_letting_in import enrolled, wardlink
from tests.support.members import Members
from tests.support.sender import Sender


@pytest.fixture
async def three(site: Site) -> AsyncIterator[tuple[Site, Members]]:
    """The site with three members, all of which run; the controller does not yet."""
    members = Members(site.folder, site.config.data)
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8").replace("[mqtt]\nport = 0\n", members.section)
    file.write_text(text, encoding="utf-8")
    async with members.running():
        yield Site(site.folder, load(file), site.tls), members


async def delivers(site: Site, port: int, sender: Sender) -> None:
    """A block of `sender`, sent there, is committed, and the receipt comes back there."""
    number = sender.next[Lane.VITAL]
    sender.block()
    async with asyncio.timeout(20):
        while True:
            try:
                async with sender.connected(port, site.tls[sender.gateway]) as connection:
                    await connection.drain()
                break
            except aiomqtt.MqttError:  # the member has not been told yet
                await asyncio.sleep(0.05)
    assert sender.committed[Lane.VITAL].missing(number, number) == []


async def test_every_one_of_them_carries_blocks_up_and_receipts_down(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        assert site.addresses()["brokers"] == members.urls
        for port in members.ports:
            await delivers(site, port, Sender())
    assert [one.missing for one in await site.ledger()] == [0, 0, 0]


async def test_with_two_of_three_gone_the_last_one_does_for_all(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        await delivers(site, members.ports[2], Sender())
        await members.stop(0, 1)
        await delivers(site, members.ports[2], Sender("ward-b", "ox-2"))
        await members.start(1)
        await delivers(site, members.ports[1], Sender("ward-b", "ox-3"))


async def test_a_member_lets_nobody_in_before_the_controller_has_said_whom(
    three: tuple[Site, Members],
) -> None:
    site, members = three
    for port in members.ports:
        with pytest.raises(aiomqtt.MqttError):
            async with Sender().connected(port, site.tls["ward-a"]):
                pass
    async with site.running():
        await delivers(site, members.ports[0], Sender())


async def test_a_revoked_gateway_is_cut_off_at_every_one_of_them(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        for port in members.ports:
            await delivers(site, port, Sender())
        lasting = [
            aiomqtt.Client("127.0.0.1", port, tls_context=site.tls["ward-a"]) for port in members.ports
        ]
        for client in lasting:
            await client.__aenter__()
        await wardlink(site, "gateway", "revoke", "ward-a", "--why", "lost")
        for client in lasting:
            async with asyncio.timeout(10):
                with pytest.raises(aiomqtt.MqttError):
                    async for _ in client.messages:
                        pass
        for port in members.ports:
            with pytest.raises(aiomqtt.MqttError):
                async with Sender().connected(port, site.tls["ward-a"]):
                    pass
            await delivers(site, port, Sender("ward-b", "ox-2"))


async def test_what_was_said_for_good_is_said_again_to_empty_disks(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        await delivers(site, members.ports[0], Sender())
        await members.stop(0, 1, 2)
        for index in range(3):
            members.make(index)
            await members.start(index)
        for port in members.ports:
            await delivers(site, port, Sender())
            async with aiomqtt.Client("127.0.0.1", port, tls_context=site.tls["ward-a"]) as client:
                await client.subscribe(topics.CONTROLLER_STATE)
                message = await anext(aiter(client.messages))
            assert message.retain
            assert read_controller_state(bytes(message.payload)).online  # type: ignore[arg-type]


async def test_who_is_let_in_is_the_controllers_word_and_nobody_elses(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        await delivers(site, members.ports[0], Sender())
        issuers = (site.config.data / FOLDER / ISSUERS).read_text(encoding="ascii")
        own = IdentityFolder(site.folder / "identities" / "ward-a").load().certificate
        forged = Access({distinguished(own): "ward-b"}, issuers).pack()
        async with aiomqtt.Client("127.0.0.1", members.ports[0], tls_context=site.tls["ward-a"]) as client:
            granted = await client.subscribe(ACCESS)
            assert [getattr(code, "value", code) for code in granted] == [128]
            await client.publish(ACCESS, forged, qos=0, retain=True)
            await client.publish("wl/1/controller/access/in-force", InForce(digest(forged), 2**40).pack())
        await delivers(site, members.ports[0], Sender())
        refused = re.findall(
            r'Publish Violation - Subject "wl.1.controller.access([a-z.-]*)"', members.log(0)
        )
        assert refused == ["", ".in-force"]


async def test_a_claim_names_all_of_them_and_the_gateway_keeps_that(three: tuple[Site, Members]) -> None:
    site, members = three
    async with site.running():
        held = (await enrolled(site)).load()
        assert [held.mqtt, *held.brokers] == members.urls


async def test_a_member_whose_port_is_taken_says_so(site: Site) -> None:
    members = Members(site.folder, site.config.data)
    members.make(0)
    with (
        socket.create_server(("127.0.0.1", members.ports[0])),
        pytest.raises(BrokerError, match="is taken: gateways know no other"),
    ):
        await asyncio.wait_for(serve(members.place(0)), 10)
