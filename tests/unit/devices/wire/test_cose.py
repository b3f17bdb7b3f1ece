"""Signed messages: the bytes under the signature are RFC 9052's, and one message has one spelling."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Malformed, MessageTooLarge
from devices.wire import cose

KEY, SIGNATURE = bytes(range(32)), bytes(64)
PROTECTED = cose.protect(cose.COMMAND, KEY)
CONTENT = b"This is the content."
GOOD = [PROTECTED, {}, b"payload", SIGNATURE]


@pytest.mark.parametrize(
    ("protected", "external", "expected"),
    [
        (
            "a10126",
            "",
            "846a5369676e61747572653143a101264054546869732069732074686520636f6e74656e742e",
        ),
        (
            "a10126",
            "11aa22bb33cc44dd55006699",
            "846a5369676e61747572653143a101264c11aa22bb33cc44dd5500669954546869732069732074686520636f6e74656e742e",
        ),
        (
            "a201260300",
            "",
            "846a5369676e61747572653145a2012603004054546869732069732074686520636f6e74656e742e",
        ),
    ],
    ids=["sign-pass-03", "sign-pass-02", "ecdsa-sig-01"],
)
def test_what_is_signed_is_what_the_working_group_signs(protected: str, external: str, expected: str) -> None:
    """`ToBeSign_hex` of these files of cose-wg/Examples on GitHub."""
    signed = cose.to_be_signed(bytes.fromhex(protected), CONTENT, bytes.fromhex(external))
    assert signed.hex() == expected


def test_a_signed_message_says_of_what_kind_it_is_and_whose_key() -> None:
    signed = cose.read_signed(cbor2.dumps(GOOD))
    assert (signed.kind, signed.key, signed.payload) == (cose.COMMAND, KEY, b"payload")
    assert signed.signed_bytes == cose.to_be_signed(PROTECTED, b"payload")


def header(**changes: object) -> bytes:
    """The protected header as a map with these values: algorithm, key, kind, more."""
    items = {"algorithm": (1, -7), "key": (4, KEY), "kind": (16, cose.COMMAND)}
    changed = {name: (label, changes.get(name, value)) for name, (label, value) in items.items()}
    more = changes.get("more", {})
    assert isinstance(more, dict)
    return cbor2.dumps({**dict(changed.values()), **more})


@pytest.mark.parametrize(
    "message",
    [
        cbor2.CBORTag(18, GOOD),
        [PROTECTED, {4: KEY}, b"payload", SIGNATURE],
        [PROTECTED, {}, None, SIGNATURE],
        [PROTECTED, {}, b"payload", SIGNATURE[1:]],
        [PROTECTED, {}, b"payload", [[PROTECTED, {}, SIGNATURE]]],
        [PROTECTED, b"payload", SIGNATURE],
        [header(algorithm=-35), {}, b"payload", SIGNATURE],
        [header(algorithm=0), {}, b"payload", SIGNATURE],
        [header(algorithm="none"), {}, b"payload", SIGNATURE],
        [header(key=KEY[1:]), {}, b"payload", SIGNATURE],
        [header(kind=0), {}, b"payload", SIGNATURE],
        [header(more={2: [7]}), {}, b"payload", SIGNATURE],
        [header(more={99: 1}), {}, b"payload", SIGNATURE],
        [bytes.fromhex("a0"), {}, b"payload", SIGNATURE],
        [b"", {}, b"payload", SIGNATURE],
        [cbor2.dumps({16: cose.COMMAND, 4: KEY, 1: -7}), {}, b"payload", SIGNATURE],
    ],
    ids=[
        *("tagged", "unprotected parameter", "detached payload", "short signature", "many signatures"),
        *("three items", "ES384", "reserved algorithm", "algorithm none", "short key", "kind is a number"),
        *("critical parameter", "unknown parameter", "no parameters", "no header", "another order"),
    ],
)
def test_what_is_not_exactly_this_is_refused(message: object) -> None:
    assert cose.read_signed(cbor2.dumps(GOOD))
    with pytest.raises(Malformed):
        cose.read_signed(cbor2.dumps(message))


def test_a_large_one_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(MessageTooLarge):
        cose.read_signed(b"\xff" * (cose.MAX_SIGNED + 1))


@given(st.binary(max_size=40), st.binary(min_size=64, max_size=64), st.integers(0, 10**6))
def test_a_changed_bit_never_leaves_what_is_signed_and_the_signature_as_they_were(
    payload: bytes, signature: bytes, place: int
) -> None:
    whole = bytearray(cose.pack_signed(PROTECTED, payload, signature))
    whole[place % len(whole)] ^= 1 << place % 8
    try:
        read = cose.read_signed(bytes(whole))
    except (Malformed, MessageTooLarge):
        return
    before = cose.to_be_signed(PROTECTED, payload), signature
    assert (read.signed_bytes, read.signature) != before
