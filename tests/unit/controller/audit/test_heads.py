"""Signed heads: a line each, believed only from a key that is known, never torn."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from controller.audit.heads import KIND, Head, Reader, Signer, add_line, last_line, public_key
from controller.errors import BadHead
from controller.identity.authority import new_authority
from tests.support.trails import KEY, READER, UTC_US

HEAD = Head(7, bytes(range(32)), UTC_US)
LINE = Signer(KEY).sign(HEAD)


@given(st.integers(1, 2**62), st.binary(min_size=32, max_size=32), st.integers(0, 2**62))
def test_a_head_comes_back_as_it_was_signed(number: int, digest: bytes, utc_us: int) -> None:
    head = Head(number, digest, utc_us)
    assert READER.read(Signer(KEY).sign(head)) == head


@given(st.integers(0, len(LINE) - 1), st.sampled_from("AZaz09_-."))
def test_a_changed_character_is_never_believed(place: int, other: str) -> None:
    changed = LINE[:place] + other + LINE[place + 1 :]
    try:
        assert READER.read(changed) == HEAD  # the last bits of a base64 text may say nothing
    except BadHead:
        assert changed != LINE


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_foreign_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(BadHead):
        READER.read(text)


def test_another_key_is_refused_and_believed_once_it_is_known() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    line = Signer(other).sign(HEAD)
    with pytest.raises(BadHead, match="known"):
        READER.read(line)
    assert Reader([KEY.public_key(), other.public_key()]).read(line) == HEAD


@pytest.mark.filterwarnings("ignore:JWS algorithm")
@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"alg": "none"}, {"kid": "x"}])
def test_what_the_same_key_signed_for_another_purpose_is_no_head(header: dict[str, str]) -> None:
    key = ECKey.import_key(
        Signer(KEY)._key.as_dict(private=True)  # the key in joserfc's own form
    )
    right = {"alg": "ES256", "kid": key.thumbprint(), "typ": KIND}
    payload = b'{"hash":"00","number":1,"utc_us":1}'
    assert READER.read(jws.serialize_compact(right, payload, key)).number == 1
    if header.get("alg") == "none":
        unsigned = jws.serialize_compact({**right, **header}, payload, key, algorithms=["none"])
    else:
        unsigned = jws.serialize_compact({**right, **header}, payload, key)
    with pytest.raises(BadHead):
        READER.read(unsigned)


def test_lines_are_appended_and_a_torn_one_makes_room(tmp_path: Path) -> None:
    file = tmp_path / "audit" / "heads.jws"
    assert last_line(tmp_path / "none") is None
    add_line(file, "first")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with file.open("ab") as torn:
        torn.write(b"seco")
    assert last_line(file) == "first"
    add_line(file, "second")
    assert file.read_text() == "first\nsecond\n"
    assert last_line(file) == "second"


def test_each_line_of_a_file_is_read_or_its_place_is_told(tmp_path: Path) -> None:
    file = tmp_path / "heads.jws"
    file.write_text(f"{LINE}\nnonsense\n")
    good, bad = READER.file(file)
    assert good.head == HEAD
    assert (bad.head, bad.source) == (None, f"{file}:2")
    with pytest.raises(BadHead, match="cannot be read"):
        next(READER.file(tmp_path / "none"))


def test_the_key_is_read_from_the_issuing_certificate(tmp_path: Path) -> None:
    authority, _ = new_authority(datetime(2026, 1, 1, tzinfo=UTC))
    file = tmp_path / "issuing.pem"
    file.write_bytes(authority.issuing.public_bytes(Encoding.PEM))
    assert Reader([public_key(file)]).read(Signer(authority.key).sign(HEAD)) == HEAD
    file.write_text("no certificate")
    with pytest.raises(BadHead, match="PEM"):
        public_key(file)
