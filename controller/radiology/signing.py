"""Signatures of reports: a detached JWS (RFC 7515, appendix F; RFC 7797) by the site's issuing key (ES256).

The protected header names the person (`sub`) and carries the certificates up to the root (`x5c`), so that a
file is checked anywhere with the site's root alone. The issuing key is used, since every gateway has a
certificate of this authority, and none of them that of an authority.

    content = signed_file(document, signer.sign(document, "anna"))
    verify(content, [root])                     # Verified("anna", "2026-11-26T13:00:00.000Z", {…})
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from controller.clock import utc_s_of
from controller.errors import BadReport
from controller.identity.authority import above
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.identity.pems import key_pem
from controller.radiology.canonical import canonical, parsed

_ALGORITHM = "ES256"
_HEADER = {"alg": _ALGORITHM, "b64": False, "crit": ["b64"]}
_TYPE = "wardlink-report"
"""So that nothing else that is signed with this key is taken for a report."""
_MOST = 8
"""Certificates of a chain."""


class _Registry(jws.JWSRegistry):
    """Takes headers that carry certificates."""

    max_header_length = 64 * 1024


_REGISTRY = _Registry(algorithms=[_ALGORITHM], strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Verified:
    """A report whose signature holds."""

    by: str
    """Who signed."""
    issued: str
    """When, as the report says."""
    report: Mapping[str, Any]


class ReportSigner:
    """Signs with the key of the authority in `folder`, as it is at that moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign(self, document: Mapping[str, Any], by: str, utc_us: int) -> str:
        """The detached JWS over `document`, by the person `by`. Raises AuthorityError, BadReport."""
        held = held_authority(self._folder, moment(utc_us // 1_000_000)).held
        told = [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in above(held)]
        header = {**_HEADER, "typ": _TYPE, "sub": by, "x5c": told}
        key = ECKey.import_key(key_pem(held.key))
        # JSON has characters that a compact JWS must not hold: with b64 false it comes out detached.
        return jws.serialize_compact(header, canonical(document), key, registry=_REGISTRY)


def signed_file(document: Mapping[str, Any], signature: str) -> bytes:
    """The file that `verify` takes: canonical JSON, so that each of its bytes counts."""
    return canonical({"report": document, "signature": signature})


def verify(content: bytes, roots: Iterable[x509.Certificate]) -> Verified:
    """What the file of a signed report says, if one of `roots` vouches for it. Raises BadReport."""
    file = parsed(content)
    if not (isinstance(file, dict) and set(file) == {"report", "signature"}):
        raise BadReport("expected a file with a report and its signature, got something else")
    signature, report = file["signature"], file["report"]
    if not (isinstance(signature, str) and isinstance(report, dict)):
        raise BadReport("expected a report and a signature as text, got something else")
    header = _header(signature)
    issued = str(report.get("issued", ""))
    if (at_s := utc_s_of(issued)) is None:
        raise BadReport(f"expected a report that says when it was issued, got {issued!r:.40}")
    key = _vouched(header, at_s, list(roots))
    try:
        held = jws.deserialize_compact(signature, key, registry=_REGISTRY, payload=canonical(report))
    except (JoseError, ValueError):
        raise BadReport("the signature does not hold: the report, or the signature, was changed") from None
    if signature != _again(signature):
        raise BadReport("expected the signature in the one form of base64url, got another")
    return Verified(str(held.headers()["sub"]), issued, report)


def _header(signature: str) -> Mapping[str, Any]:
    try:
        told = jws.extract_compact(signature.encode(), b"", _REGISTRY).headers()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise BadReport(f"expected a detached JWS, got something else ({error})") from None
    wanted = {**_HEADER, "typ": _TYPE}
    if any(told.get(name) != value for name, value in wanted.items()) or not isinstance(told.get("sub"), str):
        raise BadReport(f"expected a signature {wanted} that names a person, got another kind")
    return told


def _vouched(header: Mapping[str, Any], at_s: float, roots: list[x509.Certificate]) -> ECKey:
    """The key that signed, if there is a chain from it to one of `roots` that held then."""
    told = header.get("x5c")
    try:
        chain = [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in told or ()]
    except (ValueError, TypeError) as error:
        raise BadReport(f"expected certificates in the signature: {error}") from None
    if not 0 < len(chain) <= _MOST:
        raise BadReport(f"expected 1 to {_MOST} certificates in the signature, got {len(chain)}")
    key = _public(chain[0])
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadReport("expected a P-256 key in the signature's certificate, got another kind")
    if not _reaches(chain[0], chain[1:], roots, at_s):
        raise BadReport("the signature is by nobody for whom this root vouches: use the root of that site")
    return ECKey.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _public(one: x509.Certificate) -> CertificatePublicKeyTypes | None:
    try:
        return one.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _reaches(
    one: x509.Certificate, others: list[x509.Certificate], roots: list[x509.Certificate], at_s: float
) -> bool:
    """Whether `one`, an authority that held at `at_s`, is of a root, at once or through `others`."""
    if not _is_authority(one, at_s):
        return False
    if any(_is_of(one, root) and _is_authority(root, at_s) for root in roots):
        return True
    return any(
        _is_of(one, other) and _reaches(other, [rest for rest in others if rest != other], roots, at_s)
        for other in others
    )


def _is_of(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_authority(one: x509.Certificate, at_s: float) -> bool:
    try:
        ca = one.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ca and one.not_valid_before_utc.timestamp() <= at_s <= one.not_valid_after_utc.timestamp()


def _again(signature: str) -> str:
    """Its last part decoded and encoded: of unused bits there is one form."""
    head, _, last = signature.rpartition(".")
    raw = base64.urlsafe_b64decode(last + "=" * (-len(last) % 4))
    return f"{head}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
