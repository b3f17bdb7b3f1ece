"""Who loses the right loses the session at a hospital's mosquitto; whatever happens, it is right again."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controller.external_access import CONTROLLER_ROLE, username
from controller.identity.authority import new_key
from controller.identity.site import distinguished
from devices.model.observation import Priority
from hil.identities import now
from tests.support.broker import shown
from tests.support.mosquitto import Hospital, running_mosquitto
from tests.support.sender import until

DAY = timedelta(days=1)


async def is_heard(hospital: Hospital, gateway: str, client: aiomqtt.Client) -> None:
    """The controller hears what this client says next, and nothing before that."""
    async with hospital.client("controller") as controller:
        await controller.subscribe("wl/1/+/up/#", qos=1)
        await client.publish(f"wl/1/{gateway}/up/vital", b"heard", qos=1)
        async with asyncio.timeout(20):
            message = await anext(aiter(controller.messages))
    assert (str(message.topic), message.payload) == (f"wl/1/{gateway}/up/vital", b"heard")


async def ended(client: aiomqtt.Client) -> None:
    await until(lambda: not client._client.is_connected())


async def has_no_right(hospital: Hospital, gateway: str, other: str) -> None:
    """It may connect (mosquitto 2.0 asks no plugin about certificates), and then do nothing at all."""
    async with hospital.client("controller") as controller:
        await controller.subscribe("wl/1/+/up/#", qos=1)
        will = aiomqtt.Will(f"wl/1/{gateway}/up/state", b"will", qos=1)
        async with hospital.client(gateway, will=will) as shut_out:
            for topic in (f"wl/1/{gateway}/down/#", "wl/1/controller/state", "#"):
                [granted] = await shut_out.subscribe(topic, qos=1)
                assert getattr(granted, "is_failure", granted == 128)
            await shut_out.publish(f"wl/1/{gateway}/up/vital", b"forged", qos=1)
        async with hospital.client(other) as right:
            await right.publish(f"wl/1/{other}/up/vital", b"own", qos=1)
        async with asyncio.timeout(20):
            assert (await anext(aiter(controller.messages))).payload == b"own"


async def test_whoever_is_taken_out_loses_the_session_at_once_and_nobody_else_does(tmp_path: Path) -> None:
    async with (
        running_mosquitto(tmp_path, "ward-a", "ward-b") as hospital,
        hospital.client("ward-a") as revoked,
        hospital.client("ward-b") as other,
    ):
        await is_heard(hospital, "ward-a", revoked)
        await hospital.admit("ward-b")
        await ended(revoked)
        await has_no_right(hospital, "ward-a", "ward-b")
        assert other._client.is_connected()
        await is_heard(hospital, "ward-b", other)
        await hospital.admit("ward-a", "ward-b")
        async with hospital.client("ward-a") as again:
            await is_heard(hospital, "ward-a", again)


async def test_a_revocation_does_not_wait_until_many_others_are_in(tmp_path: Path) -> None:
    others = {f"SERIALNUMBER={number:x},CN=g{number},O=Wardlink": f"g{number}" for number in range(150)}
    async with running_mosquitto(tmp_path, "ward-a") as hospital, hospital.client("ward-a") as revoked:
        first = {distinguished(hospital.certificates["ward-a"]): "ward-a"}
        hospital.broker.configure("CN=controller,O=Wardlink", first | others)
        await until(lambda: len(hospital.mosquitto.users()) > 10)
        assert revoked._client.is_connected()
        hospital.broker.configure("CN=controller,O=Wardlink", others)
        await ended(revoked)
        assert len(hospital.mosquitto.users()) < len(others)
        await hospital.knows(*others)


async def test_the_next_certificate_of_a_gateway_is_good_while_the_first_lives_and_after_it(
    tmp_path: Path,
) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital, hospital.client("ward-a") as first:
        key = new_key()
        second = hospital.authority.client("ward-a", key.public_key(), now(), DAY)
        also = {distinguished(second): "ward-a"}
        await hospital.admit("ward-a", also=also)
        tls = shown(tmp_path, key, [second, hospital.authority.issuing])
        async with hospital.client("", tls) as renewed:
            await is_heard(hospital, "ward-a", renewed)
            await is_heard(hospital, "ward-a", first)
            await hospital.admit(also=also)
            await ended(first)
            await is_heard(hospital, "ward-a", renewed)


async def test_a_broker_that_lost_everything_is_right_again_by_itself(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        hospital.mosquitto.kill()
        hospital.mosquitto.forget()
        hospital.mosquitto.start()
        assert hospital.mosquitto.users() == {"CN=controller,O=Wardlink"}
        await hospital.knows(distinguished(hospital.certificates["ward-a"]))
        async with hospital.client("ward-a") as gateway:
            await is_heard(hospital, "ward-a", gateway)


async def test_a_controller_that_starts_again_mends_what_changed_meanwhile(tmp_path: Path) -> None:
    """One gateway was revoked while it was down, and somebody has widened what another may do."""
    async with running_mosquitto(tmp_path, "ward-a", "ward-b") as hospital:
        await hospital.end()
        wide = {"acltype": "publishClientSend", "topic": "wl/#", "allow": True}
        role = {"rolename": "wardlink-gateway-ward-b"}
        assert await hospital.ask({"command": "addRoleACL", **role, **wide}) == [{"command": "addRoleACL"}]
        async with hospital.client("ward-a") as revoked, hospital.client("ward-b") as wider:
            await is_heard(hospital, "ward-a", wider)  # so the widened rule works
            hospital.begin()
            await hospital.admit("ward-b")
            await ended(revoked)
        await until(lambda: "wl/#" not in str(hospital.mosquitto.rules()))
        async with hospital.client("ward-b") as gateway, hospital.client("controller") as controller:
            await controller.subscribe("wl/1/+/up/#", qos=1)
            await gateway.publish("wl/1/ward-a/up/vital", b"forged", qos=1)
            await gateway.publish("wl/1/ward-b/up/vital", b"own", qos=1)
            async with asyncio.timeout(20):
                assert (await anext(aiter(controller.messages))).payload == b"own"


def of_the_hospital(hospital: Hospital, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate of a dashboard of the hospital's own, which our authority's administrator has signed."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dashboard")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(hospital.authority.issuing.subject)
    builder = builder.serial_number(7).public_key(key.public_key())
    builder = builder.not_valid_before(now() - DAY).not_valid_after(now() + DAY)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return builder.add_extension(usage, critical=False).sign(hospital.authority.key, hashes.SHA256())


async def test_who_was_let_in_by_the_administrator_is_left_alone(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        rule = {"acltype": "subscribePattern", "topic": "lab/#", "allow": True}
        await hospital.ask(
            {"command": "createRole", "rolename": "lab", "acls": [rule]},
            {"command": "createGroup", "groupname": "labs", "roles": [{"rolename": "lab"}]},
            {"command": "createClient", "username": "CN=dashboard", "groups": [{"groupname": "labs"}]},
        )
        key = new_key()
        tls = shown(tmp_path, key, [of_the_hospital(hospital, key), hospital.authority.issuing])
        async with hospital.client("", tls) as dashboard:
            await hospital.admit()
            await hospital.admit("ward-a")
            assert dashboard._client.is_connected()
            [granted] = await dashboard.subscribe("lab/results", qos=1)
            assert not getattr(granted, "is_failure", granted == 128)
        assert "CN=dashboard" in hospital.mosquitto.users()
        assert [one["groupname"] for one in hospital.mosquitto.rules()["groups"]] == ["labs"]


async def test_one_of_ours_that_was_put_into_a_group_or_disabled_is_as_it_should_be_again(
    tmp_path: Path,
) -> None:
    async with running_mosquitto(tmp_path, "ward-a", "ward-b") as hospital:
        names = {one: username(distinguished(held)) for one, held in hospital.certificates.items()}
        await hospital.ask(
            {"command": "createGroup", "groupname": "labs"},
            {"command": "addGroupClient", "groupname": "labs", "username": names["ward-a"]},
            {"command": "disableClient", "username": names["ward-b"]},
        )
        await hospital.end()
        hospital.begin()
        hospital.broker.configure(
            "CN=controller,O=Wardlink",
            {distinguished(held): one for one, held in hospital.certificates.items()},
        )
        mended = {"groupname": "labs", "roles": [], "clients": []}
        await until(lambda: hospital.mosquitto.rules().get("groups") == [mended])
        await until(lambda: '"disabled": true' not in json.dumps(hospital.mosquitto.rules()))


async def test_a_broker_that_is_away_is_told_after_some_seconds_and_when_it_is_back(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        await until(lambda: hospital.told == [("", Priority.LOW)])
        hospital.mosquitto.kill()
        hospital.clock.passed_us += 6_000_000
        await until(lambda: len(hospital.told) > 1)
        why, priority = hospital.told[1]
        assert (priority, hospital.broker.url in why) == (Priority.HIGH, True)
        hospital.mosquitto.start()
        await until(lambda: hospital.told[-1] == ("", Priority.LOW))


async def test_a_broker_whose_certificate_ends_soon_is_told_in_time(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        hospital.clock.passed_us += 710 * 86_400 * 1_000_000
        await hospital.admit()
        await until(lambda: "its certificate ends in 19 days" in hospital.told[-1][0])
        assert hospital.told[-1][1] == Priority.LOW


async def test_a_broker_that_allows_by_default_is_told(tmp_path: Path) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        opened = {"acltype": "subscribe", "allow": True}
        await hospital.ask({"command": "setDefaultACLAccess", "acls": [opened]})
        await hospital.admit()
        await until(lambda: "subscribe is allow: set it to deny" in hospital.told[-1][0])


async def test_a_broker_that_does_not_take_the_controllers_rule_says_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_mosquitto(tmp_path, "ward-a") as hospital:
        with suppress(aiomqtt.MqttError):  # that ends this session, too
            await hospital.ask({"command": "deleteRole", "rolename": CONTROLLER_ROLE})
        await until(lambda: "load the plugin with the file" in caplog.text)
