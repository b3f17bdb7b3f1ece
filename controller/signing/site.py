"""Signatures of the site itself, by its issuing key: receipts, lists of keys that sign no more, reports.

The issuing key is used, since every gateway has a certificate of this authority, and none of them that of
an authority.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

from controller.errors import BadSignature
from controller.identity.authority import above
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.signing.chain import chain_of, is_authority, key_of, root_of, told
from controller.signing.jws import Jws, signed


class SiteSigner:
    """Signs with the key of the authority in `folder`, as it is at that moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def sign(self, typ: str, by: str, payload: bytes, utc_s: int) -> str:
        """The detached JWS over `payload`, which names the person `by`. Raises AuthorityError."""
        held = held_authority(self.folder, moment(utc_s)).held
        header = {"typ": typ, "sub": by, "iat": utc_s, "x5c": told(above(held))}
        return signed(header, payload, held.key)


def receipted(jws: str) -> bytes:
    """What a receipt is over: SHA-256 of the person's signature, in hexadecimal."""
    return hashlib.sha256(jws.encode()).hexdigest().encode()


def check_site(jws: Jws, payload: bytes, roots: Iterable[x509.Certificate], at_s: float) -> x509.Certificate:
    """The one of `roots` whose site signed `payload`, as it was at `at_s`. Raises BadSignature."""
    chain = chain_of(jws.header)
    key = key_of(chain[0])
    root = root_of(chain, roots, at_s)
    if not is_authority(chain[0], at_s):
        message = (
            "the signature is by nobody for whom this root vouches as an authority: use that site's root"
        )
        raise BadSignature(message, "foreign")
    jws.check(payload, key)
    return root
