"""What comes after an authority's certificates: the next issuing certificate, and the next root.

The names stay as they are: to whoever checks a chain (RFC 5280, 6.1) it is the same authority with another
key. A new root goes with the certificates of a root's key update (RFC 4210, 4.4): whoever trusts the old root
finds the new one signed by it, and the other way round. Nothing here reads or writes a file.
"""

from datetime import datetime, timedelta

from cryptography import x509

from controller.errors import AuthorityError
from controller.identity.authority import (
    BACKDATED,
    ISSUING_LIFE,
    ROOT_LIFE,
    Authority,
    AuthorityOf,
    PrivateKey,
    RootKey,
    new_key,
    signed_authority,
)

Links = tuple[x509.Certificate, ...]
MOST_ROOTS = 2
"""Former roots that may still hold: what gateways are told of them has to stay small."""


def next_issuing(authority: Authority, root_key: RootKey, now: datetime) -> Authority:
    """`authority` with a new issuing certificate and key, signed with `root_key`. Raises AuthorityError."""
    _check(authority, root_key, now)
    return _issued(authority, authority.root, root_key, now, authority.held.links)


def next_root(authority: Authority, root_key: RootKey, now: datetime) -> tuple[Authority, PrivateKey]:
    """`authority` under a new root, and that root's key. `root_key`: the old one's. Raises AuthorityError."""
    _check(authority, root_key, now)
    held, old = authority.held, authority.root
    # Which of the two is the successor, its begin says.
    now = max(now, old.not_valid_before_utc + BACKDATED + timedelta(seconds=1))
    if len(held.links) // 3 >= MOST_ROOTS:
        raise AuthorityError(
            f"expected at most {MOST_ROOTS} former roots that still hold: wait until {_first_end(held.links)}"
        )
    key, below = new_key(), _below(old)
    what = AuthorityOf(old.subject, key.public_key(), below)
    root = signed_authority(what, old.subject, key, now, now + ROOT_LIFE)
    new_with_old = signed_authority(what, old, root_key, now, old.not_valid_after_utc)
    old_with_new = signed_authority(
        AuthorityOf(old.subject, old.public_key(), below),
        *(root, key, old.not_valid_before_utc + BACKDATED, old.not_valid_after_utc),
    )
    return _issued(authority, root, key, now, (old, old_with_new, new_with_old, *held.links)), key


def _issued(
    old: Authority, root: x509.Certificate, root_key: RootKey, now: datetime, links: Links
) -> Authority:
    key = new_key()
    what = AuthorityOf(old.issuing.subject, key.public_key(), 0)
    until = min(now + ISSUING_LIFE, root.not_valid_after_utc)
    issuing = signed_authority(what, root, root_key, now, until)
    return Authority(root, issuing, key, (old.issuing, *old.held.former), links)


def _check(authority: Authority, root_key: RootKey, now: datetime) -> None:
    authority.check_clock(now)
    if root_key.public_key() != authority.root.public_key():
        raise AuthorityError("expected the key of root.pem, got another: bring the right one")
    if now >= authority.root.not_valid_after_utc:
        raise AuthorityError(
            "the root has ended, and what it signs now is worth nothing: move ca/ away, start the "
            "controller, and provision all gateways again"
        )


def _below(root: x509.Certificate) -> int | None:
    return root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length


def _first_end(links: Links) -> str:
    return f"{min(one.not_valid_after_utc for one in links[2::3]):%Y-%m-%d}"
