"""The checks of an ID token: OpenID Connect Core 1.0, section 3.1.3.7. Pure: keys and time come in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from controller.errors import LoginRefused

ALGORITHMS = ("RS256", "ES256", "PS256")
"""Signatures with a public key only: `none` signs nothing, and HS256 would take a public key for a secret."""
LEEWAY_S = 60
"""By how much the provider's clock may differ."""
LONGEST_LIFE_S = 24 * 3600
"""An older token was not made for this login, whatever it says of its own expiry."""

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token of this login must say."""

    issuer: str
    client_id: str
    nonce: str


class UnknownKey(LoginRefused):
    """The token was signed by a key that the provider has not published, as far as we know."""


def check_id_token(token: str, keys: KeySet, expected: Expected, now_s: int) -> Claims:
    """The claims of `token`. `now_s` is UTC, seconds since 1970. Raises UnknownKey, LoginRefused."""
    _, claims = signed(token, keys)
    check_times(claims, now_s, ("iss", "sub", "aud", "exp", "iat", "nonce"), LONGEST_LIFE_S)
    check_equal("iss", claims.get("iss"), expected.issuer)
    _check_audience(claims, expected.client_id)
    check_equal("nonce", claims.get("nonce"), expected.nonce)
    subject = claims.get("sub")
    if not (isinstance(subject, str) and 0 < len(subject) <= 255):
        raise LoginRefused("sub", "expected sub as a text of 1 to 255 characters: ask the provider")
    return claims


def signed(token: str, keys: KeySet) -> tuple[Claims, Claims]:
    """(header, claims), signed by one of `keys`. Raises UnknownKey, LoginRefused."""
    try:
        found = jwt.decode(token, keys, algorithms=ALGORITHMS)
    except InvalidKeyIdError as error:
        raise UnknownKey("key", f"the token is signed by an unknown key: {error}") from error
    except (JoseError, ValueError) as error:
        raise LoginRefused("signature", f"the token cannot be trusted: {error}") from error
    return found.header, found.claims


def check_times(claims: Claims, now_s: int, needed: Iterable[str], longest_s: int) -> None:
    """All of `needed` is there, and it was made, at most `longest_s` ago, for now. Raises LoginRefused."""
    essential = {name: {"essential": True} for name in needed}
    registry = jwt.JWTClaimsRegistry(now_s, LEEWAY_S, **essential)  # pyright: ignore[reportArgumentType]
    try:
        registry.validate(dict(claims))
    except JoseError as error:
        raise LoginRefused("claims", f"the token does not hold: {error}") from error
    if claims["iat"] < now_s - longest_s:
        raise LoginRefused("claims", f"the token was made more than {longest_s} s ago: begin again")


def audience(claims: Claims) -> list[Any]:
    """For whom a token is: one or several."""
    return claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]


def _check_audience(claims: Claims, client_id: str) -> None:
    """The token is for us; if it is for others as well, it must have been made at our request."""
    held = audience(claims)
    if client_id not in held:
        raise LoginRefused("aud", f"expected the audience {client_id!r}, got {held!r:.200}")
    if len(held) > 1 or "azp" in claims:
        check_equal("azp", claims.get("azp"), client_id)


def check_equal(name: str, came: object, expected: str) -> None:
    """Raises LoginRefused."""
    if came != expected:
        raise LoginRefused(name, f"expected {name} {expected!r}, got {came!r:.200}")
