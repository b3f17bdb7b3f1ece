"""Signatures as text: as another implementation has them, and whatever text comes instead of one."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws as other
from joserfc.jwk import ECKey

from controller.errors import BadSignature
from controller.identity.pems import key_pem
from controller.signing.canonical import canonical
from controller.signing.jws import SIGNED, decoded, encoded, opened, signed
from controller.signing.verify import verify
from tests.support.signers import by_hand, receipt
from tests.support.signing import p256
from tests.unit.controller.signing.conftest import DOCUMENT, Site

HEADER = {"typ": SIGNED, "sub": "anna", "iat": 1}
REGISTRY = other.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
PAYLOAD = canonical(DOCUMENT)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def key_of(key: ec.EllipticCurvePrivateKey) -> ECKey:
    told = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return ECKey.import_key(told)


def test_another_implementation_takes_ours() -> None:
    key = p256()
    text = signed(HEADER, PAYLOAD, key)
    assert (
        other.deserialize_compact(text, key_of(key), registry=REGISTRY, payload=PAYLOAD).headers()["sub"]
        == "anna"
    )


def test_ours_takes_another_implementations() -> None:
    key = p256()
    header = {"alg": "ES256", "b64": False, "crit": ["b64"], **HEADER}
    text = other.serialize_compact(header, PAYLOAD, ECKey.import_key(key_pem(key)), registry=REGISTRY)
    opened(text, SIGNED).check(PAYLOAD, key.public_key())
    with pytest.raises(BadSignature, match="was changed"):
        opened(text, SIGNED).check(PAYLOAD + b" ", key.public_key())


@given(st.binary(max_size=70))
def test_base64url_has_one_form(data: bytes) -> None:
    assert decoded(encoded(data)) == data
    if len(data) % 3:
        loose = base64.urlsafe_b64encode(data).decode()
        with pytest.raises(BadSignature):
            decoded(loose)


@given(st.text(max_size=80) | st.from_regex(r"\A[A-Za-z0-9_-]{0,40}\.\.[A-Za-z0-9_-]{86}\Z"))
def test_whatever_text_comes_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadSignature, match="expected"):
        opened(text, SIGNED)


@given(st.dictionaries(st.sampled_from(["alg", "b64", "crit", "typ", "sub", "iat", "x5c", "jwk"]), JSON))
def test_whatever_a_header_says_it_is_read_or_refused(header: dict[str, Any]) -> None:
    whole = {"alg": "ES256", "b64": False, "crit": ["b64"], **HEADER, **header}
    text = by_hand(json.dumps(whole), PAYLOAD, p256())
    try:
        assert opened(text, SIGNED).header["sub"] == whole["sub"]
    except BadSignature as error:
        assert str(error)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 2000), bit=st.integers(0, 7), which=st.integers(0, 1))
def test_whichever_bit_of_a_certificate_is_changed_it_vouches_for_nothing(
    site: Site, place: int, bit: int, which: int
) -> None:
    """The person's own signature and the receipt hold over the changed ones."""
    ders = [bytearray(base64.b64decode(one)) for one in site.anna.x5c]
    ders[which][place % len(ders[which])] ^= 1 << bit
    x5c = [base64.b64encode(one).decode() for one in ders]
    signature = site.anna.sign(DOCUMENT, site.now_s, x5c=x5c)
    told = receipt(site.ca, signature, site.now_s, "anna")
    with pytest.raises(BadSignature):
        verify(canonical({"document": DOCUMENT, "signature": signature, "receipt": told}), [site.root])
