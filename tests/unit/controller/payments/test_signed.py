"""Signatures both ways: a byte more or less, another path, another time, another key, and nothing holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.payments.signed import (
    SIGNATURE,
    SKEW_S,
    TIMESTAMP,
    Account,
    Unsigned,
    check_callback,
    request_headers,
)

ACCOUNT, PATH, NOW_S = Account("hospital", "secret"), "/api/payments/callback", 1_900_000_000
BODY = b'{"key":"x"}'
HEADERS = request_headers(ACCOUNT, "POST", PATH, BODY, NOW_S)


def test_a_worked_example_of_the_document() -> None:
    """Computed with openssl: see docs/payments.md."""
    account = Account("hospital", "a secret that both know")
    signed = account.sign("POST", "/api/v1/price", b"{}", 1_900_000_000, "k1")
    assert signed == "v1=df1ff45fa4f4ce443045c102fba911dd637798b5692432f0b08f94a73f7e9582"


def test_what_the_provider_signed_just_now_is_taken() -> None:
    for utc_s in (NOW_S, NOW_S - SKEW_S, NOW_S + SKEW_S):
        check_callback(ACCOUNT, HEADERS, PATH, BODY, utc_s)


@pytest.mark.parametrize("utc_s", [NOW_S - SKEW_S - 1, NOW_S + SKEW_S + 1])
def test_what_was_signed_at_another_time_is_not(utc_s: int) -> None:
    with pytest.raises(Unsigned, match="within 300 s"):
        check_callback(ACCOUNT, HEADERS, PATH, BODY, utc_s)


@pytest.mark.parametrize(
    ("account", "headers", "path", "body"),
    [
        (Account("hospital", "other"), HEADERS, PATH, BODY),
        (Account("other", "secret"), HEADERS, PATH, BODY),
        (ACCOUNT, HEADERS, PATH + "/", BODY),
        (ACCOUNT, HEADERS, PATH, BODY + b" "),
        (ACCOUNT, {**HEADERS, TIMESTAMP: str(NOW_S + 1)}, PATH, BODY),
        (ACCOUNT, {**HEADERS, TIMESTAMP: f"0{NOW_S}"}, PATH, BODY),
        (ACCOUNT, {TIMESTAMP: str(NOW_S)}, PATH, BODY),
        (ACCOUNT, {}, PATH, BODY),
        (ACCOUNT, request_headers(ACCOUNT, "GET", PATH, BODY, NOW_S), PATH, BODY),
        (ACCOUNT, request_headers(ACCOUNT, "POST", PATH, BODY, NOW_S, key="k"), PATH, BODY),
    ],
)
def test_what_was_changed_is_not(account: Account, headers: dict[str, str], path: str, body: bytes) -> None:
    with pytest.raises(Unsigned):
        check_callback(account, headers, path, body, NOW_S)


@given(at=st.text(), shown=st.text(), body=st.binary())
def test_nothing_foreign_is_taken_and_nothing_breaks(at: str, shown: str, body: bytes) -> None:
    with pytest.raises(Unsigned):
        check_callback(ACCOUNT, {TIMESTAMP: at, SIGNATURE: shown}, PATH, body, NOW_S)


def test_the_secret_is_in_no_text() -> None:
    assert "secret" not in repr(ACCOUNT).replace("Account", "")
