"""Receipts that anyone can check with OpenSSL: JSON in the clear, signed by the controller (CMS, RFC 5652).

openssl cms -verify -in RECEIPT -CAfile root.pem -purpose any      # later than 90 days: -no_check_time, too
"""

import json
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7

from controller.errors import AuthorityError
from controller.identity.files import CONTROLLER


def signed_receipt(folder: Path, said: Mapping[str, object]) -> str:
    """`said` as JSON, with the signature of `controller.pem` in the authority's folder.

    Raises AuthorityError.
    """
    key, chain = _signer(folder / CONTROLLER)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(f"{json.dumps(said, indent=2)}\n".encode())
    builder = builder.add_signer(chain[0], key, hashes.SHA256())
    for one in chain[1:]:
        builder = builder.add_certificate(one)
    return builder.sign(Encoding.SMIME, [pkcs7.PKCS7Options.DetachedSignature]).decode()


def _signer(path: Path) -> tuple[ec.EllipticCurvePrivateKey, list[x509.Certificate]]:
    try:
        text = path.read_bytes()
        key = load_pem_private_key(text, None)
        chain = x509.load_pem_x509_certificates(text)
    except (OSError, ValueError) as error:
        raise AuthorityError(
            f"{path}: expected a key and its certificate: start the controller once"
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path}: expected a P-256 key: delete the file, and start the controller")
    return key, chain
