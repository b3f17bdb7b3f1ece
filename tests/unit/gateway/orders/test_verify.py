"""Only what this box's own authority signed, as what it is, is obeyed."""

import base64
import json
from importlib import resources

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.identity.authority import Authority
from devices.errors import WireError
from devices.wire import cose
from devices.wire.orders import pack_command, read_command
from gateway.errors import OrderRefused
from gateway.orders.verify import check_signature, issuer, verified
from tests.unit.gateway.orders.made import IDENTITY, OTHER, OURS, command, configuration, signer

SIGNED = signer().command(command())


def test_what_the_issuing_authority_signed_is_believed() -> None:
    assert issuer(IDENTITY) == OURS.issuing
    assert verified(SIGNED, cose.COMMAND, IDENTITY) == pack_command(command())


def refusal(data: bytes, kind: str = cose.COMMAND) -> str:
    with pytest.raises(OrderRefused) as refused:
        verified(data, kind, IDENTITY)
    return refused.value.why


def test_a_configuration_is_no_command_and_the_other_way_round() -> None:
    assert refusal(signer().configuration(configuration())) == "other-kind"
    assert refusal(SIGNED, cose.CONFIGURATION) == "other-kind"


def test_another_authority_is_not_believed() -> None:
    assert refusal(signer(OTHER).command(command())) == "other-key"


def test_a_signature_by_the_key_of_a_gateway_is_not_believed() -> None:
    """A box that was broken into has a certificate of the same authority."""
    own = Authority(OURS.root, OURS.issuing, IDENTITY.key)
    assert refusal(signer(own).command(command())) == "other-key"


def test_another_signature_under_our_name_is_not_believed() -> None:
    protected, unprotected, payload, _ = cbor2.loads(SIGNED)
    _, _, _, signature = cbor2.loads(signer(OTHER).command(command()))
    assert refusal(cbor2.dumps([protected, unprotected, payload, signature])) == "bad-signature"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(SIGNED) * 8 - 1))
def test_a_message_with_a_changed_bit_is_never_believed(place: int) -> None:
    whole = bytearray(SIGNED)
    whole[place // 8] ^= 1 << place % 8
    with pytest.raises((OrderRefused, WireError)):
        verified(bytes(whole), cose.COMMAND, IDENTITY)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_wire_error_and_nothing_else(data: bytes) -> None:
    with pytest.raises(WireError):
        verified(data, cose.COMMAND, IDENTITY)


# Independent of our own signer: sign1-tests and ecdsa-examples of cose-wg/Examples on GitHub.


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "="), "big")


KEY = ec.EllipticCurvePublicNumbers(
    _number("usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8"),
    _number("IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4"),
    ec.SECP256R1(),
).public_key()
PASS_03 = (
    "8443a10126a10442313154546869732069732074686520636f6e74656e742e58408eb33e4ca31d1c465ab05aac34cc6b23d58fef5c08"
    "3106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36"
)
ECDSA_01 = (
    "8445a201260300a10442313154546869732069732074686520636f6e74656e742e58406520bbaf2081d7e0ed0f95f76eb0733d667005"
    "f7467cec4b87b9381a6ba1ede8e00df29f32a37230f39a842a54821fdd223092819d7728efb9d3a0080b75380b"
)
FAIL_02 = PASS_03.replace("656e742e5840", "656e742f5840")
FAIL_07 = ECDSA_01.replace("8445a201260300", "8443a10126")


def test_the_golden_command_is_signed_with_the_key_that_it_says() -> None:
    vectors = json.loads(resources.files("devices.wire").joinpath("vectors.json").read_text(encoding="utf-8"))
    [golden] = [one for one in vectors if one["rule"] == "signed"]
    signed = cose.read_signed(bytes.fromhex(golden["hex"]))
    check_signature(KEY, signed.signed_bytes, signed.signature)
    assert read_command(signed.payload).name == "set-log-level"


def parts(text: str) -> tuple[bytes, bytes]:
    protected, _, payload, signature = cbor2.loads(bytes.fromhex(text))
    return cose.to_be_signed(protected, payload), signature


@pytest.mark.parametrize("text", [PASS_03, ECDSA_01], ids=["sign-pass-03", "ecdsa-sig-01"])
def test_signatures_of_the_working_group_are_good(text: str) -> None:
    check_signature(KEY, *parts(text))


@pytest.mark.parametrize("text", [FAIL_02, FAIL_07], ids=["sign-fail-02", "sign-fail-07"])
def test_what_the_working_group_changed_after_signing_is_refused(text: str) -> None:
    with pytest.raises(OrderRefused):
        check_signature(KEY, *parts(text))
