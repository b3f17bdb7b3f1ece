"""The key by which a bench signs its evidence: made at first use, readable by its owner only.

    key = BenchKey.of(Path("~/.config/wardlink").expanduser())
    key.fingerprint          # what a verifier is told over another way, and trusts

P-256, and ES256 with nothing drawn at random (RFC 6979), so that the same run is the same bytes again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from controller.files import write_private
from devices.errors import WireError
from devices.wire import cose
from hil.errors import BadBundle, NotReady

EVIDENCE = "application/vnd.wardlink.evidence"
"""The kind of what is signed: the SHA-256 of a bundle's manifest."""
FOLDER = Path("~/.config/wardlink")
_FILE = "bench-key.pem"
_HALF = cose.SIGNATURE_BYTES // 2


@dataclass(frozen=True, slots=True)
class BenchKey:
    """A private key, held in memory."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def of(cls, folder: Path = FOLDER) -> "BenchKey":
        """That of `folder`, made there if there is none. Raises NotReady when the file is no such key."""
        path = folder.expanduser() / _FILE
        if not path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(path, pem.decode())
            return cls(key)
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise NotReady(f"{path}: expected the bench's key in PEM: {error}: restore it") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise NotReady(f"{path}: expected a P-256 key: move it away, and another is made")
        return cls(key)

    @property
    def fingerprint(self) -> str:
        """Of its public half."""
        return fingerprint(self.public_pem)

    @property
    def public_pem(self) -> bytes:
        """Its public half, as the bundle has it."""
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, manifest: bytes) -> bytes:
        """A COSE_Sign1 (RFC 9052, 4.2) of the manifest's SHA-256."""
        payload = hashlib.sha256(manifest).digest()
        protected = cose.protect(EVIDENCE, bytes.fromhex(self.fingerprint))
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        der = self.private.sign(cose.to_be_signed(protected, payload), algorithm)
        signature = b"".join(number.to_bytes(_HALF, "big") for number in decode_dss_signature(der))
        return cose.pack_signed(protected, payload, signature)


def fingerprint(public_pem: bytes) -> str:
    """SHA-256 of a public key's SubjectPublicKeyInfo in hexadecimal. Raises BadBundle."""
    der = _public(public_pem).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return cose.key_id(der).hex()


def verify(manifest: bytes, signed: bytes, public_pem: bytes) -> None:
    """Raises BadBundle unless `signed` is a signature over `manifest`, as evidence, by this very key."""
    try:
        message = cose.read_signed(signed)
    except WireError as error:
        raise BadBundle(f"the signature cannot be read: {error}") from error
    if message.kind != EVIDENCE or message.key.hex() != fingerprint(public_pem):
        raise BadBundle("the signature is of something else, or by another key than the one in the bundle")
    r, s = (int.from_bytes(half, "big") for half in (message.signature[:_HALF], message.signature[_HALF:]))
    try:
        _public(public_pem).verify(
            encode_dss_signature(r, s), message.signed_bytes, ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        raise BadBundle("the signature is not by the key in the bundle") from None
    if message.payload != hashlib.sha256(manifest).digest():
        raise BadBundle("the manifest is not the one that was signed: it was changed afterwards")


def _public(pem: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadBundle(f"the bench's key in the bundle cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadBundle("the bench's key in the bundle is not P-256")
    return key
