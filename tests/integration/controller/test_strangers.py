"""Who has no certificate that is good now gets nothing at the broker, and who loses it loses the session."""

import asyncio
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from controller.identity.authority import Authority, new_authority, new_key, subject_of
from controller.identity.files import open_authority
from hil.identities import now
from tests.support.broker import Clients, running_broker, shown
from tests.support.sender import until

DAY = timedelta(days=1)
Stranger = Callable[[Authority], list[x509.Certificate]]
KEY = new_key()


def client(authority: Authority, name: str = "ward-a", *, since: timedelta = timedelta()) -> x509.Certificate:
    return authority.client(name, KEY.public_key(), now() + since, DAY)


def unknown(_: Authority) -> list[x509.Certificate]:
    """Of an authority of the same name, with another key."""
    other = new_authority(now())[0]
    return [client(other), other.issuing]


def never_given(ours: Authority) -> list[x509.Certificate]:
    """Ours, and not in the registry."""
    return [client(ours), ours.issuing]


def expired(ours: Authority) -> list[x509.Certificate]:
    return [client(ours, since=-9 * DAY), ours.issuing]


def future(ours: Authority) -> list[x509.Certificate]:
    return [client(ours, since=2 * DAY), ours.issuing]


def server(ours: Authority) -> list[x509.Certificate]:
    """For a server, not for a client."""
    return [ours.server(["ward-a"], KEY.public_key(), now(), DAY), ours.issuing]


def self_signed(_: Authority) -> list[x509.Certificate]:
    serial = 77
    name = subject_of("ward-a", serial)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    builder = builder.serial_number(serial).not_valid_before(now() - DAY).not_valid_after(now() + DAY)
    return [builder.sign(KEY, hashes.SHA256())]


def signed_by_a_gateway(ours: Authority) -> list[x509.Certificate]:
    """A gateway plays authority."""
    mine = client(ours)
    builder = x509.CertificateBuilder().subject_name(subject_of("ward-b", 78)).issuer_name(mine.subject)
    builder = builder.serial_number(78).public_key(KEY.public_key())
    builder = builder.not_valid_before(now() - DAY).not_valid_after(now() + DAY)
    return [builder.sign(KEY, hashes.SHA256()), mine, ours.issuing]


STRANGERS = [unknown, never_given, expired, future, server, self_signed, signed_by_a_gateway]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda one: one.__name__)
async def test_a_certificate_that_is_not_good_lets_nobody_in(tmp_path: Path, stranger: Stranger) -> None:
    async with running_broker(tmp_path, "ward-a") as clients, clients.client("controller") as controller:
        await controller.subscribe("wl/1/+/up/#", qos=1)
        context = shown(tmp_path, KEY, stranger(open_authority(tmp_path / "ca", now())))
        with pytest.raises((aiomqtt.MqttError, ssl.SSLError, OSError)):
            async with clients.client("ward-a", context, timeout=1) as intruder:
                await intruder.publish("wl/1/ward-a/up/vital", b"forged", qos=1, timeout=1)
        await only_the_right_one_is_heard(clients, controller)


async def test_without_a_certificate_nobody_gets_in(tmp_path: Path) -> None:
    async with running_broker(tmp_path, "ward-a") as clients, clients.client("controller") as controller:
        await controller.subscribe("wl/1/+/up/#", qos=1)
        bare = ssl.create_default_context(cafile=str(tmp_path / "ca" / "root.pem"))
        with pytest.raises((aiomqtt.MqttError, ssl.SSLError, OSError)):
            async with clients.client("ward-a", bare, timeout=1) as intruder:
                await intruder.publish("wl/1/ward-a/up/vital", b"forged", qos=1, timeout=1)
        await only_the_right_one_is_heard(clients, controller)


async def only_the_right_one_is_heard(clients: Clients, controller: aiomqtt.Client) -> None:
    async with clients.client("ward-a") as honest:
        await honest.publish("wl/1/ward-a/up/vital", b"own", qos=1)
    async with asyncio.timeout(20):
        message = await anext(aiter(controller.messages))
    assert message.payload == b"own"


@pytest.mark.parametrize("name", ["#", "+", ">", "*", "../ward-a", "ward-a/../ward-b", "ward-a\n", "wl.1.x"])
async def test_a_name_that_is_a_pattern_is_no_name(tmp_path: Path, name: str) -> None:
    """Were one of these ever in a certificate, it would open nothing."""
    async with running_broker(tmp_path, "ward-a") as clients, clients.client("controller") as controller:
        await controller.subscribe("wl/1/+/up/#", qos=1)
        authority = open_authority(tmp_path / "ca", now())
        context = shown(tmp_path, KEY, [client(authority, name), authority.issuing])
        with pytest.raises((aiomqtt.MqttError, ssl.SSLError, OSError)):
            async with clients.client("ward-a", context, timeout=1) as intruder:
                await intruder.publish("wl/1/ward-a/up/vital", b"forged", qos=1, timeout=1)
        await only_the_right_one_is_heard(clients, controller)


async def test_whoever_is_taken_out_loses_the_session_at_once_and_nobody_else_does(tmp_path: Path) -> None:
    async with (
        running_broker(tmp_path, "ward-a", "ward-b") as clients,
        clients.client("ward-a") as revoked,
        clients.client("ward-b") as other,
        clients.client("controller") as controller,
    ):
        await controller.subscribe("wl/1/+/up/#", qos=1)
        await revoked.publish("wl/1/ward-a/up/vital", b"before", qos=1)
        clients.admit("ward-b")
        await until(lambda: not revoked._client.is_connected())
        with pytest.raises(aiomqtt.MqttError):
            async with clients.client("ward-a"):
                await asyncio.sleep(0)
        await other.publish("wl/1/ward-b/up/vital", b"after", qos=1)
        async with asyncio.timeout(20):
            came = [str((await anext(aiter(controller.messages))).topic) for _ in range(2)]
        assert came == ["wl/1/ward-a/up/vital", "wl/1/ward-b/up/vital"]
        clients.admit("ward-a", "ward-b")


async def test_the_next_certificate_of_the_same_gateway_lives_on(tmp_path: Path) -> None:
    """Each certificate is a user of its own: one can be taken back while the other goes on."""
    async with running_broker(tmp_path, "ward-a") as clients:
        authority = open_authority(tmp_path / "ca", now())
        second = client(authority)
        context = shown(tmp_path, KEY, [second, authority.issuing])
        assert second.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "ward-a"
        with pytest.raises(aiomqtt.MqttError):
            async with clients.client("ward-a", context):
                await asyncio.sleep(0)
        clients.admit_certificate(second, "ward-a")
        await until(lambda: "Reloaded server configuration" in clients.log())
        async with clients.client("ward-a", context) as renewed:
            await renewed.publish("wl/1/ward-a/up/vital", b"1", qos=1)
        with pytest.raises(aiomqtt.MqttError):
            async with clients.client("ward-a"):
                await asyncio.sleep(0)


async def test_another_servers_name_is_not_believed(tmp_path: Path) -> None:
    """The host's name counts: the same broker by a name that its certificate lacks."""
    async with running_broker(tmp_path, "ward-a") as clients:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                "127.0.0.1", clients.broker.port, ssl=clients.tls["ward-a"], server_hostname="elsewhere"
            )
