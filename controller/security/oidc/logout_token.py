"""The checks of a logout token: OpenID Connect Back-Channel Logout 1.0, section 2.6. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from joserfc.jwk import KeySet

from controller.errors import LoginRefused
from controller.security.oidc.id_token import LEEWAY_S, Claims, audience, check_equal, check_times, signed

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_AGE_S = 300
"""An older token is not taken, whatever it says of its own expiry: providers make them for two minutes."""
REMEMBERED_S = LONGEST_AGE_S + 2 * LEEWAY_S
"""After so long no token that was used once can be good any more."""
_TYPES = (None, "JWT", "logout+jwt")
_LONGEST_TEXT = 255


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """Whose sessions end: all of `subject`, or the one that the provider calls `sid`. One is there."""

    issuer: str
    jti: str
    subject: str | None
    sid: str | None


def check_logout_token(token: str, keys: KeySet, issuer: str, client_id: str, now_s: int) -> LogoutToken:
    """What `token` asks for. `now_s` is UTC, seconds since 1970. Raises UnknownKey, LoginRefused."""
    header, claims = signed(token, keys)
    if header.get("typ") not in _TYPES:
        raise LoginRefused("typ", f"expected a logout token, got a {header['typ']!r:.60}")
    check_times(claims, now_s, ("iss", "aud", "iat", "exp", "jti", "events"), LONGEST_AGE_S)
    check_equal("iss", claims["iss"], issuer)
    if client_id not in (held := audience(claims)):
        raise LoginRefused("aud", f"expected the audience {client_id!r}, got {held!r:.200}")
    _check_event(claims)
    if "nonce" in claims:
        raise LoginRefused("nonce", "expected no nonce: what has one is an ID token, and logs nobody out")
    jti, subject, sid = _text(claims, "jti"), _text(claims, "sub"), _text(claims, "sid")
    if jti is None or (subject is None and sid is None):
        raise LoginRefused("sub", "expected jti, and sub or sid, as texts: whose session is to end?")
    return LogoutToken(issuer, jti, subject, sid)


def _check_event(claims: Claims) -> None:
    events = claims["events"]
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):  # pyright: ignore[reportUnknownMemberType]
        raise LoginRefused("events", f"expected events with a member {EVENT!r}, got {events!r:.200}")


def _text(claims: Claims, name: str) -> str | None:
    """None: it is not there. Raises LoginRefused."""
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT):
        raise LoginRefused(name, f"expected {name} as a text of 1 to {_LONGEST_TEXT} characters")
    return value
