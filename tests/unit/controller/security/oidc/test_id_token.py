"""The checks of an ID token, taken alone: whatever comes, it is refused in one way or it is ours."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from controller.errors import LoginRefused
from controller.security.oidc.id_token import ALGORITHMS, LEEWAY_S, Expected, UnknownKey, check_id_token

NOW = 1_900_000_000
EXPECTED = Expected("https://login.example", "wardlink", "the nonce")
CLAIMS = {
    "iss": EXPECTED.issuer,
    "aud": EXPECTED.client_id,
    "nonce": EXPECTED.nonce,
    "sub": "17",
    "iat": NOW - 5,
    "exp": NOW + 300,
}
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
KEYS = KeySet.import_key_set({"keys": [key.as_dict(private=False) for key in (EC, RSA)]})


def signed(claims: dict[str, Any] = CLAIMS, algorithm: str = "ES256", key: Any = EC) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, [algorithm])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_of_the_list_is_taken(algorithm: str) -> None:
    token = signed(algorithm=algorithm, key=EC if algorithm == "ES256" else RSA)
    assert check_id_token(token, KEYS, EXPECTED, NOW)["sub"] == "17"


def test_a_provider_with_one_key_need_not_name_it() -> None:
    token = jwt.encode({"alg": "ES256"}, CLAIMS, EC)
    one = KeySet.import_key_set({"keys": [EC.as_dict(private=False)]})
    assert check_id_token(token, one, EXPECTED, NOW)["sub"] == "17"
    with pytest.raises(UnknownKey):
        check_id_token(token, KEYS, EXPECTED, NOW)


def test_the_clocks_may_differ_by_a_minute_and_no_more() -> None:
    for claims in (CLAIMS | {"exp": NOW - LEEWAY_S + 1}, CLAIMS | {"iat": NOW + LEEWAY_S}):
        assert check_id_token(signed(claims), KEYS, EXPECTED, NOW)
    for claims in (
        CLAIMS | {"exp": NOW - LEEWAY_S},
        CLAIMS | {"iat": NOW + LEEWAY_S + 1},
        CLAIMS | {"nbf": NOW + LEEWAY_S + 1},
    ):
        with pytest.raises(LoginRefused):
            check_id_token(signed(claims), KEYS, EXPECTED, NOW)


def test_a_token_for_several_is_taken_if_it_was_made_for_us() -> None:
    claims = CLAIMS | {"aud": ["wardlink", "another"], "azp": "wardlink"}
    assert check_id_token(signed(claims), KEYS, EXPECTED, NOW)
    with pytest.raises(LoginRefused, match="azp"):
        check_id_token(signed(claims | {"azp": "another"}), KEYS, EXPECTED, NOW)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){0,4}", fullmatch=True))
def test_no_text_is_taken_and_none_makes_another_error(text: str) -> None:
    with pytest.raises(LoginRefused):
        check_id_token(text, KEYS, EXPECTED, NOW)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_token_with_one_character_changed_is_refused(place: int, other: str) -> None:
    token = signed()
    place %= len(token) - 2  # the last two may hold bits that mean nothing
    if token[place] == other:
        return
    with pytest.raises(LoginRefused):
        check_id_token(token[:place] + other + token[place + 1 :], KEYS, EXPECTED, NOW)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(CLAIMS)), ODD)
def test_a_claim_of_another_value_or_kind_is_refused_or_does_not_matter(name: str, value: object) -> None:
    try:
        told = check_id_token(signed(CLAIMS | {name: value}), KEYS, EXPECTED, NOW)
    except LoginRefused:
        return
    assert all(told[fixed] in (CLAIMS[fixed], [CLAIMS[fixed]]) for fixed in ("iss", "aud", "nonce"))
    assert isinstance(told["sub"], str)
    assert told["exp"] > NOW - LEEWAY_S
