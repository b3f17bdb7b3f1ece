"""What an EST client says, and what it makes of whatever comes back."""

import base64
import contextlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.identity.authority import new_key
from controller.identity.requests import requested_key
from gateway.enrolment.certificates import chosen
from gateway.enrolment.messages import (
    Answer,
    answer,
    as_gateway,
    certificates,
    judged,
    request,
    signing_request,
    subject,
)
from gateway.errors import EnrolmentError, IdentityError, Unreachable
from tests.unit.gateway.enrolment.made import authority, identity

OURS = authority()
ONE = identity(OURS)
BODY = base64.encodebytes(pkcs7.serialize_certificates([*ONE.chain, OURS.root], Encoding.DER))
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
WHERE = "https://est"


def test_a_request_proves_its_key_and_the_controller_reads_it() -> None:
    key = new_key()
    body = signing_request(key, subject("ward-a"))
    assert requested_key(body, "ward-a") == key.public_key()
    asked = x509.load_der_x509_csr(base64.b64decode(body))
    assert asked.subject.rfc4514_string() == "CN=ward-a"


def test_a_request_is_http_that_names_host_length_and_kind() -> None:
    said = request("POST", "h:1", "simpleenroll", b"abc", as_gateway("ward-a", "t" * 22))
    head, body = said.split(b"\r\n\r\n")
    assert body == b"abc"
    assert head.split(b"\r\n")[0] == b"POST /.well-known/est/simpleenroll HTTP/1.1"
    assert {b"Host: h:1", b"Content-Length: 3", b"Content-Type: application/pkcs10"} < set(
        head.split(b"\r\n")
    )
    shown = head.partition(b"Authorization: Basic ")[2].partition(b"\r")[0]
    assert base64.b64decode(shown) == b"ward-a:" + b"t" * 22


def test_an_answer_becomes_certificates() -> None:
    found = certificates(judged(answer(GOOD), WHERE))
    assert set(found) == {*ONE.chain, OURS.root}
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (
        len(BODY),
        BODY,
    )
    assert certificates(judged(answer(chunked), WHERE)) == found


@pytest.mark.parametrize("status", [202, 429, 500, 503])
def test_a_refusal_that_will_pass_is_tried_again(status: int) -> None:
    with pytest.raises(Unreachable, match="cannot answer now"):
        judged(Answer(status, b"wait"), WHERE)


@pytest.mark.parametrize("status", [204, 301, 400, 401, 403, 404])
def test_any_other_says_what_the_controller_said_and_nothing_that_a_terminal_obeys(status: int) -> None:
    with pytest.raises(EnrolmentError, match=r"refuses \(\d+\): no\[2J") as raised:
        judged(Answer(status, b"no\x1b[2J\r\n"), WHERE)
    assert raised.value.why == "refused"
    assert len(str(raised.value)) < 100


CUTS = {"first": 1, "headers": 20, "half": len(GOOD) // 2, "all but one": len(GOOD) - 1}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_an_answer_that_was_cut_off_is_no_answer(cut: int) -> None:
    with pytest.raises((EnrolmentError, Unreachable)):
        certificates(judged(answer(GOOD[:cut]), WHERE))


def test_no_answer_is_tried_again() -> None:
    with pytest.raises(Unreachable):
        answer(b"")


@pytest.mark.parametrize(
    "header",
    [b"Content-Length: " + b"9" * 30, b"Content-Length: " + b"9" * 5000, b"Content-Length: -1"],
)
def test_a_length_of_any_size_is_no_trouble(header: bytes) -> None:
    with contextlib.suppress(EnrolmentError):
        judged(answer(b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\nx"), WHERE)


def test_none_and_too_many_certificates_are_refused() -> None:
    many = pkcs7.serialize_certificates([identity(OURS).certificate for _ in range(9)], Encoding.DER)
    for der in (many, b"0\x00"):
        with pytest.raises(EnrolmentError, match=r"PKCS#7|expected 1 to 8"):
            certificates(base64.b64encode(der))


@given(st.binary(max_size=400))
def test_no_bytes_are_http_that_surprises(data: bytes) -> None:
    for received in (data, b"HTTP/1.1 " + data, b"HTTP/1.1 200 OK\r\n" + data):
        with contextlib.suppress(EnrolmentError, Unreachable):
            judged(answer(received), WHERE)


@given(st.binary(max_size=400))
def test_no_bytes_are_certificates_that_surprise(data: bytes) -> None:
    for body in (data, base64.b64encode(data), base64.b64encode(b"0\x82" + data)):
        with contextlib.suppress(EnrolmentError):
            certificates(body)


DER = base64.b64decode(BODY)


@pytest.mark.filterwarnings("ignore:PKCS#7 certificates could not be parsed as DER")
@pytest.mark.filterwarnings("ignore:Parsed a")
@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(DER) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_answer_gives_our_own_certificates_or_none(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(DER)
    for place, value in changes:
        damaged[place] = value
    try:
        found = certificates(base64.b64encode(damaged))
        chain = chosen(found, ONE.key, "ward-a", OURS.root)
    except (EnrolmentError, IdentityError):
        return
    assert chain == ONE.chain
