"""A request for a certificate gives its key, or the reason why not. Nothing else in it counts."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import EnrolmentRefused
from controller.identity.requests import requested_key
from tests.support.signing import forged_request, p256, signing_request

KEY = p256()
GOOD = signing_request(KEY, "ward-a")


def code(body: bytes, gateway: str = "ward-a") -> str:
    with pytest.raises(EnrolmentRefused) as refused:
        requested_key(body, gateway)
    return refused.value.code


def test_its_key_is_taken() -> None:
    assert requested_key(GOOD, "ward-a") == KEY.public_key()


def test_a_request_without_a_name_is_of_whoever_sends_it() -> None:
    assert requested_key(signing_request(KEY), "ward-a") == KEY.public_key()


@pytest.mark.parametrize("breaks", [b"\n", b"\r\n", b" \n\t"])
def test_line_breaks_in_the_base64_do_not_matter(breaks: bytes) -> None:
    lines = [GOOD[place : place + 64] for place in range(0, len(GOOD), 64)]
    assert requested_key(breaks.join(lines) + breaks, "ward-a") == KEY.public_key()


@pytest.mark.parametrize(
    "names", [("ward-b",), ("ward-a", "ward-b"), ("ward-a", "ward-a"), ("Ward-A",), ("#",)]
)
def test_the_name_of_anybody_else_is_refused(names: tuple[str, ...]) -> None:
    assert code(signing_request(KEY, *names)) == "foreign-name"


def test_only_p256_keys_are_taken() -> None:
    assert code(signing_request(rsa.generate_private_key(65537, 2048), "ward-a")) == "bad-key"
    assert code(signing_request(ec.generate_private_key(ec.SECP384R1()), "ward-a")) == "bad-key"


def test_somebody_elses_public_key_is_refused_for_want_of_its_private_one() -> None:
    assert code(forged_request(KEY.public_key(), "ward-a")) == "bad-possession"


def test_what_it_asks_to_be_is_not_refused_for_nothing_of_it_is_taken() -> None:
    wishes = (
        x509.BasicConstraints(ca=True, path_length=None),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectAlternativeName([x509.DNSName("controller")]),
    )
    assert requested_key(signing_request(KEY, "ward-a", extensions=wishes), "ward-a") == KEY.public_key()


@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused_and_nothing_else_is_raised(body: bytes) -> None:
    assert code(body) == "bad-encoding"
    assert code(base64.b64encode(body)) == "bad-encoding"


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_request_with_any_bit_turned_is_refused_or_gives_the_key_that_signed_it(
    place: int, bit: int
) -> None:
    raw = bytearray(base64.b64decode(GOOD))
    raw[place % len(raw)] ^= 1 << bit
    try:
        assert requested_key(base64.b64encode(raw), "ward-a") == KEY.public_key()
    except EnrolmentRefused as refused:
        assert refused.code in {"bad-encoding", "bad-key", "bad-possession", "foreign-name"}


@given(st.binary(min_size=1, max_size=20))
def test_nothing_may_follow_the_request(more: bytes) -> None:
    assert code(base64.b64encode(base64.b64decode(GOOD) + more)) == "bad-encoding"
