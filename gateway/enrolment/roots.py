"""The successor of a pinned root is pinned, too, when the pinned one vouches for it.

The authority offers the certificates of a root's key update (RFC 4210, 4.4; EST has them in `cacerts`, RFC
7030, 4.1.3). What proves the new root is NewWithOld: its key and name, signed with the old root's key.
OldWithNew says the same the other way round: only a root that began later is a successor.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from gateway.enrolment.certificates import UNREADABLE, chosen, is_authority
from gateway.enrolment.identity import Identity
from gateway.errors import IdentityError

Roots = tuple[x509.Certificate, ...]


def taken_over(pinned: Roots, offered: Sequence[x509.Certificate], at: datetime | None) -> Roots:
    """`pinned`, and before them each of `offered` that they vouch for, the newest first.

    `at` is UTC; None: this box does not know it, and no dates are checked.
    """
    roots = pinned
    while (new := _successor(roots, offered, at)) is not None:
        roots = (new, *roots)
    return roots


def living(roots: Roots, at: datetime | None) -> Roots:
    """Those that have not ended."""
    return tuple(one for one in roots if at is None or one.not_valid_after_utc > at)


def stands(identity: Identity, roots: Roots) -> bool:
    """Whether `identity` is under `roots`."""
    try:
        return bool(roots and chosen(identity.chain, identity.key, identity.gateway, *roots))
    except IdentityError:
        return False


def moment(utc_us: int | None) -> datetime | None:
    """Microseconds since 1970 as the `cryptography` package wants them."""
    return None if utc_us is None else datetime.fromtimestamp(utc_us / 1e6, UTC)


def _successor(
    roots: Roots, offered: Sequence[x509.Certificate], at: datetime | None
) -> x509.Certificate | None:
    for new in offered:
        if new not in roots and any(_vouches(old, link, new, at) for old in roots for link in offered):
            return new
    return None


def _vouches(
    old: x509.Certificate, link: x509.Certificate, new: x509.Certificate, at: datetime | None
) -> bool:
    """Whether `old` says by `link` that `new` is itself with another key, and both hold."""
    try:
        return (
            is_link(old, link)
            and is_link(new, new)
            and link.subject == new.subject
            and link.public_key() == new.public_key() != old.public_key()
            and new.not_valid_before_utc > old.not_valid_before_utc
            and (at is None or all(_holds(one, at) for one in (link, new)))
        )
    except UNREADABLE:
        return False


def is_link(old: x509.Certificate, link: x509.Certificate) -> bool:
    """Whether `link` is an authority of the name of `old`, signed with its key."""
    try:
        link.verify_directly_issued_by(old)
        return link.subject == old.subject and is_authority(link)
    except (*UNREADABLE, InvalidSignature, TypeError):
        return False


def _holds(one: x509.Certificate, at: datetime) -> bool:
    return one.not_valid_before_utc <= at <= one.not_valid_after_utc
