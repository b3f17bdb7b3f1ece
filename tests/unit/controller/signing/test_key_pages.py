"""The pages' keys in a real WebCrypto: what they sign holds here, and a wrapped one opens with its secret."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from controller.signing.canonical import canonical
from controller.signing.jws import SIGNED, decoded, opened
from tests.support.node import node

DOCUMENT = {"what": "morphine", "dose": {"value": 0.5, "unit": "mg"}, "patient": "P1 张"}
HERE = Path(__file__).parent


def test_each_signature_of_a_page_holds_in_its_one_form() -> None:
    with node() as call:
        made = call((HERE / "pages.mjs").as_posix(), "signedTimes", canonical(DOCUMENT).decode(), 40)
    x, y = (int.from_bytes(decoded(made["jwk"][name])) for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    assert len(made["signatures"]) == 40  # of which half would have the larger s
    for one in made["signatures"]:
        jws = opened(one, SIGNED)
        jws.check(canonical(DOCUMENT), key)
        assert jws.has_one_form
        assert jws.by == "anna"


def test_a_wrapped_key_opens_with_its_secret_and_for_its_public_key_alone() -> None:
    with node() as call:
        told = call((HERE / "pages.mjs").as_posix(), "wraps")
    assert told == {
        "right": True,
        "extractable": False,
        "otherSecret": "OperationError",
        "otherKey": "OperationError",
        "changed": "OperationError",
    }
