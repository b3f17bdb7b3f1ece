"""Keys and requests for certificates, as a gateway or an attacker makes them."""

import base64

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID


def p256() -> ec.EllipticCurvePrivateKey:
    """A key as every gateway has it."""
    return ec.generate_private_key(ec.SECP256R1())


def signing_request(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    *names: str,
    extensions: tuple[x509.ExtensionType, ...] = (),
) -> bytes:
    """A request with these common names: base64, as EST carries it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER))


def forged_request(claimed: ec.EllipticCurvePublicKey, name: str) -> bytes:
    """A request for a key whose private half its sender does not have: another key signed it."""
    own = p256()
    raw = base64.b64decode(signing_request(own, name))
    old, new = (
        one.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) for one in (own.public_key(), claimed)
    )
    assert raw.count(old) == 1
    return base64.b64encode(raw.replace(old, new))


def pem(*parts: ec.EllipticCurvePrivateKey | x509.Certificate) -> bytes:
    """Keys and certificates, one after the other."""
    return b"".join(
        part.public_bytes(Encoding.PEM)
        if isinstance(part, x509.Certificate)
        else part.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        for part in parts
    )
