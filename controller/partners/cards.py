"""A site's card: who it is, where it is reached, and the root of its authority; given to a partner as text.

text = card_text(card)
card = read_card(text)               # BadCard: what was expected, what came
fingerprint(card)                    # "3F2A 91C0 …": read out by telephone, over all that is in the card
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller.errors import BadCard
from controller.signing.chain import UNREADABLE, is_authority

SITE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LONGEST = 16 * 1024
"""Bytes of a card."""
_MEMBERS = ("wardlink", "site", "name", "address", "root")
_WHAT = "partner-card-1"
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
_GROUPS = 8
"""Of four hexadecimal digits: 128 bits, which nobody finds a second card for."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a site tells of itself."""

    site: str
    name: str
    address: str
    """HOST:PORT."""
    root: bytes
    """DER."""


def card_text(card: Card) -> str:
    """As it is given away: JSON, in one line."""
    return _text(card).decode()


def fingerprint(card: Card) -> str:
    """Eight groups of four hexadecimal digits of SHA-256 over the whole card."""
    digest = hashlib.sha256(_text(card)).hexdigest().upper()
    return " ".join(digest[4 * place : 4 * place + 4] for place in range(_GROUPS))


def same_fingerprint(heard: str, known: str) -> bool:
    """Whether what somebody wrote down is it: blanks, dashes and case do not count."""
    return re.sub(r"[\s:-]", "", heard).upper() == known.replace(" ", "")


def read_card(text: str) -> Card:
    """What a partner gave. Raises BadCard."""
    if len(text) > LONGEST:
        raise BadCard(
            f"expected a card of at most {LONGEST} characters, got {len(text)}: paste the card alone"
        )
    try:
        told = orjson.loads(text.strip())
    except orjson.JSONDecodeError:
        raise BadCard("expected a partner's card, which is JSON: paste all of it") from None
    if not isinstance(told, dict) or told.get("wardlink") != _WHAT or set(told) != set(_MEMBERS):
        raise BadCard(f"expected a card with {', '.join(_MEMBERS)} of {_WHAT}: ask the partner for one")
    return Card(
        _matching("site", told["site"], SITE),
        _matching("name", told["name"], _NAME),
        _address(told["address"]),
        _root(told["root"]),
    )


def _text(card: Card) -> bytes:
    root = base64.b64encode(card.root).decode()
    values = _WHAT, card.site, card.name, card.address, root
    return orjson.dumps(dict(zip(_MEMBERS, values, strict=True)))


def _matching(what: str, value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or pattern.fullmatch(value) is None or value != value.strip():
        raise BadCard(f"expected {what} as {pattern.pattern}, got {value!r:.60}: ask for another card")
    return value


def _address(value: object) -> str:
    try:
        parts = urlsplit(f"//{value}")
        is_good = bool(parts.hostname) and parts.port is not None and parts.netloc == value
    except ValueError:
        is_good = False
    if not is_good or not isinstance(value, str) or "@" in value or len(value) > 260:
        raise BadCard(f"expected the address as HOST:PORT, got {value!r:.60}: ask for another card")
    return value


def _root(value: object) -> bytes:
    try:
        der = base64.b64decode(str(value), validate=True)
        root = x509.load_der_x509_certificate(der)
        is_root = root.issuer == root.subject and is_authority(root, root.not_valid_after_utc.timestamp())
    except (*UNREADABLE, x509.InvalidVersion):
        is_root, root = False, None
    if root is None or not is_root:
        raise BadCard("expected the root certificate of an authority in the card: ask for another card")
    return root.public_bytes(Encoding.DER)
