"""A signed document checked anywhere, with the site's root alone: no controller, no network.

held = verify(content, [root])                              # raises BadSignature; its code says what is wrong
held.name, held.roles, held.accepted_s, held.document
held = verify(content, [root], read_revoked(listed, [root]))
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from controller.clock import utc_text
from controller.errors import BadSignature
from controller.identity.certificates import serial_of
from controller.signing.canonical import canonical, parsed
from controller.signing.certificate import check_time, holder_of
from controller.signing.chain import chain_of, key_of, root_of
from controller.signing.jws import RECEIPT, SIGNED, SKEW_S, Jws, opened
from controller.signing.revoked import RevokedList
from controller.signing.site import check_site, receipted


@dataclass(frozen=True, slots=True)
class Verified:
    """A document whose signature holds. Times are UTC in seconds."""

    name: str
    roles: tuple[str, ...]
    """The person's, when the key was made; it signed only as long as they were these."""
    signed_s: int
    accepted_s: int
    """When the controller took it."""
    serial: str
    """Of the person's certificate."""
    root: x509.Certificate
    document: Mapping[str, Any]


def verify(content: bytes, roots: Iterable[x509.Certificate], revoked: RevokedList | None = None) -> Verified:
    """What the file of a signed document says, if one of `roots` vouches for it. Raises BadSignature."""
    trusted = list(roots)
    document, signature, receipt = _parts(content)
    jws = opened(signature, SIGNED)
    accepted_s = _accepted(receipt, signature, jws, trusted)
    chain = chain_of(jws.header)
    root = root_of(chain, trusted, accepted_s)
    holder = holder_of(chain[0])
    jws.check(canonical(document), key_of(chain[0]))
    if not jws.has_one_form:
        raise BadSignature("expected the smaller s of the two that a signature may have, got the other")
    if holder.name != jws.by:
        raise BadSignature(
            f"the signature names {jws.by!r:.64}, and the certificate {holder.name!r}", "person"
        )
    check_time(chain[0], accepted_s)
    if abs(jws.at_s - accepted_s) > SKEW_S:
        raise BadSignature("the signature says that it was made at another time than it was accepted", "time")
    serial = serial_of(chain[0])
    _check_ended(serial, accepted_s, revoked)
    return Verified(holder.name, holder.roles, jws.at_s, accepted_s, serial, root, document)


def _parts(content: bytes) -> tuple[dict[str, Any], str, str]:
    file = parsed(content)
    if not (
        isinstance(file, dict)
        and {"document", "signature"} <= set(file) <= {"document", "signature", "receipt"}
    ):
        raise BadSignature("expected a file with document, signature and receipt, got something else")
    document, signature, receipt = file["document"], file["signature"], file.get("receipt")
    if not (isinstance(document, dict) and isinstance(signature, str)):
        raise BadSignature("expected a document, and a signature as text, got something else")
    if not isinstance(receipt, str) or not receipt:
        message = "there is no receipt: the controller has never accepted this, or it was taken out"
        raise BadSignature(message, "receipt")
    return document, signature, receipt


def _accepted(receipt: str, signature: str, jws: Jws, roots: list[x509.Certificate]) -> int:
    """When the controller accepted `signature`, UTC in seconds. Raises BadSignature."""
    try:
        held = opened(receipt, RECEIPT)
        check_site(held, receipted(signature), roots, held.at_s)
        if held.by != jws.by or not held.has_one_form:
            raise BadSignature("it is for another person, or not in the one form of a signature")
    except BadSignature as error:
        code = error.code if error.code == "foreign" else "receipt"
        raise BadSignature(f"the receipt does not hold for this signature: {error}", code) from None
    return held.at_s


def _check_ended(serial: str, accepted_s: int, revoked: RevokedList | None) -> None:
    ended = revoked.keys.get(serial) if revoked else None
    if ended is not None and accepted_s > ended.at_s:
        at = utc_text(ended.at_s * 1_000_000)[:19]
        why = f" ({ended.reason})" if ended.reason else ""
        raise BadSignature(
            f"the key was {ended.state}{why} at {at} UTC, and this was accepted later", "revoked"
        )
