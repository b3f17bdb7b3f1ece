"""What controller and member tell each other: read back as it was told, and nothing else is taken."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cluster.access import Access, InForce, digest, read_access, read_in_force
from controller.errors import BrokerError
from devices.wire.deflate import deflate

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.dictionaries(TEXTS, TEXTS, max_size=5), TEXTS)
@settings(max_examples=50)
def test_what_is_told_is_what_is_read_and_the_same_is_the_same(
    gateways: dict[str, str], issuers: str
) -> None:
    told = Access(gateways, issuers)
    assert read_access(told.pack()) == told
    assert digest(Access(dict(reversed(gateways.items())), issuers).pack()) == digest(told.pack())


def test_ten_thousand_gateways_fit_into_one_message() -> None:
    names = {f"SERIALNUMBER={n * 7919:040x},CN=ward-{n},O=Wardlink": f"ward-{n}" for n in range(10_000)}
    assert len(Access(names, "x" * 2000).pack()) < 524_288


@pytest.mark.parametrize(
    "told", ["[]", "{}", '{"gateways": {"a": 1}, "issuers": ""}', '{"gateways": [], "issuers": ""}', "x"]
)
def test_anything_else_is_refused(told: str) -> None:
    with pytest.raises(BrokerError, match="expected"):
        read_access(deflate(told.encode()))
    with pytest.raises(BrokerError, match="expected"):
        read_in_force(told.encode())


@given(st.binary(max_size=80))
@settings(max_examples=200)
def test_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_access, read_in_force):
        with contextlib.suppress(BrokerError):
            read(data)
        with contextlib.suppress(BrokerError):
            read(deflate(data))


def test_what_is_in_force_comes_back() -> None:
    assert read_in_force(InForce("ab", 7).pack()) == InForce("ab", 7)
