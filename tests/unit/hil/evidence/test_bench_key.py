"""The bench's key: made once, private, and good for evidence only."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devices.wire import cose
from hil.errors import BadBundle, NotReady
from hil.evidence.bench_key import BenchKey, verify


def test_it_is_made_at_first_use_and_stays(tmp_path: Path) -> None:
    first = BenchKey.of(tmp_path / "keys")
    assert BenchKey.of(tmp_path / "keys").fingerprint == first.fingerprint
    assert BenchKey.of(tmp_path / "other").fingerprint != first.fingerprint


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    BenchKey.of(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys" / "bench-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_file_that_is_no_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "bench-key.pem").write_text("precious")
    with pytest.raises(NotReady, match="restore it"):
        BenchKey.of(tmp_path)
    assert (tmp_path / "bench-key.pem").read_text() == "precious"


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "bench-key.pem").write_bytes(pem)
    with pytest.raises(NotReady, match="P-256"):
        BenchKey.of(tmp_path)


def test_what_it_signs_verifies_and_nothing_else_does(tmp_path: Path) -> None:
    key, other = BenchKey.of(tmp_path / "a"), BenchKey.of(tmp_path / "b")
    signed = key.sign(b"manifest")
    verify(b"manifest", signed, key.public_pem)
    for manifest, public in ((b"another", key.public_pem), (b"manifest", other.public_pem)):
        with pytest.raises(BadBundle):
            verify(manifest, signed, public)


def test_what_was_signed_as_something_else_is_no_evidence(tmp_path: Path) -> None:
    key = BenchKey.of(tmp_path)
    protected = cose.protect(cose.COMMAND, bytes.fromhex(key.fingerprint))
    signed = cose.read_signed(key.sign(b"manifest"))
    as_command = cose.pack_signed(protected, signed.payload, signed.signature)
    with pytest.raises(BadBundle, match="of something else"):
        verify(b"manifest", as_command, key.public_pem)


@pytest.mark.parametrize(
    "public", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"]
)
def test_a_public_key_that_is_none_is_refused(tmp_path: Path, public: bytes) -> None:
    with pytest.raises(BadBundle, match="cannot be read"):
        verify(b"manifest", BenchKey.of(tmp_path).sign(b"manifest"), public)
