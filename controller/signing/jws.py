"""Detached signatures as text: JWS (RFC 7515, appendix F) over bytes as they are (RFC 7797), ES256 only.

text = signed({"typ": SIGNED, "sub": "anna", …}, payload, key)
jws = opened(text, SIGNED)        # what it says, nothing of it proved yet
jws.check(payload, public_key)    # raises BadSignature
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from controller.errors import BadSignature

SIGNED = "wardlink-signed"
"""`typ` of a person's signature over a document."""
RECEIPT = "wardlink-receipt"
"""Of the controller's over such a signature."""
REVOKED = "wardlink-revoked"
"""Of the controller's over a list of keys that sign no more."""
PROOF = "wardlink-key"
"""Of a new key over the controller's challenge."""
REPORT = "wardlink-report"
"""Of the site's over a report of imaging."""

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256 (FIPS 186-5): with s, ORDER - s holds too, and the smaller one is the one form of a signature."""
SKEW_S = 300
"""How far the time in a person's signature may be from that of its receipt."""
LONGEST = 64 * 1024
"""Characters."""
_SIZE = 32
"""Bytes of r, and of s (RFC 7518, 3.4)."""
_FIXED: Mapping[str, Any] = {"alg": "ES256", "b64": False, "crit": ["b64"]}
_NAMES = frozenset({*_FIXED, "typ", "sub", "iat", "x5c", "jwk"})


@dataclass(frozen=True, slots=True)
class Jws:
    """A signature, read."""

    header: Mapping[str, Any]
    protected: str
    r: int
    s: int

    @property
    def by(self) -> str:
        """Whom it names."""
        return self.header["sub"]

    @property
    def at_s(self) -> int:
        """When it says that it was made, UTC in seconds. Raises BadSignature."""
        at = self.header.get("iat")
        if type(at) is not int or not 0 <= at < 2**40:
            raise BadSignature("expected a signature that says when it was made (iat), this one does not")
        return at

    @property
    def has_one_form(self) -> bool:
        """Whether s is the smaller one of the two that hold."""
        return self.s <= ORDER // 2

    def check(self, payload: bytes, key: ec.EllipticCurvePublicKey) -> None:
        """Raises BadSignature."""
        try:
            key.verify(
                encode_dss_signature(self.r, self.s),
                f"{self.protected}.".encode() + payload,
                ec.ECDSA(hashes.SHA256()),
            )
        except InvalidSignature:
            raise BadSignature(
                "the signature does not hold: what was signed, or the signature, was changed", "changed"
            ) from None


def signed(header: Mapping[str, Any], payload: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """The signature by `key` over `payload`; `header` is what it says beside the algorithm."""
    whole = json.dumps({**_FIXED, **header}, separators=(",", ":"), ensure_ascii=False)
    protected = encoded(whole.encode())
    made = key.sign(f"{protected}.".encode() + payload, ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(made)
    return f"{protected}..{encoded(r.to_bytes(_SIZE) + min(s, ORDER - s).to_bytes(_SIZE))}"


def opened(text: str, typ: str) -> Jws:
    """What `text` says, if it is a signature of that kind, in its one form. Raises BadSignature."""
    parts = text.split(".") if len(text) <= LONGEST else []
    if len(parts) != 3 or parts[1]:
        raise BadSignature("expected a detached JWS, got something else")
    header, raw = _header(decoded(parts[0])), decoded(parts[2])
    wanted = {**_FIXED, "typ": typ}
    told = {name: header.get(name) for name in wanted}
    if told != wanted or header["b64"] is not False:
        raise BadSignature(f"expected a signature {wanted}, got {told!s:.200}")
    if not isinstance(header.get("sub"), str) or not header["sub"]:
        raise BadSignature("expected a signature that names a person (sub), this one does not")
    if not _NAMES.issuperset(header):
        raise BadSignature(f"expected nothing else than {', '.join(sorted(_NAMES))} in a signature's header")
    if len(raw) != 2 * _SIZE:
        raise BadSignature(f"expected a signature of {2 * _SIZE} bytes, got {len(raw)}")
    return Jws(header, parts[0], int.from_bytes(raw[:_SIZE]), int.from_bytes(raw[_SIZE:]))


def encoded(data: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of it, in the one form that they have. Raises BadSignature."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        data = b""
    if encoded(data) != text:
        raise BadSignature("expected base64url in its one form, got another")
    return data


def _header(content: bytes) -> dict[str, Any]:
    try:
        header: Any = json.loads(content, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise BadSignature(f"expected a JWS header in JSON: {error}") from None
    if not isinstance(header, dict):
        raise BadSignature("expected a JWS header that is an object, got something else")
    return header


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 7515, 4: names must be unique."""
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name is there twice")
    return names
