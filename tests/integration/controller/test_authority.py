"""The authority's keys are replaced while everything runs: command, controller, broker, gateways are real."""

import asyncio
import random
import ssl
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509

from controller.audit.checkup import Published
from controller.audit.heads import Reader, signing_keys
from controller.audit.verify import verify
from controller.broker import Broker
from controller.clock import SystemClock as ControllerClock
from controller.errors import ClockNotSet
from controller.identity.files import CONTROLLER, SERVER, held_authority, open_authority
from controller.identity.site import SiteIdentity
from controller.identity.takeover import ISSUERS
from controller.store import Store
from controller.store.beside import reading
from devices.wire import cose
from devices.wire.block import Lane
from gateway.clock import SystemClock
from gateway.enrolment.enrol import enrol
from gateway.enrolment.est import Est
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.messages import signing_request
from gateway.enrolment.renewal import Renewal
from gateway.orders.verify import verified
from tests.integration.controller.conftest import Site
from tests.integration.controller.identity.test_est_clients import must
from tests.integration.controller.test_letting_in import (
    Unset,
    claimed,
    enrolled,
    is_heard,
    is_shut_out,
    wardlink,
)
from tests.support.est import now
from tests.support.sender import Sender, until


def ca(site: Site) -> Path:
    return site.config.data / "ca"


def certificates(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


async def replaced(site: Site, what: str) -> None:
    """By the command; the running controller has followed."""
    await wardlink(site, "authority", what)
    issuing = certificates(ca(site) / "issuing.pem")
    await until(lambda: certificates(ca(site) / SERVER)[1:2] == issuing)
    await asyncio.sleep(0.3)  # the broker has read it


@pytest.mark.parametrize("what", ["renew", "new-root"])
async def test_no_live_gateway_is_dropped_and_old_and_new_certificates_let_in(site: Site, what: str) -> None:
    async with site.running():
        old = await enrolled(site)
        sender = Sender("ward-c")
        async with sender.connected(site.port, old.context()) as connection:
            sender.block()
            await connection.drain()
            await replaced(site, what)
            sender.block()
            await connection.drain()
            assert connection._client._client.is_connected()
        assert len(list(sender.committed[Lane.VITAL])) == 1  # one range, without a hole
        await is_heard(site, "ward-c", old.context())
        new = await enrolled(site, "ward-d")
        assert new.load().chain[1] != old.load().chain[1]
        await is_heard(site, "ward-d", new.context())


async def renewed(folder: IdentityFolder) -> Identity:
    """By the gateway's own renewal, as if it were due."""
    done = asyncio.Event()
    told = lambda _: done.set(), lambda *_: None
    renewal = Renewal(folder, SystemClock(), random.Random(1), *told, tick_s=0.01)
    renewal.hurry()
    task = asyncio.create_task(renewal.run())
    await asyncio.wait_for(done.wait(), 20)
    task.cancel()
    await asyncio.wait({task})
    return folder.load()


async def test_a_gateway_obeys_before_and_after_it_renews_into_a_new_root(site: Site) -> None:
    async with site.running():
        folder = await enrolled(site)
        before = folder.load()
        (site.folder / "old.pem").write_bytes((ca(site) / "root.pem").read_bytes())
        await replaced(site, "new-root")
        data = await ordered(site, folder.context())
        held = await renewed(folder)
        assert verified(data, cose.COMMAND, before) == verified(data, cose.COMMAND, held)
        assert held.roots == (*certificates(ca(site) / "root.pem"), *certificates(site.folder / "old.pem"))
        await is_heard(site, "ward-c", folder.context())
        host, port = site.addresses()["est"].removeprefix("https://").split(":")
        for root in ("old.pem", "controller-data/ca/root.pem"):
            connect = f"openssl s_client -connect {host}:{port} -verify_return_error -brief -x509_strict"
            said = await must(site.folder, f"{connect} -verify_ip {host} -CAfile {root}")
            assert "Verification: OK" in said


async def ordered(site: Site, tls: ssl.SSLContext) -> bytes:
    """A command as it comes to ward-c."""
    async with aiomqtt.Client("127.0.0.1", site.port, tls_context=tls, timeout=5) as client:
        await client.subscribe("wl/1/ward-c/down/command")
        await wardlink(site, "order", "command", "ward-c", "identify")
        message = await anext(aiter(client.messages))
        return bytes(message.payload)


async def test_the_trail_is_verified_with_the_keys_of_then(site: Site) -> None:
    """The command after a restart, and the page of the controller that goes on."""
    heads = site.config.data / "audit" / "heads.jws"
    async with site.running():
        await enrolled(site)
        await until(heads.exists)
        await replaced(site, "renew")
        assert "heads agree" in await wardlink(site, "audit", "verify")
    count = len(heads.read_text().splitlines())
    async with site.running():
        await until(lambda: len(heads.read_text().splitlines()) > count)
    told = await wardlink(site, "audit", "verify")
    assert f"{count + 1} published heads agree" in told
    authority = held_authority(ca(site), now())
    published = Published((heads,), lambda: Reader(signing_keys(authority)))
    with reading(site.config.database) as db:
        assert verify(db, published.heads()).heads == count + 1
    (ca(site) / "retired").rename(site.folder / "lost")
    with reading(site.config.database) as db:
        alone = Published((heads,), lambda: Reader([authority.key.public_key()]))
        assert not verify(db, alone.heads()).is_whole


async def test_a_receipt_of_before_is_verified_with_the_root_of_then(site: Site) -> None:
    async with site.running():
        await enrolled(site)
        receipt = await wardlink(site, "gateway", "decommission", "ward-c", "--why", "scrapped")
        (site.folder / "receipt").write_text(receipt)
        await replaced(site, "new-root")
        retired = next((ca(site) / "retired").glob("root-*.pem"))
        check = "openssl cms -verify -in receipt -purpose any -no_check_time -CAfile"
        assert "gateway-decommissioned" in await must(site.folder, f"{check} {retired}")
        await enrolled(site, "ward-d")
        receipt = await wardlink(site, "gateway", "decommission", "ward-d", "--why", "scrapped")
        (site.folder / "receipt").write_text(receipt)
        for root in (retired, ca(site) / "root.pem"):
            assert "gateway-decommissioned" in await must(site.folder, f"{check} {root}")


async def test_the_old_one_is_taken_until_its_last_certificate_has_ended(site: Site) -> None:
    open_authority(ca(site), now())
    await wardlink(site, "authority", "renew")
    both, issuing = certificates(ca(site) / ISSUERS), certificates(ca(site) / "issuing.pem")
    assert len(both) == 2
    broker = Broker(site.folder / "broker", ca(site), "127.0.0.1", 0)
    store = await Store.open(site.config.database)
    for query, expected in (
        ("UPDATE certificate SET expires_utc_s = 1 WHERE gateway <> 'ward-a'", both),
        ("UPDATE certificate SET expires_utc_s = 1", issuing),
    ):
        await store.write(lambda db, query=query: db.execute(query))
        await SiteIdentity(ca(site), ("127.0.0.1",), ControllerClock()).admit(store, broker)
        assert certificates(ca(site) / ISSUERS) == expected
    await store.close()
    async with site.running():
        assert await is_shut_out(site, site.tls["ward-a"])
        await is_heard(site, "ward-d", (await enrolled(site, "ward-d")).context())


class TestClock:
    """A controller whose host does not know the time."""

    def test_it_makes_no_authority(self, tmp_path: Path) -> None:
        with pytest.raises(ClockNotSet, match="set it"):
            SiteIdentity(tmp_path / "ca", ("127.0.0.1",), Unset())
        assert not (tmp_path / "ca").exists()
        assert SiteIdentity(tmp_path / "ca", ("127.0.0.1",), ControllerClock()).authority

    async def test_it_serves_and_gives_neither_claims_nor_certificates(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_authority(ca(site), now())
        async with site.running():
            claim = await claimed(site)
            folder = IdentityFolder(site.folder / "box")
            monkeypatch.setattr(ControllerClock, "utc_us", Unset.utc_us)
            asked = Est(claim.est)._call(
                ssl._create_unverified_context(),
                *("POST", "simpleenroll", signing_request(folder.waiting_key(), x509.Name([]))),
                {"Authorization": "Basic d2FyZC1jOng="},
            )
            with pytest.raises(Exception, match=r"clock says 1970.*set it"):
                await asked
            with pytest.raises(AssertionError, match=r"clock says 1970.*set it"):
                await claimed(site, "ward-d")
            monkeypatch.undo()
            await enrol(folder, claim, "ward-c", SystemClock())
        assert (ca(site) / CONTROLLER).exists()


async def test_claims_used_twice_are_told_apart_and_over_a_restart(site: Site) -> None:
    async with site.running():
        for name in ("ward-c", "ward-d"):
            claim = await claimed(site, name)
            await enrol(IdentityFolder(site.folder / "first" / name), claim, name, SystemClock())
            with pytest.raises(Exception, match="used-token"):
                await enrol(IdentityFolder(site.folder / "second" / name), claim, name, SystemClock())
    rows = await site.rows("SELECT gateway, place FROM claim_used_twice ORDER BY gateway")
    assert rows == [("ward-c", "127.0.0.1"), ("ward-d", "127.0.0.1")]
    async with site.running():
        await claimed(site, "ward-c")
        await wardlink(site, "gateway", "revoke", "ward-d")
    assert await site.rows("SELECT * FROM claim_used_twice") == []
