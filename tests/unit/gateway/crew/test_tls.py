"""The box's own authority: what a tablet that trusts only it takes, and what it does not."""

import asyncio
import ssl
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.clock import SystemClock
from gateway.crew.tls import BEFORE_US, CA_LIFE_US, LEAF_LIFE_US, BoxAuthority
from gateway.enrolment.certificates import new_key
from gateway.errors import IdentityError
from tests.unit.gateway.crew.clock import TurnedClock

HOSTS = frozenset({"127.0.0.1", "crew.lan"})


def clock() -> TurnedClock:
    """Of the present: OpenSSL judges by the host's own clock."""
    return TurnedClock(utc_us=SystemClock().block_clock().utc_us)


def authority(folder: Path, at: TurnedClock | None = None, hosts: frozenset[str] = HOSTS) -> BoxAuthority:
    return BoxAuthority(folder / "crew", hosts, at or clock())


def tablet(box: BoxAuthority) -> ssl.SSLContext:
    """It trusts that authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=box.ca_der)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def reached(port: int, context: ssl.SSLContext, name: str) -> bytes:
    """The certificate of who is there, DER."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    leaf = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return leaf


@pytest.mark.parametrize("name", sorted(HOSTS))
async def test_a_tablet_that_trusts_the_box_reaches_it_by_its_names(tmp_path: Path, name: str) -> None:
    box = authority(tmp_path)
    async with serving(box.context()) as port:
        assert await reached(port, tablet(box), name)


async def test_without_trusting_it_nobody_reaches_it(tmp_path: Path) -> None:
    box, other = authority(tmp_path / "a"), authority(tmp_path / "b")
    async with serving(box.context()) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await reached(port, tablet(other), "crew.lan")
        with pytest.raises(ssl.SSLCertVerificationError):
            await reached(port, tablet(box), "bank.example")


@pytest.mark.parametrize("stolen_for", ["bank.example", "192.168.1.1"])
async def test_who_steals_its_key_can_be_nobody_but_the_box(tmp_path: Path, stolen_for: str) -> None:
    box = authority(tmp_path)
    own = box.context()
    thief = authority(tmp_path, hosts=frozenset({stolen_for}))
    thief._ca = box._authority()
    forged = thief._new_leaf(*thief._ca)
    path = tmp_path / "forged.pem"
    key = forged[1].private_bytes(Encoding.PEM, *_plain())
    path.write_bytes(forged[0].public_bytes(Encoding.PEM) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    async with serving(context) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
            await reached(port, tablet(box), stolen_for)
    async with serving(own) as port:
        assert await reached(port, tablet(box), "crew.lan")


def _plain() -> tuple[object, object]:
    return PrivateFormat.PKCS8, NoEncryption()


async def test_the_leaf_renews_itself_and_those_who_come_then_get_the_new_one(tmp_path: Path) -> None:
    at = clock()
    box = authority(tmp_path, at)
    async with serving(box.context()) as port:
        first = await reached(port, tablet(box), "crew.lan")
        at.turn((LEAF_LIFE_US - BEFORE_US) / 1e6 - 3600)
        assert not box.renew()
        at.turn(7200)
        # It begins an hour before it was made: the tablet of this test is of today.
        assert box.renew()
    renewed = x509.load_pem_x509_certificate((tmp_path / "crew" / "leaf.pem").read_bytes())
    assert renewed.serial_number != x509.load_der_x509_certificate(first).serial_number
    ahead_us = renewed.not_valid_after_utc.timestamp() * 1e6 - (at.utc_us or 0)
    assert ahead_us == pytest.approx(LEAF_LIFE_US, abs=2e6)
    assert not box.renew()


def test_the_authority_lasts_ten_years_and_over_restarts(tmp_path: Path) -> None:
    at = clock()
    first = authority(tmp_path, at).fingerprint
    at.turn((CA_LIFE_US - LEAF_LIFE_US) / 1e6 - 7200)
    assert authority(tmp_path, at).fingerprint == first
    at.turn(14_400)
    assert authority(tmp_path, at).fingerprint != first, "a leaf would outlive it"


def test_a_box_that_learns_the_time_makes_its_leaf_anew(tmp_path: Path) -> None:
    unset = TurnedClock(utc_us=None)
    box = authority(tmp_path, unset)
    box.context()
    unset.utc_us = clock().utc_us
    if (unset.utc_us or 0) > 1_767_225_600_000_000 + LEAF_LIFE_US - BEFORE_US:
        assert box.renew()
    assert not box.renew()


def test_another_name_needs_another_authority(tmp_path: Path) -> None:
    first = authority(tmp_path)
    first.context()
    second = authority(tmp_path, hosts=frozenset({"127.0.0.1", "other.lan"}))
    assert second.fingerprint != first.fingerprint
    assert second.renew(), "the leaf is of the other names"


def test_a_box_without_host_names_vouches_for_none(tmp_path: Path) -> None:
    box = authority(tmp_path, hosts=frozenset({"192.168.8.1"}))
    ca = x509.load_der_x509_certificate(box.ca_der)
    constraints = ca.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [str(one.value) for one in constraints.value.permitted_subtrees or ()] == [
        "192.168.8.1/32",
        "none.invalid",
    ]


def test_the_fingerprint_is_that_of_what_the_tablet_gets(tmp_path: Path) -> None:
    box = authority(tmp_path)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(box.ca_der)
    assert box.fingerprint.replace(":", "").lower() == digest.finalize().hex()


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    authority(tmp_path).context()
    for name in ("ca.pem", "leaf.pem"):
        assert stat.S_IMODE((tmp_path / "crew" / name).stat().st_mode) == 0o600
    (tmp_path / "crew" / "ca.pem").chmod(0o644)
    with pytest.raises(IdentityError, match="others can read it"):
        authority(tmp_path).context()


@pytest.mark.parametrize("held", [b"", b"nothing", new_key().private_bytes(Encoding.PEM, *_plain())])
def test_a_damaged_authority_is_said_and_not_made_anew(tmp_path: Path, held: bytes) -> None:
    """Tablets trust the old one: somebody has to know that they have to trust anew."""
    (tmp_path / "crew").mkdir()
    path = tmp_path / "crew" / "ca.pem"
    path.write_bytes(held)
    path.chmod(0o600)
    with pytest.raises(IdentityError, match="remove it"):
        authority(tmp_path).context()
