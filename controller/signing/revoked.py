"""The list of keys that sign no more, signed by the site: a check without the controller needs it.

{"list": {"issued": UTC s, "keys": [{"serial", "person", "state", "at": UTC s, "reason"}, …]}, "signature": …}
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from controller.errors import BadSignature
from controller.signing.canonical import canonical, parsed
from controller.signing.jws import REVOKED, opened
from controller.signing.model import KeyState
from controller.signing.site import SiteSigner, check_site
from controller.store import Store

_ROWS = "SELECT * FROM signing_key WHERE state != 'active' ORDER BY changed_utc_s, serial"
_BY = "controller"
_KINDS = {"serial": str, "person": str, "state": str, "at": int, "reason": str}


@dataclass(frozen=True, slots=True)
class Ended:
    """What the list says of a key."""

    state: KeyState
    at_s: int
    """UTC, seconds."""
    reason: str


@dataclass(frozen=True, slots=True)
class RevokedList:
    """The list, read. `keys` by the serial of their certificate."""

    issued_s: int
    keys: Mapping[str, Ended]


async def ended(store: Store) -> RevokedList:
    """The same for the controller itself: it signs nothing. Raises StoreError."""
    keys = {
        row["serial"]: Ended(KeyState(row["state"]), row["changed_utc_s"], row["reason"])
        for row in await store.read(_ROWS)
    }
    return RevokedList(0, keys)


async def revoked_list(store: Store, signer: SiteSigner, utc_s: int) -> bytes:
    """The list as it is now. Raises StoreError, AuthorityError."""
    keys = [
        {"serial": row["serial"], "person": row["person"], "state": row["state"]}
        | {"at": row["changed_utc_s"], "reason": row["reason"]}
        for row in await store.read(_ROWS)
    ]
    what = {"issued": utc_s, "keys": keys}
    return canonical({"list": what, "signature": signer.sign(REVOKED, _BY, canonical(what), utc_s)})


def read_revoked(content: bytes, roots: Iterable[x509.Certificate]) -> RevokedList:
    """What the list says, if one of `roots` vouches for it. Raises BadSignature."""
    try:
        file = parsed(content)
        if not (isinstance(file, dict) and set(file) == {"list", "signature"}):
            raise BadSignature("expected `list` and `signature`, got something else")
        what, signature = file["list"], file["signature"]
        if not isinstance(signature, str):
            raise BadSignature("expected a signature as text, got something else")
        jws = opened(signature, REVOKED)
        check_site(jws, canonical(what), roots, jws.at_s)
        return _read(what)
    except BadSignature as error:
        raise BadSignature(f"the list of revoked keys cannot be used: {error}", "list") from None


def _read(what: Any) -> RevokedList:
    if not (
        isinstance(what, dict) and type(what.get("issued")) is int and isinstance(what.get("keys"), list)
    ):
        raise BadSignature("expected `issued` and `keys`, got something else")
    for one in what["keys"]:
        if not isinstance(one, dict) or {name: type(value) for name, value in one.items()} != _KINDS:
            raise BadSignature(f"expected {', '.join(_KINDS)} of each key, got {one!r:.100}")
    keys = {one["serial"]: Ended(KeyState(one["state"]), one["at"], one["reason"]) for one in what["keys"]}
    return RevokedList(what["issued"], keys)
