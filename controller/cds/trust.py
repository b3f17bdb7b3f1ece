"""JWTs of clients who ask our services: signed by a key of theirs, for this endpoint, now, and once.

    trust = Trust(section)
    client = trust.client(text, "https://…/cds-services/wardlink-news2", utc_s)     # raises Untrusted

CDS Hooks 2.0, Trusting CDS Clients: no `none`, nothing symmetric; `jku` of a header is never loaded.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from controller.cds.errors import Untrusted
from controller.cds.section import CdsClient, CdsSection
from controller.errors import ConfigError

_ALGORITHMS = ["ES384", "ES256", "RS384", "RS256"]
_SKEW_S, _LONGEST_S = 30, 600
_NEVER_S = 2**53
"""No moment is so far off; nor is NaN less."""
_LONGEST = 8_000
"""Characters of a JWT."""


class Trust:
    """The clients of `[[cds.clients]]`. Raises ConfigError: a file of keys cannot be used."""

    def __init__(self, section: CdsSection) -> None:
        self._clients = {one.issuer: (one, _keys(one.keys)) for one in section.clients}
        self._seen: dict[tuple[str, str], int] = {}
        """Until when each `jti` must not come again, UTC in seconds."""

    def client(self, text: str, audience: str, utc_s: int) -> CdsClient:
        """Who signed `text` for the endpoint `audience`. Raises Untrusted."""
        if len(text) > _LONGEST:
            raise Untrusted(f"expected a JWT of at most {_LONGEST} characters, got {len(text)}")
        client, keys = self._named(text)
        try:
            claims = jwt.decode(text, keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            why = str(error)[:80]
            raise Untrusted(f"the JWT is not signed by a key of {client.issuer} ({why})") from None
        _check(claims, audience, utc_s)
        self._once(client.issuer, claims, utc_s)
        return client

    def _named(self, text: str) -> tuple[CdsClient, KeySet]:
        """By the issuer that it claims, before anything is believed."""
        issuer = _claimed(text)
        if issuer not in self._clients:
            raise Untrusted(f"expected a JWT of a client that is known here, got one of {issuer!r:.80}")
        return self._clients[issuer]

    def _once(self, issuer: str, claims: Mapping[str, Any], utc_s: int) -> None:
        self._seen = {one: until for one, until in self._seen.items() if until >= utc_s}
        name = issuer, str(claims["jti"])
        if name in self._seen:
            raise Untrusted("this JWT was used already: make another for each call")
        self._seen[name] = int(claims["exp"]) + _SKEW_S


def _claimed(text: str) -> str:
    try:
        middle = text.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return str(claims["iss"])
    except (IndexError, KeyError, TypeError, ValueError, RecursionError, binascii.Error):
        raise Untrusted("expected a JWT with `iss`, got something else") from None


def _check(claims: Mapping[str, Any], audience: str, utc_s: int) -> None:
    named = claims.get("aud")
    told = named if isinstance(named, list) else [named]
    if audience not in told:
        raise Untrusted(f"expected aud {audience}, got {named!r:.120}")
    times = claims.get("iat"), claims.get("exp")
    if not all(isinstance(one, int | float) and abs(one) < _NEVER_S for one in times):
        raise Untrusted("expected iat and exp as seconds since 1970")
    issued, ends = (float(one) for one in times if one is not None)
    if issued > utc_s + _SKEW_S or ends < utc_s - _SKEW_S:
        raise Untrusted("the JWT does not hold now: see iat and exp, and the clocks")
    if ends - issued > _LONGEST_S:
        raise Untrusted(f"expected a JWT that holds for at most {_LONGEST_S} s")
    if not isinstance(claims.get("jti"), str) or not 8 <= len(claims["jti"]) <= 200:
        raise Untrusted("expected jti of 8 to 200 characters")


def _keys(path: Path) -> KeySet:
    try:
        return KeySet.import_key_set(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise ConfigError(
            f"{path}: expected a JWK Set (RFC 7517), it cannot be used ({error}): correct it"
        ) from None
