"""The broker's connection: the pinned root and nobody else, the host's name, and our own certificate."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.enrolment.identity import IdentityFolder
from tests.support.est import LIFE, Shown, server_context, server_identity
from tests.unit.gateway.enrolment.made import authority, identity

OURS, OTHER = authority(), authority()
YEAR = timedelta(days=365)


@pytest.fixture
def folder(tmp_path: Path) -> IdentityFolder:
    folder = IdentityFolder(tmp_path / "identity")
    folder.install(identity(OURS))
    return folder


def broker(folder: Path, shown: Shown, *, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """It wants a certificate of our authority."""
    context = server_context(folder, shown)
    context.load_verify_locations(cadata=OURS.root.public_bytes(Encoding.DER))
    context.verify_mode = ssl.CERT_REQUIRED
    if newest:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = newest
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def shaken(client: ssl.SSLContext, server: ssl.SSLContext, host: str = "127.0.0.1") -> ssl.SSLObject:
    """The server's side of a handshake in memory. Raises ssl.SSLError."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=host)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (ours, theirs) * 4:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return theirs


def test_both_ends_know_each_other(folder: IdentityFolder, tmp_path: Path) -> None:
    server = broker(tmp_path, server_identity(OURS, "127.0.0.1"))
    seen = shaken(folder.context(), server).getpeercert(binary_form=True)
    assert seen == folder.load().certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("shown", "host", "why"),
    [
        (server_identity(OTHER, "127.0.0.1"), "127.0.0.1", "self-signed|unable to get"),
        (server_identity(OURS, "127.0.0.2"), "127.0.0.1", "IP address mismatch"),
        (server_identity(OURS, "127.0.0.1"), "127.0.0.2", "IP address mismatch"),
        (server_identity(OURS, "broker.a"), "broker.b", "Hostname mismatch"),
        (server_identity(OURS, "127.0.0.1", age=YEAR), "127.0.0.1", "expired"),
        (server_identity(OURS, "127.0.0.1", age=-YEAR), "127.0.0.1", "not yet valid"),
        ((identity(OURS).key, list(identity(OURS).chain)), "127.0.0.1", "KEY_VALUES_MISMATCH|key values"),
    ],
    ids=["other-root", "other-host", "asked-for-another", "other-name", "expired", "future", "no-key"],
)
def test_any_other_broker_is_refused(
    folder: IdentityFolder, tmp_path: Path, shown: Shown, host: str, why: str
) -> None:
    with pytest.raises(ssl.SSLError, match=why):
        shaken(folder.context(), broker(tmp_path, shown), host)


def test_another_gateway_is_no_broker(folder: IdentityFolder, tmp_path: Path) -> None:
    """Its certificate is under the same root, but for clients."""
    other = identity(OURS, "ward-b")
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        shaken(folder.context(), broker(tmp_path, (other.key, list(other.chain))), "ward-b")


@pytest.mark.parametrize("age", [YEAR, -YEAR], ids=["expired", "future"])
def test_a_box_without_the_time_does_not_ask_for_dates_but_for_all_else(
    folder: IdentityFolder, tmp_path: Path, age: timedelta
) -> None:
    context = folder.context(check_time=False)
    assert shaken(context, broker(tmp_path, server_identity(OURS, "127.0.0.1", age=age)))
    for wrong in (server_identity(OTHER, "127.0.0.1"), server_identity(OURS, "127.0.0.2")):
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(context, broker(tmp_path, wrong))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls_older_than_1_2_is_not_spoken(folder: IdentityFolder, tmp_path: Path) -> None:
    shown = server_identity(OURS, "127.0.0.1")
    assert shaken(folder.context(), broker(tmp_path, shown, newest=ssl.TLSVersion.TLSv1_2))
    with pytest.raises(ssl.SSLError):
        shaken(folder.context(), broker(tmp_path, shown, newest=ssl.TLSVersion.TLSv1_1))


def test_the_life_of_a_test_certificate_is_shorter_than_its_age() -> None:
    assert LIFE < YEAR
