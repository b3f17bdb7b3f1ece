"""The checks of a logout token, taken alone: the right one is taken, what is wrong in one thing is not."""

import hmac
from base64 import urlsafe_b64encode
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from controller.errors import LoginRefused
from controller.security.oidc.id_token import LEEWAY_S, UnknownKey
from controller.security.oidc.logout_token import EVENT, LONGEST_AGE_S, LogoutToken, check_logout_token

NOW = 1_900_000_000
ISSUER, CLIENT = "https://login.example", "wardlink"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "iat": NOW - 5,
    "exp": NOW + 115,
    "jti": "7",
    "events": {EVENT: {}},
    "sub": "17",
    "sid": "s-1",
}
KEY = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
PUBLIC = KEY.as_dict(private=False)
KEYS = KeySet.import_key_set({"keys": [PUBLIC]})


def signed(claims: dict[str, Any] = CLAIMS, key: ECKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": key.kid, **header}, claims, key)


def checked(token: str) -> LogoutToken:
    return check_logout_token(token, KEYS, ISSUER, CLIENT, NOW)


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in CLAIMS.items() if name not in names}


@pytest.mark.parametrize("typ", [{}, {"typ": "JWT"}, {"typ": "logout+jwt"}])
def test_a_right_token_says_whose_sessions_end(typ: dict[str, Any]) -> None:
    assert checked(signed(**typ)) == LogoutToken(ISSUER, "7", "17", "s-1")


def test_the_person_or_the_session_alone_is_enough() -> None:
    assert checked(signed(without("sid"))) == LogoutToken(ISSUER, "7", "17", None)
    assert checked(signed(without("sub"))) == LogoutToken(ISSUER, "7", None, "s-1")


def test_it_may_be_for_several() -> None:
    assert checked(signed(CLAIMS | {"aud": ["another", CLIENT]})).subject == "17"


WRONG = {
    "another issuer": CLAIMS | {"iss": "https://elsewhere.example"},
    "another audience": CLAIMS | {"aud": "another"},
    "several others": CLAIMS | {"aud": ["another", "third"]},
    "nobody": without("sub", "sid"),
    "a nonce": CLAIMS | {"nonce": "n"},
    "an empty nonce": CLAIMS | {"nonce": ""},
    "no nonce but null": CLAIMS | {"nonce": None},
    "another event": CLAIMS | {"events": {"http://schemas.openid.net/event/other": {}}},
    "events as text": CLAIMS | {"events": EVENT},
    "events as list": CLAIMS | {"events": [EVENT]},
    "an event that is no object": CLAIMS | {"events": {EVENT: True}},
    "expired": CLAIMS | {"exp": NOW - LEEWAY_S},
    "of the future": CLAIMS | {"iat": NOW + LEEWAY_S + 1},
    "not good yet": CLAIMS | {"nbf": NOW + LEEWAY_S + 1},
    "old, and good for ever": CLAIMS | {"iat": NOW - LONGEST_AGE_S - 1, "exp": NOW + 10**6},
    "a number for sub": CLAIMS | {"sub": 17},
    "a list for sid": CLAIMS | {"sid": ["s-1"]},
    "an empty jti": CLAIMS | {"jti": ""},
    "a jti without end": CLAIMS | {"jti": "7" * 256},
    **{f"no {name}": without(name) for name in ("iss", "aud", "iat", "exp", "jti", "events")},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_each_wrong_claim_is_refused(claims: dict[str, Any]) -> None:
    assert checked(signed())
    with pytest.raises(LoginRefused):
        checked(signed(claims))


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "id_token"])
def test_a_token_of_another_type_is_refused(typ: str) -> None:
    with pytest.raises(LoginRefused):
        checked(signed(typ=typ))


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def test_unsigned_and_falsely_signed_tokens_are_refused() -> None:
    payload = base64url(orjson.dumps(CLAIMS))
    unsigned = f"{base64url(orjson.dumps({'alg': 'none'}))}.{payload}."
    shared = f"{base64url(orjson.dumps({'alg': 'HS256', 'kid': 'ec'}))}.{payload}"
    secret = orjson.dumps(PUBLIC)  # the public key, which everybody has
    for token in (unsigned, f"{shared}.{base64url(hmac.digest(secret, shared.encode(), 'sha256'))}"):
        with pytest.raises(LoginRefused):
            checked(token)
    with pytest.raises(LoginRefused):
        checked(signed(key=ECKey.generate_key("P-256", {"kid": "ec"})))
    with pytest.raises(UnknownKey):
        checked(signed(key=ECKey.generate_key("P-256", {"kid": "new"})))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(CLAIMS)), value=JSON)
def test_whatever_a_claim_says_it_is_taken_or_refused(name: str, value: object) -> None:
    with suppress(LoginRefused):
        assert isinstance(checked(signed(CLAIMS | {name: value})), LogoutToken)


@given(token=st.text(max_size=200))
def test_whatever_text_comes_is_refused(token: str) -> None:
    with pytest.raises(LoginRefused):
        checked(token)
