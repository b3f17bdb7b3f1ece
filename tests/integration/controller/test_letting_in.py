"""From the engineer's command to a gateway that is heard, and out again: nothing here is simulated."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.clock import SystemClock as ControllerClock
from controller.identity.site import SiteIdentity
from devices.model.claim import Claim
from devices.wire.block import Lane
from gateway.clock import SystemClock
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import EnrolmentError
from tests.integration.controller.conftest import Site
from tests.support.sender import Sender, until


async def wardlink(site: Site, *command: str) -> str:
    """`wardlink controller …` in another thread, beside the running controller."""
    arguments = [*command, "-c", str(site.folder / "controller.toml")]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


async def claimed(site: Site, name: str = "ward-c") -> Claim:
    """An engineer provisions a gateway."""
    file = site.folder / f"{name}.claim"
    await wardlink(site, "gateway", "provision", name, "--place", "w-1", "--out", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    return Claim.from_text(file.read_text(encoding="utf-8").strip())


async def enrolled(site: Site, name: str = "ward-c") -> IdentityFolder:
    """The gateway uses its claim."""
    folder = IdentityFolder(site.folder / "box" / name)
    await enrol(folder, await claimed(site, name), name, SystemClock())
    return folder


async def is_heard(site: Site, name: str, tls: ssl.SSLContext) -> None:
    """Blocks of the gateway come into the ledger."""
    sender = Sender(name)
    sender.block()
    async with sender.connected(site.port, tls) as connection:
        await connection.drain()
    assert sender.committed[Lane.VITAL]


async def is_shut_out(site: Site, tls: ssl.SSLContext) -> bool:
    with suppress(aiomqtt.MqttError, ssl.SSLError, OSError):
        async with aiomqtt.Client("127.0.0.1", site.port, tls_context=tls, timeout=5):
            return False
    return True


async def test_a_claim_lets_a_gateway_in_at_once(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
        assert folder.load().mqtt == site.addresses()["mqtt"]
        await is_heard(site, "ward-c", folder.context())
        assert "certificate until" in await wardlink(site, "gateway", "list")


async def test_a_claim_is_good_for_one_box(site: Site) -> None:
    async with site.running():
        claim = await claimed(site)
        await enrol(IdentityFolder(site.folder / "first"), claim, "ward-c", SystemClock())
        with pytest.raises(EnrolmentError):
            await enrol(IdentityFolder(site.folder / "second"), claim, "ward-c", SystemClock())
        [(outcome,)] = await site.rows(
            "SELECT json_extract(entry, '$.outcome') FROM audit "
            "WHERE action = 'gateway-enrolled' ORDER BY number DESC LIMIT 1"
        )
    assert outcome == "refused"


async def test_revoking_ends_the_live_session_and_keeps_it_out(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
        tls = folder.context()
        async with Sender("ward-c").connected(site.port, tls) as connection:
            await wardlink(site, "gateway", "revoke", "ward-c", "--why", "lost")
            await until(lambda: not connection._client._client.is_connected())
        assert await is_shut_out(site, folder.context())
        await is_heard(site, "ward-a", site.tls["ward-a"])


async def test_decommissioning_revokes_and_gives_a_receipt(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
        await is_heard(site, "ward-c", folder.context())
        receipt = await wardlink(site, "gateway", "decommission", "ward-c", "--why", "scrapped")
        assert "multipart/signed" in receipt
        async with asyncio.timeout(20):
            while not await is_shut_out(site, folder.context()):  # noqa: ASYNC110 - another process's
                await asyncio.sleep(0.1)


@pytest.mark.sqlite_only("changes the file itself")
async def test_a_certificate_that_ends_meanwhile_ends_its_session(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
        async with Sender("ward-c").connected(site.port, folder.context()) as connection:
            await expires_now(site)
            await until(lambda: not connection._client._client.is_connected())
        assert await is_shut_out(site, folder.context())


async def expires_now(site: Site) -> None:
    """As if its thirty days were over."""

    def work() -> None:
        import sqlite3  # noqa: PLC0415

        with sqlite3.connect(site.config.database) as db:
            db.execute("UPDATE certificate SET expires_utc_s = 1 WHERE gateway = 'ward-c'")

    await asyncio.to_thread(work)


async def test_a_restarted_controller_is_the_same_authority(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
    async with site.running():
        await is_heard(site, "ward-c", folder.context())


def test_a_host_whose_clock_is_not_set_yet_keeps_the_certificates_that_are_good(site: Site) -> None:
    folder = site.config.data / "ca"
    SiteIdentity(folder, ("127.0.0.1",), ControllerClock())
    files = [folder / name for name in ("server.pem", "controller.pem")]
    before = [file.read_bytes() for file in files]
    SiteIdentity(folder, ("127.0.0.1",), Unset())
    assert [file.read_bytes() for file in files] == before


class Unset(ControllerClock):
    """A host that booted into 1970."""

    def utc_us(self) -> int:
        return 86_400_000_000


def test_what_the_authority_keeps_is_private(site: Site) -> None:
    kept = [path for path in (site.config.data / "ca").iterdir() if path.suffix in (".key", ".pem")]
    assert len(kept) >= 4
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


@pytest.mark.parametrize("section", ["mqtt", "est"])
def test_a_controller_at_every_address_needs_a_name(tmp_path: Path, section: str) -> None:
    file = tmp_path / "controller.toml"
    file.write_text(f'[{section}]\nhost = "0.0.0.0"\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["run", str(file)])
    assert result.exit_code == 1
    assert "names = " in result.output
