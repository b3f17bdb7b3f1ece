"""That who asks for a certificate has the key (RFC 4211, 4): the new key signs the controller's challenge.

The header carries the key (`jwk`, RFC 7517); the payload is {"challenge": …, "person": …}, canonical.
"""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from controller.errors import BadSignature
from controller.signing.canonical import canonical
from controller.signing.jws import PROOF, decoded, encoded, opened

_MEMBERS = {"kty": "EC", "crv": "P-256"}


def proved_key(proof: str, person: str, challenge: str) -> ec.EllipticCurvePublicKey:
    """The key that signed the `challenge` (base64url) for `person`. Raises BadSignature."""
    jws = opened(proof, PROOF)
    key = _public(jws.header.get("jwk"))
    jws.check(canonical({"challenge": challenge, "person": person}), key)
    if jws.by != person or not jws.has_one_form:
        raise BadSignature(
            f"expected a proof by {person}, in the one form of a signature, got another", "person"
        )
    return key


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """`key` as WebCrypto takes it (RFC 7518, 6.2.1)."""
    numbers = key.public_numbers()
    return {**_MEMBERS, "x": encoded(numbers.x.to_bytes(32)), "y": encoded(numbers.y.to_bytes(32))}


def _public(jwk: Any) -> ec.EllipticCurvePublicKey:
    is_known = isinstance(jwk, Mapping) and all(jwk.get(name) == value for name, value in _MEMBERS.items())
    if not is_known or set(jwk) != {*_MEMBERS, "x", "y"}:
        raise BadSignature("expected a P-256 key (kty, crv, x, y) in the proof, got something else")
    x, y = (decoded(jwk[name]) if isinstance(jwk[name], str) else b"" for name in ("x", "y"))
    if len(x) != 32 or len(y) != 32:
        raise BadSignature("expected x and y of 32 bytes in the proof's key, got others")
    try:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()
        ).public_key()
    except ValueError as error:
        raise BadSignature(f"expected a point of P-256 in the proof, got none: {error}") from None
