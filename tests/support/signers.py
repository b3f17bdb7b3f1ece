"""A person's browser with a key to sign with: it signs as the page does, and as no honest one would.

anna = Signer("anna")
anna.certify(ca, at_s, "physician")
signature = anna.sign({"dose": 0.5}, at_s)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from controller.identity.authority import above
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.signing import jws
from controller.signing.canonical import canonical
from controller.signing.certificate import issued
from controller.signing.chain import told
from controller.signing.model import FEWEST_ITERATIONS, Unlock, Wrap
from controller.signing.proof import jwk_of
from controller.signing.site import SiteSigner, receipted
from tests.support.signing import p256

Json = dict[str, Any]
PHRASE = Wrap(Unlock.PASSPHRASE, None, jws.encoded(bytes(32)), FEWEST_ITERATIONS, "A" * 16, "A" * 200)
"""A wrapped key that nobody opens."""


@dataclass
class Signer:
    """Whoever has `key`, and says to be `name`."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=p256)
    x5c: list[str] = field(default_factory=list)

    def prove(self, challenge: str, **header: Any) -> str:
        """That the key is there."""
        told = {"typ": jws.PROOF, "sub": self.name, "jwk": jwk_of(self.key.public_key()), **header}
        return jws.signed(told, canonical({"challenge": challenge, "person": self.name}), self.key)

    def sign(self, document: Mapping[str, Any], at_s: int, **header: Any) -> str:
        """A signature over `document`; `header`: what it says otherwise, None: not at all."""
        told = {"typ": jws.SIGNED, "sub": self.name, "iat": at_s, "x5c": self.x5c, **header}
        said = {name: value for name, value in told.items() if value is not None}
        return jws.signed(said, canonical(document), self.key)

    def certify(self, ca: Path, at_s: int, *roles: str) -> x509.Certificate:
        """Gets a certificate of the authority in `ca`, at nobody's request."""
        held = held_authority(ca, moment(at_s)).held
        one = issued(held, self.name, roles, self.key.public_key(), at_s)
        self.x5c = told((one, *above(held)))
        return one


def receipt(ca: Path, signature: str, at_s: int, by: str, typ: str = jws.RECEIPT) -> str:
    """What the site says of `signature`."""
    return SiteSigner(ca).sign(typ, by, receipted(signature), at_s)


def by_hand(header: str | bytes, payload: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """A signature that holds, with any header at all."""
    raw = header if isinstance(header, bytes) else header.encode()
    protected = jws.encoded(raw)
    r_s = _over(f"{protected}.".encode() + payload, key)
    return f"{protected}..{jws.encoded(r_s)}"


def _over(data: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + min(s, jws.ORDER - s).to_bytes(32)


def header_of(signature: str) -> Json:
    """What it says."""
    return json.loads(jws.decoded(signature.partition(".")[0]))


def other_s(signature: str) -> str:
    """The same signature with the other s that holds."""
    head, _, last = signature.rpartition(".")
    raw = jws.decoded(last)
    s = jws.ORDER - int.from_bytes(raw[32:])
    return f"{head}.{jws.encoded(raw[:32] + s.to_bytes(32))}"
