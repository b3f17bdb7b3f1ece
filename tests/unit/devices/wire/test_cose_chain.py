"""A signed message may bring the certificates of its key: in one spelling, under the signature, few."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Malformed
from devices.wire import cose

KEY, SIGNATURE = bytes(range(32)), bytes(64)


def message(header: bytes) -> bytes:
    return cose.pack_signed(header, b"payload", SIGNATURE)


@given(st.lists(st.binary(max_size=50), max_size=cose.MOST_CHAIN))
def test_what_it_brings_comes_out_as_it_went_in(chain: list[bytes]) -> None:
    signed = cose.read_signed(message(cose.protect(cose.COMMAND, KEY, chain)))
    assert (signed.kind, signed.key, signed.chain) == (cose.COMMAND, KEY, tuple(chain))


def test_it_is_spelled_as_the_standard_says() -> None:
    """RFC 9360, 2: x5chain is label 33; one certificate stands alone, more are an array."""
    alone = cbor2.loads(cose.protect(cose.COMMAND, KEY, [b"a"]))
    many = cbor2.loads(cose.protect(cose.COMMAND, KEY, [b"a", b"b"]))
    assert (alone[33], many[33]) == (b"a", [b"a", b"b"])


def test_it_is_under_the_signature() -> None:
    one, other = (cose.protect(cose.COMMAND, KEY, [chain]) for chain in (b"a", b"b"))
    assert cose.to_be_signed(one, b"") != cose.to_be_signed(other, b"")


@pytest.mark.parametrize(
    "chain",
    [[], [b"a"], [b"a"] * (cose.MOST_CHAIN + 1), [b"a", "b"], "a", {1: b"a"}, None],
    ids=["empty", "one in a list", "too many", "no bytes", "text", "a map", "null"],
)
def test_another_spelling_is_refused(chain: object) -> None:
    header = {1: -7, 4: KEY, 16: cose.COMMAND}
    assert cose.read_signed(message(cbor2.dumps(header)))
    with pytest.raises(Malformed):
        cose.read_signed(message(cbor2.dumps({**header, 33: chain})))
