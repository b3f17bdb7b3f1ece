"""A hospital's own mosquitto lets in whom the registry knows, to their own topics, and nobody else."""

import asyncio
import re
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from controller.identity.authority import Authority, AuthorityOf, authority_name, new_key, signed_authority
from controller.identity.takeover import ROOT_KEY
from hil.identities import now
from tests.integration.controller.test_strangers import DAY, KEY, STRANGERS, never_given
from tests.support.broker import shown
from tests.support.mosquitto import Hospital, running_mosquitto
from tests.support.sender import until

GATEWAYS = ("ward-a", "ward.b")
"""A dot in a name changes nothing."""
ALL_UP = "wl/1/+/up/#"
UP_A, UP_B, DOWN_A, DOWN_B = (
    "wl/1/ward-a/up/vital",
    "wl/1/ward.b/up/vital",
    "wl/1/ward-a/down",
    "wl/1/ward.b/down",
)
STATE = "wl/1/controller/state"


async def topics_until(client: aiomqtt.Client, last: str) -> list[str]:
    """The topics of what came, up to and including `last`."""
    came: list[str] = []
    async with asyncio.timeout(20):
        async for message in client.messages:
            came.append(str(message.topic))
            if came[-1] == last:
                break
    return came


async def only_ward_a_is_heard(hospital: Hospital, controller: aiomqtt.Client) -> None:
    """Whatever was tried before, the first that comes is what the right one says now."""
    async with hospital.client("ward-a") as honest:
        await honest.publish(UP_A, b"own", qos=1)
    async with asyncio.timeout(20):
        message = await anext(aiter(controller.messages))
    assert (str(message.topic), message.payload) == (UP_A, b"own")


async def tries(hospital: Hospital, tls: ssl.SSLContext) -> None:
    """Whoever shows this certificate publishes, as far as it gets."""
    with suppress(aiomqtt.MqttError, ssl.SSLError, OSError):
        async with hospital.client("", tls, timeout=1) as intruder:
            await intruder.publish(UP_A, b"forged", qos=1, timeout=1)


def refused(reasons: object) -> bool:
    return all(getattr(one, "is_failure", one == 128) for one in reasons)  # type: ignore[attr-defined]


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_gateway_speaks_and_listens_on_its_own_topics(tmp_path: Path, gateway: str) -> None:
    async with (
        running_mosquitto(tmp_path, *GATEWAYS) as hospital,
        hospital.client("controller") as controller,
        hospital.client(gateway) as own,
    ):
        await controller.subscribe(ALL_UP, qos=1)
        for topic in (f"wl/1/{gateway}/down/#", STATE, "wl/1/controller/audit"):
            assert not refused(await own.subscribe(topic))
        await own.publish(f"wl/1/{gateway}/up/vital", b"1", qos=1)
        assert await topics_until(controller, f"wl/1/{gateway}/up/vital")
        for topic in (f"wl/1/{gateway}/down/receipt", STATE, "wl/1/controller/audit"):
            await controller.publish(topic, b"2", retain=topic == STATE)
            assert await topics_until(own, topic) == [topic]


async def test_a_gateway_cannot_publish_as_another_nor_as_the_controller_nor_by_its_will(
    tmp_path: Path,
) -> None:
    async with (
        running_mosquitto(tmp_path, *GATEWAYS) as hospital,
        hospital.client("controller") as controller,
        hospital.client("ward.b") as victim,
    ):
        await controller.subscribe(ALL_UP, qos=1)
        for topic in (f"{DOWN_B}/#", STATE):
            await victim.subscribe(topic, qos=1)
        async with hospital.client("ward-a") as attacker:
            for topic in (UP_B, f"{DOWN_B}/receipt", STATE, "$CONTROL/dynamic-security/v1", "wl/1"):
                await attacker.publish(topic, b"forged", qos=1)
        for topic, heard in ((UP_B, False), (UP_A, True)):
            await dies_with_will(hospital, topic)
            if heard:  # the same death by the right one
                assert await topics_until(controller, UP_A) == [UP_A]
        await controller.publish(f"{DOWN_B}/receipt", b"last", qos=1)
        assert await topics_until(victim, f"{DOWN_B}/receipt") == [f"{DOWN_B}/receipt"]


async def dies_with_will(hospital: Hospital, topic: str) -> None:
    """ward-a vanishes without a goodbye (MQTT 3.1.1, 3.1.2.5)."""
    before = hospital.mosquitto.log().count("closed its connection")
    dying = hospital.client("ward-a", will=aiomqtt.Will(topic, b"will", qos=1))
    await dying.__aenter__()
    sock = dying._client.socket()
    assert isinstance(sock, ssl.SSLSocket)
    sock.shutdown(socket.SHUT_RDWR)
    with suppress(aiomqtt.MqttError):
        await dying.__aexit__(None, None, None)
    await until(lambda: hospital.mosquitto.log().count("closed its connection") > before)


SPIES = (f"{DOWN_B}/receipt", "wl/1/+/down/#", "#", ALL_UP, "+/+/+/+/+", "$SYS/#", f"$share/a/{DOWN_B}/#")
SPIES += ("$CONTROL/#", "$CONTROL/dynamic-security/v1/response")


async def test_a_gateway_cannot_read_the_receipts_of_another(tmp_path: Path) -> None:
    async with (
        running_mosquitto(tmp_path, *GATEWAYS) as hospital,
        hospital.client("controller") as controller,
        hospital.client("ward-a") as spy,
    ):
        assert not refused(await spy.subscribe(f"{DOWN_A}/#", qos=1))
        for topic in SPIES:
            assert refused(await spy.subscribe(topic, qos=1)), topic
        await controller.publish(f"{DOWN_B}/receipt", b"secret", qos=1)
        await controller.publish(f"{DOWN_A}/receipt", b"own", qos=1)
        assert await topics_until(spy, f"{DOWN_A}/receipt") == [f"{DOWN_A}/receipt"]


def bare(hospital: Hospital) -> ssl.SSLContext:
    """No certificate at all."""
    return ssl.create_default_context(cafile=str(hospital.folder / "ca" / "root.pem"))


def of_a_sibling(hospital: Hospital) -> ssl.SSLContext:
    """Another authority below the same root, as a hospital has them, gives out the controller's own name."""
    ours, root_key = (
        hospital.authority,
        load_pem_private_key((hospital.folder / "ca" / ROOT_KEY).read_bytes(), None),
    )
    assert isinstance(root_key, ec.EllipticCurvePrivateKey)
    key = new_key()
    what = AuthorityOf(authority_name("printers"), key.public_key(), 0)
    sibling = Authority(ours.root, signed_authority(what, ours.root, root_key, now(), now() + DAY), key)
    return shown(
        hospital.folder,
        KEY,
        [sibling.controller("controller", KEY.public_key(), now(), DAY), sibling.issuing],
    )


async def test_a_certificate_that_is_not_good_is_good_for_nothing(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital, hospital.client("controller") as controller:
        await controller.subscribe(ALL_UP, qos=1)
        strangers = [shown(tmp_path, KEY, stranger(hospital.authority)) for stranger in STRANGERS]
        await asyncio.gather(
            *(tries(hospital, one) for one in (*strangers, bare(hospital), of_a_sibling(hospital)))
        )
        await only_ward_a_is_heard(hospital, controller)


async def test_who_is_not_of_our_authority_does_not_even_get_a_connection(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        others = [one for one in STRANGERS if one is not never_given]
        strangers = [shown(tmp_path, KEY, stranger(hospital.authority)) for stranger in others]
        await asyncio.gather(*(tries(hospital, one) for one in (*strangers, bare(hospital))))
        assert connected(hospital) == {"CN=controller,O=Wardlink"}


async def test_a_name_of_ours_from_another_authority_below_the_same_root_is_nobody(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path) as hospital:
        await until(lambda: bool(hospital.told))
        before = connections(hospital)
        await tries(hospital, of_a_sibling(hospital))
        assert connections(hospital) == before
        hospital.mosquitto.kill()  # as it would be with a plain root in its configuration:
        root = (tmp_path / "ca" / "root.pem").read_bytes()
        (tmp_path / "mosquitto" / "gateways-ca.pem").write_bytes(root)
        hospital.mosquitto.start()
        async with hospital.client("", of_a_sibling(hospital)) as intruder:
            assert not refused(await intruder.subscribe("$CONTROL/dynamic-security/v1/response"))


def connections(hospital: Hospital) -> list[str]:
    """The user names of all that were let in, as its log says."""
    return re.findall(r"New client connected .* u'([^']*)'", hospital.mosquitto.log())


def connected(hospital: Hospital) -> set[str]:
    return set(connections(hospital))
