"""A firmware's manifest: SUIT's structure and numbers, one spelling, and nothing that it does not say."""

import hashlib

import cbor2
import pycddl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.errors import Malformed, WireError
from devices.wire import cose
from devices.wire.contract import cddl
from devices.wire.manifest import (
    LATEST_VERSION,
    VENDOR,
    Manifest,
    class_of,
    manifest_digest,
    pack_envelope,
    pack_manifest,
    read_envelope,
    read_manifest,
)
from devices.wire.node_image import MAX_IMAGE

CONTRACT = pycddl.Schema(cddl("firmware-envelope"))
IMAGE = hashlib.sha256(b"an image").digest()
GOOD = Manifest("esp32", 12, 40_960, IMAGE)
SIGNED = cose.pack_signed(cose.protect(cose.MANIFEST, bytes(32)), b"a digest", bytes(64))
MANIFESTS = st.builds(
    Manifest,
    st.from_regex(r"[a-z0-9_]{1,18}", fullmatch=True),
    st.integers(1, LATEST_VERSION),
    st.integers(1, MAX_IMAGE),
    st.binary(min_size=32, max_size=32),
)
VECTOR = bytes.fromhex(
    "a4"
    "0101"  # manifest-version: 1
    "020c"  # manifest-sequence-number: 12
    "035868"  # common, of 104 bytes
    "a2"
    "02818244"
    + b"node".hex()
    + "45"
    + b"esp32".hex()  # components
    + "045856"  # shared-sequence, of 86 bytes
    "8614"  # override-parameters
    "a4"
    "0150"
    + VENDOR.hex
    + "0250"
    + class_of("esp32").hex()  # identifiers
    + "035824822f5820"
    + IMAGE.hex()  # image-digest: SHA-256
    + "0e19a000"  # image-size: 40960
    "010f020f"  # the two conditions
    "074382030f"  # validate: image-match
)


def changed(data: bytes, path: tuple[int, ...], value: object) -> bytes:
    """The manifest with another value under the keys of `path`; byte strings are looked into."""
    item = cbor2.loads(data)
    key, *rest = path
    inner = item[key]
    if rest:
        value = (
            changed(inner, tuple(rest), value)
            if isinstance(inner, bytes)
            else cbor2.loads(changed(cbor2.dumps(inner), tuple(rest), value))
        )
    item[key] = value
    return cbor2.dumps(item)


def test_a_manifest_is_these_bytes() -> None:
    assert pack_manifest(GOOD).hex() == VECTOR.hex()


def test_a_class_is_the_uuid_of_a_name_under_its_vendor() -> None:
    """Of the draft's own example (8.4.8.2): version 5 of RFC 9562."""
    assert (VENDOR.version, class_of("esp32")[6] >> 4) == (5, 5)
    assert class_of("esp32") != class_of("pico_w")


def test_what_is_signed_is_over_the_manifest_with_the_head_of_its_byte_string() -> None:
    packed = pack_manifest(GOOD)
    head = b"\x58" + bytes([len(packed)])
    assert cbor2.loads(manifest_digest(packed)) == [-16, hashlib.sha256(head + packed).digest()]


@settings(deadline=None)
@given(MANIFESTS)
def test_what_was_packed_is_read(manifest: Manifest) -> None:
    packed = pack_manifest(manifest)
    whole = pack_envelope(packed, SIGNED)
    CONTRACT.validate_cbor(whole)
    opened = read_envelope(whole)
    assert (opened.signed, opened.digest) == (SIGNED, manifest_digest(packed))
    assert read_manifest(opened.manifest) == manifest


@given(st.data())
def test_what_the_contract_does_not_allow_is_refused(data: st.DataObject) -> None:
    """Whatever is taken is as contract.cddl says."""
    packed = pack_manifest(data.draw(MANIFESTS))
    value = data.draw(st.one_of(st.integers(-1, 2**40), st.binary(max_size=40), st.none()))
    other = cbor2.dumps({**cbor2.loads(packed), data.draw(st.sampled_from([1, 2, 3, 7, 8])): value})
    whole = pack_envelope(other, SIGNED)
    try:
        read_manifest(read_envelope(whole).manifest)
    except WireError:
        return
    CONTRACT.validate_cbor(whole)


@given(st.data())
def test_no_byte_of_an_envelope_can_be_changed_unseen(data: st.DataObject) -> None:
    """But those of the signature: who has the key's certificate sees that."""
    whole = pack_envelope(pack_manifest(GOOD), SIGNED)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = bytearray(whole)
    other[at] ^= data.draw(st.integers(1, 255))
    start = whole.index(SIGNED)
    if start <= at < start + len(SIGNED):
        assert read_envelope(bytes(other)).signed != SIGNED
    else:
        with pytest.raises(WireError):
            read_envelope(bytes(other))


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_no_manifest(data: bytes) -> None:
    for read in (read_envelope, read_manifest):
        with pytest.raises(WireError):
            read(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((1,), 2),
        ((2,), 0),
        ((2,), -1),
        ((2,), True),
        ((2,), 2**31),
        ((3, 2), [[b"node", b"ESP32"]]),
        ((3, 2), [[b"node", b"\xff"]]),
        ((3, 2), [[b"node", b"pico_w"]]),
        ((3, 2), [[b"node", b"esp32"], [b"node", b"esp32"]]),
        ((3, 4), cbor2.dumps([])),
        ((3, 4, 1, 1), bytes(16)),
        ((3, 4, 1, 2), class_of("pico_w")),
        ((3, 4, 1, 3), cbor2.dumps([-44, IMAGE])),
        ((3, 4, 1, 3), cbor2.dumps([-16, IMAGE[:31]])),
        ((3, 4, 1, 14), 0),
        ((3, 4, 1, 14), MAX_IMAGE + 1),
        ((3, 4, 2), 3),
        ((7,), cbor2.dumps([])),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(path: tuple[int, ...], value: object) -> None:
    assert read_manifest(changed(pack_manifest(GOOD), (2,), 13)).version == 13
    with pytest.raises(Malformed):
        read_manifest(changed(pack_manifest(GOOD), path, value))


def test_what_a_manifest_says_beside_is_refused() -> None:
    more = cbor2.loads(pack_manifest(GOOD)) | {20: cbor2.dumps([])}
    with pytest.raises(Malformed, match="it says more"):
        read_manifest(cbor2.dumps(more))


def test_an_envelope_of_another_manifest_is_refused() -> None:
    other = pack_manifest(Manifest("esp32", 13, 40_960, IMAGE))
    whole = cbor2.loads(pack_envelope(pack_manifest(GOOD), SIGNED))
    with pytest.raises(Malformed, match="changed on the way"):
        read_envelope(cbor2.dumps({**whole, 3: other}))
