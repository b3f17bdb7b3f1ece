"""The certificate authority: a root that gateways pin, and an issuing certificate that signs their own.

    root (10 years) ── issuing (5 years) ─┬─ server        what gateways, browsers and clients check
                                          ├─ controller    the controller's own connection to the broker
                                          └─ a gateway     its subject has the serial number: each
                                                           certificate has a name, so one can be revoked

A certificate profile after RFC 5280; P-256 and SHA-256 throughout. A site with an authority of its own puts
`root.pem`, `issuing.pem` and `issuing.key` into the folder before the first start (docs/security.md).
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controller.errors import AuthorityError

ORGANISATION = "Wardlink"
ROOT_LIFE, ISSUING_LIFE = timedelta(days=3650), timedelta(days=1825)
BACKDATED = timedelta(minutes=5)
"""How much earlier than now a certificate begins: the other end's clock may be behind."""

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey


class Use(Enum):
    """What a certificate that is not an authority may be used for (RFC 5280, 4.2.1.12)."""

    SERVER = ExtendedKeyUsageOID.SERVER_AUTH
    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True, slots=True)
class Authority:
    """An issuing certificate with its key, and the root above it."""

    root: x509.Certificate
    issuing: x509.Certificate
    key: PrivateKey

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, in hexadecimal: what a gateway pins."""
        return self.root.fingerprint(hashes.SHA256()).hex()

    def client(self, name: str, key: PublicKey, now: datetime, life: timedelta) -> x509.Certificate:
        """A certificate of the client `name`; the subject is ours, whatever was asked for.

        Raises AuthorityError.
        """
        serial = x509.random_serial_number()
        return self._signed(_begun(subject_of(name, serial), serial, key), now, life, Use.CLIENT)

    def server(
        self, names: Iterable[str], key: PublicKey, now: datetime, life: timedelta
    ) -> x509.Certificate:
        """A certificate of a server that is reached by these host names and addresses.

        Raises AuthorityError.
        """
        hosts = x509.SubjectAlternativeName(map(_host, names))
        builder = _begun(_named(), x509.random_serial_number(), key).add_extension(hosts, critical=False)
        return self._signed(builder, now, life, Use.SERVER)

    def _signed(
        self, builder: x509.CertificateBuilder, now: datetime, life: timedelta, use: Use
    ) -> x509.Certificate:
        until = min(now + life, self.issuing.not_valid_after_utc)
        if until <= now:
            ended = f"{until:%Y-%m-%d %H:%M} UTC"
            raise AuthorityError(
                f"the issuing certificate ended at {ended}: sign a new one with the root's key"
            )
        return (
            builder.issuer_name(self.issuing.subject)
            .not_valid_before(now - BACKDATED)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use.value]), critical=False)
            .add_extension(self._identifier(), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _identifier(self) -> x509.AuthorityKeyIdentifier:
        """As the issuing certificate itself says: a site's own tools may have computed it otherwise."""
        try:
            own = self.issuing.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        except x509.ExtensionNotFound:
            return _issuer_key(self.key.public_key())
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def new_authority(now: datetime) -> tuple[Authority, PrivateKey]:
    """A new authority, and the key of its root: it is needed for nothing but the next issuing certificate."""
    root_key, key = new_key(), new_key()
    root_name, name = _named(f"{ORGANISATION} root"), _named(f"{ORGANISATION} issuing authority")
    span = now - BACKDATED, now + ROOT_LIFE
    root = _authority(root_name, root_key.public_key(), span, below=1)
    issuing = _authority(name, key.public_key(), (span[0], now + ISSUING_LIFE), below=0)
    signed = [
        one.issuer_name(root_name)
        .add_extension(_issuer_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
        for one in (root, issuing)
    ]
    return Authority(signed[0], signed[1], key), root_key


def new_key() -> PrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def subject_of(client: str, serial: int) -> x509.Name:
    """The subject of the client's certificate with this serial number."""
    return _named(client, x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{serial:x}"))


def name_of(certificate: x509.Certificate) -> str:
    """The name in a client's certificate; "" when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def _begun(subject: x509.Name, serial: int, key: PublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(serial)
        .public_key(key)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority(
    name: x509.Name, key: PublicKey, span: tuple[datetime, datetime], *, below: int
) -> x509.CertificateBuilder:
    return (
        _begun(name, x509.random_serial_number(), key)
        .not_valid_before(span[0])
        .not_valid_after(span[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )


def _issuer_key(key: PublicKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,  # an authority also signs heads of the audit trail, and orders
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str = "", *more: x509.NameAttribute) -> x509.Name:
    common = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), *common, *more])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
