"""The authority's folder: made once and read for ever, or a site's own; own certificates kept fresh."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import AuthorityError
from controller.identity.authority import Authority, new_authority, new_key
from controller.identity.files import (
    CONTROLLER,
    ISSUING,
    ISSUING_KEY,
    ROOT,
    ROOT_KEY,
    SERVER,
    Lives,
    is_due,
    keep_controller,
    keep_server,
    open_authority,
)
from tests.support.signing import pem
from tests.unit.controller.identity.conftest import NOW

LIFE = Lives().server
DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ca"


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def lay(folder: Path, root: bytes, issuing: bytes, key: bytes) -> None:
    """A site puts its own authority there."""
    folder.mkdir()
    for name, data in ((ROOT, root), (ISSUING, issuing), (ISSUING_KEY, key)):
        (folder / name).write_bytes(data)


class TestFirstStart:
    def test_an_authority_is_made_once_and_found_again(self, folder: Path) -> None:
        made = open_authority(folder, NOW)
        again = open_authority(folder, NOW + DAY)
        assert (again.root, again.issuing) == (made.root, made.issuing)
        assert again.key.public_key() == made.key.public_key()
        assert again.fingerprint == made.root.fingerprint(hashes.SHA256()).hex()

    def test_two_sites_have_two(self, tmp_path: Path) -> None:
        assert open_authority(tmp_path / "a", NOW).root != open_authority(tmp_path / "b", NOW).root

    def test_only_its_owner_can_read_any_of_it(self, folder: Path) -> None:
        open_authority(folder, NOW)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}

    def test_the_roots_key_can_be_taken_away(self, folder: Path) -> None:
        made = open_authority(folder, NOW)
        (folder / ROOT_KEY).unlink()
        assert open_authority(folder, NOW).root == made.root

    def test_an_empty_folder_is_filled(self, folder: Path) -> None:
        folder.mkdir()
        assert open_authority(folder, NOW).root

    def test_what_a_power_cut_left_half_made_is_made_anew(self, folder: Path) -> None:
        beside = folder.with_name("ca.new")
        beside.mkdir()
        (beside / ROOT).write_text("half")
        assert open_authority(folder, NOW) and open_authority(folder, NOW)
        assert not beside.exists()

    @pytest.mark.parametrize("lost", [ROOT, ISSUING, ISSUING_KEY])
    def test_a_lost_file_is_told_and_nothing_is_made_in_its_place(self, folder: Path, lost: str) -> None:
        open_authority(folder, NOW)
        (folder / lost).unlink()
        with pytest.raises(AuthorityError, match=f"there is no {lost}: .*restore"):
            open_authority(folder, NOW)
        assert not (folder / lost).exists()

    def test_a_root_key_without_its_root_is_never_overwritten(self, folder: Path) -> None:
        folder.mkdir()
        (folder / ROOT_KEY).write_text("precious")
        with pytest.raises(AuthorityError, match="restore it from its backup"):
            open_authority(folder, NOW)
        assert (folder / ROOT_KEY).read_text() == "precious"


class TestOwnAuthority:
    def test_a_sites_own_is_taken(self, folder: Path, authority: Authority) -> None:
        lay(folder, pem(authority.root), pem(authority.issuing), pem(authority.key))
        assert open_authority(folder, NOW).fingerprint == authority.fingerprint
        assert not (folder / ROOT_KEY).exists()
        assert (folder / ISSUING_KEY).stat().st_mode & 0o777 == 0o600

    def test_an_issuing_certificate_of_another_root_is_refused(
        self, folder: Path, authority: Authority
    ) -> None:
        other = new_authority(NOW)[0]
        lay(folder, pem(authority.root), pem(other.issuing), pem(other.key))
        with pytest.raises(AuthorityError, match=r"issuing.pem: expected a certificate signed by root.pem"):
            open_authority(folder, NOW)

    def test_another_key_is_refused(self, folder: Path, authority: Authority) -> None:
        lay(folder, pem(authority.root), pem(authority.issuing), pem(new_key()))
        with pytest.raises(AuthorityError, match=r"issuing.key: expected the key of issuing.pem"):
            open_authority(folder, NOW)

    def test_a_certificate_that_may_not_sign_is_refused(self, folder: Path, authority: Authority) -> None:
        key = new_key()
        lay(folder, pem(authority.issuing), pem(authority.issuing), pem(authority.key))
        with pytest.raises(AuthorityError, match=r"root.pem: expected a certificate signed by root.pem"):
            open_authority(folder, NOW)
        server = authority.server(["h"], key.public_key(), NOW, LIFE)
        (folder / ROOT).write_bytes(pem(authority.root))
        (folder / ISSUING).write_bytes(pem(server))
        with pytest.raises(AuthorityError, match=r"issuing.pem: expected a certificate signed by"):
            open_authority(folder, NOW)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"root_below": 0}, r"root.pem: expected a path length of 1 or none"),
            ({"issuing_ca": False}, r"issuing.pem: expected a certificate authority"),
            ({"issuing_signs": False}, r"issuing.pem: expected a certificate authority"),
        ],
    )
    def test_an_authority_that_could_not_be_verified_is_refused(
        self, folder: Path, changes: dict[str, int], expected: str
    ) -> None:
        root, issuing, key = site_authority(**changes)
        lay(folder, pem(root), pem(issuing), pem(key))
        with pytest.raises(AuthorityError, match=expected):
            open_authority(folder, NOW)

    @pytest.mark.parametrize("root_below", [1, 5, None])
    def test_one_that_can_be_is_taken(self, folder: Path, root_below: int | None) -> None:
        root, issuing, key = site_authority(root_below=root_below)
        lay(folder, pem(root), pem(issuing), pem(key))
        assert open_authority(folder, NOW).issuing == issuing

    def test_one_that_has_not_begun_is_taken_for_the_clock_is_behind(self, folder: Path) -> None:
        made = open_authority(folder, NOW)
        assert open_authority(folder, NOW - 20_000 * DAY).fingerprint == made.fingerprint

    @pytest.mark.parametrize("days", [1826, 4000])
    def test_one_that_has_ended_is_refused(self, folder: Path, days: int) -> None:
        open_authority(folder, NOW)
        with pytest.raises(AuthorityError, match=r"it holds from 20.* authority renew"):
            open_authority(folder, NOW + days * DAY)

    @pytest.mark.parametrize("name", [ROOT, ISSUING, ISSUING_KEY])
    @pytest.mark.parametrize(
        "data", [b"", b"\xff\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_a_file_that_is_something_else_is_named(self, folder: Path, name: str, data: bytes) -> None:
        open_authority(folder, NOW)
        (folder / name).write_bytes(data)
        with pytest.raises(AuthorityError, match=f"{name}: expected a"):
            open_authority(folder, NOW)

    def test_a_second_root_would_be_trusted_unseen_and_is_refused(
        self, folder: Path, authority: Authority
    ) -> None:
        both = pem(authority.root, new_authority(NOW)[0].root)
        lay(folder, both, pem(authority.issuing), pem(authority.key))
        with pytest.raises(AuthorityError, match="expected one certificate, got 2"):
            open_authority(folder, NOW)

    def test_a_key_of_another_kind_is_refused(self, folder: Path, authority: Authority) -> None:
        key = rsa.generate_private_key(65537, 2048)
        lay(folder, pem(authority.root), pem(authority.issuing), pem(key))  # type: ignore[arg-type]
        with pytest.raises(AuthorityError, match="expected a P-256 key"):
            open_authority(folder, NOW)


def site_authority(
    *, root_below: int | None = 1, issuing_ca: bool = True, issuing_signs: bool = True
) -> tuple[x509.Certificate, x509.Certificate, ec.EllipticCurvePrivateKey]:
    """What a site's own tools may have made."""
    root_key, key = new_key(), new_key()

    def signed(
        name: str, own: ec.EllipticCurvePrivateKey, constraints: x509.BasicConstraints, *, signs: bool = True
    ) -> x509.Certificate:
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        no = dict.fromkeys((*others, "crl_sign", "encipher_only", "decipher_only"), False)
        return (
            x509.CertificateBuilder(
                _name("Site root"), _name(name), own.public_key(), 7, NOW - DAY, NOW + 99 * DAY
            )
            .add_extension(constraints, critical=True)
            .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=signs, **no), critical=True)
            .sign(root_key, hashes.SHA256())
        )

    root = signed("Site root", root_key, x509.BasicConstraints(ca=True, path_length=root_below))
    constraints = x509.BasicConstraints(ca=issuing_ca, path_length=None)
    return root, signed("Site issuing", key, constraints, signs=issuing_signs), key


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


Keep = Callable[[timedelta], bool]


class TestServerCertificate:
    NAMES = ("controller.ward", "10.0.0.5", "0:0::1")

    @pytest.fixture
    def keep(self, folder: Path) -> Keep:
        authority = open_authority(folder, NOW)
        return lambda later: keep_server(folder, authority, self.NAMES, NOW + later, LIFE)

    def test_it_is_one_file_that_tls_takes_as_it_is(self, folder: Path, keep: Keep) -> None:
        assert keep(0 * DAY)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(folder / SERVER)
        assert len(x509.load_pem_x509_certificates((folder / SERVER).read_bytes())) == 2  # with its issuer
        assert (folder / SERVER).stat().st_mode & 0o777 == 0o600

    def test_it_stays_until_two_thirds_of_its_life_are_over(self, folder: Path, keep: Keep) -> None:
        keep(0 * DAY)
        first = (folder / SERVER).read_bytes()
        assert not keep(59 * DAY)
        assert (folder / SERVER).read_bytes() == first
        assert keep(60 * DAY)
        assert certificate(folder / SERVER).not_valid_after_utc == NOW + 60 * DAY + LIFE
        assert not keep(61 * DAY)

    def test_a_clock_that_was_ahead_leaves_no_certificate_of_the_future(
        self, folder: Path, keep: Keep
    ) -> None:
        keep(300 * DAY)
        assert keep(0 * DAY)
        assert certificate(folder / SERVER).not_valid_before_utc < NOW

    def test_other_names_need_another(self, folder: Path, keep: Keep) -> None:
        keep(0 * DAY)
        authority = open_authority(folder, NOW)
        assert keep_server(folder, authority, ("elsewhere",), NOW, LIFE)
        assert not keep_server(folder, authority, ("elsewhere",), NOW, LIFE)

    def test_another_authority_needs_another(self, folder: Path, keep: Keep) -> None:
        keep(0 * DAY)
        assert keep_server(folder, new_authority(NOW)[0], self.NAMES, NOW, LIFE)

    def test_a_spoiled_file_is_replaced(self, folder: Path, keep: Keep) -> None:
        (folder / SERVER).write_bytes(b"spoiled")
        assert keep(0 * DAY)


def test_the_controllers_own_certificate_is_kept_the_same_way(folder: Path) -> None:
    authority = open_authority(folder, NOW)
    assert keep_controller(folder, authority, "controller", NOW, LIFE)
    assert not keep_controller(folder, authority, "controller", NOW + 59 * DAY, LIFE)
    first = certificate(folder / CONTROLLER)
    assert keep_controller(folder, authority, "controller", NOW + 60 * DAY, LIFE)
    assert certificate(folder / CONTROLLER).public_key() != first.public_key()


@given(st.integers(1, 4000), st.floats(0, 1))
def test_a_certificate_is_due_in_its_last_third(days: int, part: float) -> None:
    one = AUTHORITY.client("a", KEY, NOW, days * DAY)
    begins, life = one.not_valid_before_utc, one.not_valid_after_utc - one.not_valid_before_utc
    assert is_due(one, begins + life * part) == (life * part >= life * 2 / 3)


AUTHORITY, KEY = new_authority(NOW)[0], new_key().public_key()
