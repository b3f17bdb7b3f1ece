"""What lets a new gateway in: one line of JSON, and nothing that only looks like it."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadClaim
from devices.model.claim import LONGEST, Claim
from devices.model.identity import NAME_PATTERN

CLAIM = Claim(
    gateway="ward-a",
    est="https://10.0.0.5:8443",
    mqtt="mqtts://10.0.0.5:8883",
    token="t0k3n_-AAAAAAAAAAAAAAA",
    root="0f" * 32,
    expires=1_800_000_000,
)
HOSTS = st.one_of(
    st.from_regex(r"[a-z0-9\-]{1,20}(\.[a-z0-9\-]{1,20}){0,3}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
PLACES = st.tuples(HOSTS, st.integers(1, 65535)).map(lambda place: f"{place[0]}:{place[1]}")
CLAIMS = st.builds(
    Claim,
    gateway=st.from_regex(NAME_PATTERN, fullmatch=True),
    est=PLACES.map("https://{}".format),
    mqtt=PLACES.map("mqtts://{}".format),
    token=st.from_regex(r"[A-Za-z0-9_-]{22}", fullmatch=True),
    root=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    expires=st.integers(1, 2**40 - 1),
)


@given(CLAIMS)
def test_a_claim_comes_back_from_its_text(claim: Claim) -> None:
    text = claim.to_text()
    assert Claim.from_text(text) == claim
    assert text.isascii()
    assert text.isprintable()  # one line: a serial console can take it


def test_its_text_is_json_with_the_version_first() -> None:
    held = {name: value for name, value in asdict(CLAIM).items() if name != "brokers"}
    assert json.loads(CLAIM.to_text()) == {"wardlink": 1, **held}
    assert CLAIM.to_text().startswith('{"wardlink":1,')


@given(st.text())
def test_any_other_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    with pytest.raises(BadClaim):
        Claim.from_text(text)


@given(
    st.dictionaries(st.sampled_from(["wardlink", *asdict(CLAIM)]), st.none() | st.booleans() | st.floats())
)
def test_a_member_of_another_type_is_refused(wrong: dict[str, Any]) -> None:
    text = json.dumps({"wardlink": 1, **asdict(CLAIM), **wrong})
    if wrong:
        with pytest.raises(BadClaim):
            Claim.from_text(text)


@given(st.integers(0, 2**16), st.integers(0, 7))
def test_a_claim_with_one_bit_turned_is_refused_or_another_claim_never_an_accident(
    place: int, bit: int
) -> None:
    raw = bytearray(CLAIM.to_text().encode())
    raw[place % len(raw)] ^= 1 << bit
    try:
        read = Claim.from_text(raw.decode("latin-1"))
    except BadClaim:
        return
    assert read != CLAIM


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gateway", "Ward A"),
        ("gateway", "../etc"),
        ("gateway", "ward-a\n"),
        ("est", "http://10.0.0.5:8443"),
        ("est", "mqtts://10.0.0.5:8443"),
        ("est", "https://10.0.0.5"),
        ("est", "https://10.0.0.5:0"),
        ("est", "https://10.0.0.5:65536"),
        ("est", "https://10.0.0.5:8443/path"),
        ("est", "https://user@10.0.0.5:8443"),
        ("est", "https://HOST:8443"),
        ("est", "https://a b:8443"),
        ("est", "https://:8443"),
        ("mqtt", "mqtt://10.0.0.5:8883"),
        ("mqtt", "mqtts://[::1:8883"),
        ("token", "short"),
        ("token", "t0k3n+/AAAAAAAAAAAAAAA"),
        ("root", "0F" * 32),
        ("root", "0f" * 31),
        ("expires", 0),
        ("expires", -1),
        ("expires", 2**40),
    ],
)
def test_each_member_has_one_form(name: str, value: object) -> None:
    with pytest.raises(BadClaim, match=f"{name}: expected .*: ask the engineer for a new claim"):
        replace(CLAIM, **{name: value})
    with pytest.raises(BadClaim, match=name):
        Claim.from_text(json.dumps({"wardlink": 1, **asdict(CLAIM), name: value}))


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_a_claim_of_another_version_is_refused(version: object) -> None:
    with pytest.raises(BadClaim, match="wardlink"):
        Claim.from_text(json.dumps({**asdict(CLAIM), "wardlink": version}))


def test_a_member_too_many_or_too_few_is_refused() -> None:
    whole = {"wardlink": 1, **asdict(CLAIM)}
    for held in ({**whole, "more": 1}, {name: whole[name] for name in list(whole)[1:]}):
        with pytest.raises(BadClaim, match="expected a claim with wardlink, gateway, est"):
            Claim.from_text(json.dumps(held))


@pytest.mark.parametrize("text", ["[" * LONGEST, "x" * (LONGEST + 1), "[]", "1", "null", ""])
def test_what_is_no_object_deeply_nested_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(BadClaim, match="again"):
        Claim.from_text(text)


def test_the_token_is_neither_shown_nor_told_in_a_refusal() -> None:
    assert CLAIM.token not in repr(CLAIM)
    with pytest.raises(BadClaim) as refused:
        replace(CLAIM, token=CLAIM.token + "x")
    assert CLAIM.token not in str(refused.value)
    with pytest.raises(BadClaim) as refused:
        Claim.from_text(CLAIM.to_text()[:-1])
    assert CLAIM.token not in str(refused.value)
