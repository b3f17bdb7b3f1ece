"""What a gateway takes for firmware: what its own authority signed, whole, and nothing else."""

import hashlib

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.firmware.images import Image
from controller.firmware.serve import signed_manifest
from controller.identity.authority import Authority
from devices.wire import cose, node_image
from devices.wire.manifest import Manifest, manifest_digest, pack_envelope, pack_manifest
from gateway.errors import OrderRefused
from gateway.firmware.shelf import check, opened
from tests.unit.gateway.orders.made import IDENTITY, OTHER, OURS, signer

DATA = node_image.pack("esp32", 12, {"a.mpy": bytes(1000)})
DIGEST = hashlib.sha256(DATA).hexdigest()
IMAGE = Image(DIGEST, "esp32", 12, len(DATA), 0, "anna")
ENVELOPE = signed_manifest(IMAGE, signer())
MANIFEST = Manifest("esp32", 12, len(DATA), bytes.fromhex(DIGEST))


def refusal(envelope: bytes) -> tuple[str, str]:
    assert opened(ENVELOPE, IDENTITY) == MANIFEST
    with pytest.raises(OrderRefused) as refused:
        opened(envelope, IDENTITY)
    return refused.value.why, str(refused.value)


def test_what_the_authority_signed_is_believed_and_the_image_that_it_is_about() -> None:
    assert opened(ENVELOPE, IDENTITY) == MANIFEST
    check(DATA, MANIFEST)


def test_a_manifest_that_somebody_else_signed_is_refused() -> None:
    why, said = refusal(signed_manifest(IMAGE, signer(OTHER)))
    assert (why, "the signature of this box's own authority" in said) == ("other-key", True)


def test_a_manifest_that_a_gateway_signed_is_refused() -> None:
    own = Authority(OURS.root, OURS.issuing, IDENTITY.key)
    assert refusal(signed_manifest(IMAGE, signer(own)))[0] == "other-key"


def test_a_manifest_that_was_changed_after_it_was_signed_is_refused() -> None:
    held = cbor2.loads(ENVELOPE)
    newer = pack_manifest(Manifest("esp32", 13, len(DATA), bytes.fromhex(DIGEST)))
    assert refusal(cbor2.dumps({**held, 3: newer}))[0] == "bad-manifest"
    _, signed = cbor2.loads(held[2])
    why, said = refusal(pack_envelope(newer, signed))
    assert (why, "changed it after it was signed" in said) == ("bad-manifest", True)


def test_a_command_is_no_manifest_though_the_authority_signed_it() -> None:
    packed = pack_manifest(MANIFEST)
    other = pack_envelope(packed, signer().sign(cose.COMMAND, manifest_digest(packed)))
    assert refusal(other)[0] == "other-kind"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(ENVELOPE) * 8 - 1))
def test_a_manifest_with_a_changed_bit_is_never_believed(place: int) -> None:
    whole = bytearray(ENVELOPE)
    whole[place // 8] ^= 1 << place % 8
    with pytest.raises(OrderRefused):
        opened(bytes(whole), IDENTITY)


@settings(max_examples=100)
@given(st.integers(0, len(DATA) * 8 - 1))
def test_an_image_with_a_changed_bit_is_never_taken(place: int) -> None:
    whole = bytearray(DATA)
    whole[place // 8] ^= 1 << place % 8
    with pytest.raises(OrderRefused, match="the image is not the one that was signed"):
        check(bytes(whole), MANIFEST)


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"\0", b""])
def test_an_image_that_is_shorter_or_longer_is_not_taken(data: bytes) -> None:
    with pytest.raises(OrderRefused, match="not the one that was signed"):
        check(data, MANIFEST)


def test_what_is_signed_and_no_image_is_not_taken() -> None:
    data = b"no image"
    signed = Manifest("esp32", 12, len(data), hashlib.sha256(data).digest())
    with pytest.raises(OrderRefused, match="the image cannot be used"):
        check(data, signed)


@pytest.mark.parametrize("signed", [("nrf52", 12), ("esp32", 13)])
def test_an_image_that_says_another_board_or_version_than_its_manifest_is_not_taken(
    signed: tuple[str, int],
) -> None:
    with pytest.raises(OrderRefused, match="says that it is esp32 12"):
        check(DATA, Manifest(*signed, len(DATA), bytes.fromhex(DIGEST)))
