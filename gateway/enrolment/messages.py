"""What an EST client says and hears (RFC 7030, and RFC 8951 for its base64), without input or output.

request("POST", "10.0.0.5:8443", "simpleenroll", signing_request(key, name), as_gateway("ward-a", token))
certificates(judged(answer(received), "https://10.0.0.5:8443"))
"""

import base64
import io
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from gateway.enrolment.certificates import UNREADABLE, PrivateKey
from gateway.errors import EnrolmentError, Unreachable

LARGEST = 65_536
"""Bytes of an answer."""
_MOST_CERTIFICATES = 8
_LATER = {202, 408, 425, 429}
"""Statuses besides 5xx after which the same request may succeed: RFC 7030 4.2.3 has 202 for "not yet"."""
_SAID = 200
"""Characters of a refusal's text that are passed on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes


def subject(gateway: str) -> x509.Name:
    """The name that a first certificate is asked for."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, gateway)])


def signing_request(key: PrivateKey, name: x509.Name) -> bytes:
    """A PKCS#10 request, which proves that we have the key, in base64 (RFC 7030, 4.2.1)."""
    built = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(built.public_bytes(Encoding.DER))


def as_gateway(gateway: str, token: str) -> dict[str, str]:
    """The header that shows the token (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{gateway}:{token}".encode()).decode()}


def request(
    method: str, host: str, operation: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> bytes:
    """An HTTP request after which the server closes."""
    head = {"Host": host, "Connection": "close", "Accept": "application/pkcs7-mime", **(headers or {})}
    if method == "POST":
        head |= {"Content-Type": "application/pkcs10", "Content-Transfer-Encoding": "base64"}
        head |= {"Content-Length": str(len(body))}
    lines = [f"{method} /.well-known/est/{operation} HTTP/1.1", *(f"{k}: {v}" for k, v in head.items())]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


class _Received:
    """Bytes as http.client wants them."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def makefile(self, *_: object) -> io.BytesIO:
        """What it reads from."""
        return self._file


def answer(received: bytes) -> Answer:
    """All that a server sent until it closed. Raises EnrolmentError, or Unreachable if it broke off."""
    if not received:
        raise Unreachable("the controller closed the connection without an answer")
    source: Any = _Received(received)
    try:
        response = HTTPResponse(source)
        response.begin()
        return Answer(response.status, response.read())
    except (HTTPException, ValueError, OverflowError) as error:  # OverflowError: a length of 10**30
        raise EnrolmentError("bad-answer", f"expected HTTP, got {error!r:.100}") from error


def judged(got: Answer, where: str) -> bytes:
    """The body of a success. Raises EnrolmentError for a refusal, Unreachable for one that will pass."""
    if got.status == 200:
        return got.body
    said = "".join(c for c in got.body.decode("utf-8", "replace")[:_SAID] if c.isprintable())
    if got.status in _LATER or got.status >= 500:
        raise Unreachable(f"{where} cannot answer now ({got.status}): {said}")
    remedy = "is the address right?" if got.status == 404 else ""
    raise EnrolmentError(
        "refused", ": ".join(filter(None, (f"{where} refuses ({got.status})", said, remedy)))
    )


def certificates(body: bytes) -> list[x509.Certificate]:
    """What is in a certs-only answer (RFC 7030, 4.1.3), in any order. Raises EnrolmentError."""
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
        found = pkcs7.load_der_pkcs7_certificates(der)
    except UNREADABLE as error:
        raise EnrolmentError("bad-answer", f"expected certificates in PKCS#7, got {error}") from error
    if not 0 < len(found) <= _MOST_CERTIFICATES:
        raise EnrolmentError(
            "bad-answer", f"expected 1 to {_MOST_CERTIFICATES} certificates, got {len(found)}"
        )
    return found
