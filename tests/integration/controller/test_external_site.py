"""A whole controller at a hospital's own mosquitto: set up by the command, heard, revoked, restarted."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from controller.cli import app
from controller.config import load
from controller.identity.authority import new_key
from devices.wire.block import Lane
from gateway import app as gateway_app
from gateway import config as gateway_config
from gateway.enrolment.identity import IdentityFolder
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_letting_in import enrolled, wardlink
from tests.integration.gateway.rig import Ox, write_config
from tests.support.broker_process import free_port
from tests.support.mosquitto import Mosquitto
from tests.support.sender import Sender, until

FOUR_LANES = 4


@pytest.fixture
async def external(site: Site) -> AsyncIterator[tuple[Site, Mosquitto]]:
    """The site, its broker the hospital's; neither is started."""
    port = free_port()
    site = configured(site, f"mqtts://127.0.0.1:{port}")
    files = site.folder / "mosquitto"
    await wardlink(site, "broker-config", "--out", str(files), "--where", str(files))
    mosquitto = Mosquitto(files, port)
    yield site, mosquitto
    mosquitto.kill()


def configured(site: Site, url: str) -> Site:
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8")
    assert "[mqtt]\nport = 0" in text
    file.write_text(text.replace("[mqtt]\nport = 0", f'[mqtt]\nurl = "{url}"'), encoding="utf-8")
    return Site(site.folder, load(file), site.tls)


@asynccontextmanager
async def delivering(site: Site, mosquitto: Mosquitto, sender: Sender) -> AsyncIterator[None]:
    """The sender delivers, and inside the block its session lives."""
    await until(lambda: f"CN={sender.gateway}," in str(mosquitto.users()))
    block = Lane.VITAL, sender.next[Lane.VITAL]
    sender.block()
    async with sender.connected(site.port, site.tls[sender.gateway]) as connection:
        await connection.drain()
        assert sender.committed[block[0]].missing(block[1], block[1]) == []
        yield


async def test_gateways_deliver_through_it_and_a_revoked_one_is_cut_off(
    external: tuple[Site, Mosquitto],
) -> None:
    site, mosquitto = external
    mosquitto.start()
    sender, other = Sender(), Sender("ward-b", "ox-2")
    async with site.running():
        assert site.addresses()["mqtt"] == f"mqtts://127.0.0.1:{mosquitto.port}"
        assert not [one for one in psutil.Process().children() if "nats" in one.name()]
        async with delivering(site, mosquitto, sender), delivering(site, mosquitto, other):
            await wardlink(site, "gateway", "revoke", "ward-a", "--why", "lost")
            await until(lambda: "CN=ward-a" not in str(mosquitto.users()))
            await until(lambda: "administrative action" in mosquitto.log())
            assert mosquitto.log().count("administrative action") == 1
        async with delivering(site, mosquitto, other):
            sender.block()
            async with sender.connected(site.port, site.tls["ward-a"]) as shut_out:
                await shut_out.send_pending()
    async with site.running(), delivering(site, mosquitto, other):
        assert {one.gateway: one.committed for one in await site.ledger()} == {"ward-a": 1, "ward-b": 3}


@pytest.mark.sqlite_only("asks the file itself")
async def test_no_session_outlives_its_certificate(external: tuple[Site, Mosquitto]) -> None:
    site, mosquitto = external
    mosquitto.start()
    async with (
        site.running(),
        delivering(site, mosquitto, Sender()),
        delivering(site, mosquitto, Sender("ward-b", "ox-2")),
    ):
        assert "administrative action" not in mosquitto.log()
        with closing(sqlite3.connect(site.config.database)) as db, db:
            db.execute("UPDATE certificate SET expires_utc_s = unixepoch() WHERE gateway = 'ward-a'")
        await until(lambda: "CN=ward-a," not in str(mosquitto.users()))
        await until(lambda: mosquitto.log().count("administrative action") == 1)
        async with delivering(site, mosquitto, Sender("ward-b", "ox-2")):
            pass


@pytest.mark.sqlite_only("asks the file itself")
async def test_a_gateway_as_it_is_delivers_what_a_device_measures(external: tuple[Site, Mosquitto]) -> None:
    """All lanes, birth, state and will go by the same rules; a revoked one delivers nothing more."""
    site, mosquitto = external
    mosquitto.start()
    url = f"mqtts://127.0.0.1:{mosquitto.port}"
    async with site.running():
        await until(lambda: "CN=ward-a," in str(mosquitto.users()))
        with Ox() as ox:
            identity = site.folder / "identities" / "ward-a"
            box = write_config(site.folder, url, ox.port, identity=identity)
            task = asyncio.create_task(gateway_app.run(gateway_config.load(box)))
            try:
                await measured(site, 20)
                await wardlink(site, "gateway", "revoke", "ward-a")
                await until(lambda: "CN=ward-a," not in str(mosquitto.users()))
                await until(lambda: "administrative action" in mosquitto.log())
                [(before,)] = await site.rows("SELECT count(*) FROM observation")
                await until(
                    lambda: mosquitto.log().count("u'serialNumber=") > FOUR_LANES + 1
                )  # it came again
                assert await site.rows("SELECT count(*) FROM observation") == [(before,)]
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def measured(site: Site, readings: int) -> None:
    """Wait until so many are in the database."""
    database = sqlite3.connect(f"file:{site.config.database}?mode=ro", uri=True)
    with closing(database) as db:
        await until(lambda: db.execute("SELECT count(*) FROM observation").fetchone()[0] >= readings)


async def test_a_claim_names_its_address_and_lets_a_gateway_in_there(
    external: tuple[Site, Mosquitto],
) -> None:
    site, mosquitto = external
    async with site.running():  # the broker is not even there yet
        folder: IdentityFolder = await enrolled(site)
        assert folder.load().mqtt == f"mqtts://127.0.0.1:{mosquitto.port}"
        mosquitto.start()
        site.tls["ward-c"] = folder.context()
        async with delivering(site, mosquitto, Sender("ward-c", "ox-3")):
            mosquitto.kill()
            mosquitto.forget()
            mosquitto.start()
        async with delivering(site, mosquitto, Sender("ward-c", "ox-3")):
            pass


async def test_the_files_hold_no_secret_but_the_brokers_key(external: tuple[Site, Mosquitto]) -> None:
    site, _ = external
    files = {one.name: one for one in (site.folder / "mosquitto").iterdir()}
    secret = [name for name, one in files.items() if "PRIVATE KEY" in one.read_text(encoding="utf-8")]
    assert secret == ["server.key"]
    assert stat.S_IMODE(files["server.key"].stat().st_mode) == 0o600
    issuing = (site.config.data / "ca" / "issuing.key").read_text(encoding="utf-8")
    assert issuing not in files["server.key"].read_text(encoding="utf-8")


async def test_with_a_signing_request_the_brokers_key_never_leaves_its_host(site: Site) -> None:
    site = configured(site, "mqtts://broker.hospital.example")
    key, name = new_key(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.hospital.example")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    file, out = site.folder / "broker.csr", site.folder / "out"
    file.write_bytes(request.public_bytes(Encoding.PEM))
    told = await wardlink(site, "broker-config", "--out", str(out), "--request", str(file))
    assert sorted(map(str, out.iterdir())) == sorted(told.split())
    assert not (out / "server.key").exists()
    given = x509.load_pem_x509_certificates((out / "server.pem").read_bytes())[0]
    assert given.public_key() == key.public_key()
    hosts = given.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert hosts.get_values_for_type(x509.DNSName) == ["broker.hospital.example"]


REFUSED = [
    (b"garbage", "expected a certificate signing request in PEM"),
    (None, "cannot be read"),
]


@pytest.mark.parametrize(("request_", "told"), REFUSED)
async def test_a_request_that_cannot_be_used_is_told(site: Site, request_: bytes | None, told: str) -> None:
    configured(site, "mqtts://broker.hospital.example")
    file = site.folder / "broker.csr"
    if request_ is not None:
        file.write_bytes(request_)
    arguments = ["broker-config", "--out", str(site.folder / "out"), "--request", str(file)]
    answer = CliRunner().invoke(app, [*arguments, "-c", str(site.folder / "controller.toml")])
    assert (answer.exit_code, told in answer.output) == (1, True)
    assert not (site.folder / "out").exists()


async def test_without_an_external_broker_there_is_nothing_to_make(site: Site) -> None:
    arguments = [
        "broker-config",
        "--out",
        str(site.folder / "out"),
        "-c",
        str(site.folder / "controller.toml"),
    ]
    answer = CliRunner().invoke(app, arguments)
    assert (answer.exit_code, "mqtt.url" in answer.output) == (1, True)
