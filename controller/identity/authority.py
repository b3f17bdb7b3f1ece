"""The certificate authority: a root that gateways pin, and an issuing certificate that signs their own.

    root (10 years) ── issuing (5 years) ─┬─ server        what gateways, browsers and clients check
                                          ├─ controller    the controller's own connection to the broker
                                          └─ a gateway     its subject has the serial number: each
                                                           certificate has a name, so one can be revoked

A certificate profile after RFC 5280; P-256 and SHA-256 throughout. A site with an authority of its own puts
`root.pem`, `issuing.pem` and `issuing.key` into the folder before the first start (docs/security.md).
What comes after them: succession.py.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from controller.errors import AuthorityError, ClockNotSet

ORGANISATION = "Wardlink"
ROOT_LIFE, ISSUING_LIFE, PERSON_LIFE = timedelta(days=3650), timedelta(days=1825), timedelta(days=365)
BACKDATED = timedelta(minutes=5)
"""How much earlier than now a certificate begins: the other end's clock may be behind."""

EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""This software is not older: a clock that says so is not set."""

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey
RootKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
"""A site's own root may have another kind of key than ours."""


class Use(Enum):
    """What a certificate that is not an authority may be used for (RFC 5280, 4.2.1.12)."""

    SERVER = ExtendedKeyUsageOID.SERVER_AUTH
    CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
    DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


@dataclass(frozen=True, slots=True)
class Held:
    """What an authority consists of at one moment."""

    root: x509.Certificate
    issuing: x509.Certificate
    key: PrivateKey
    """Of `issuing`."""
    former: tuple[x509.Certificate, ...] = ()
    """Issuing certificates before this one, the newest first."""
    links: tuple[x509.Certificate, ...] = ()
    """For each root before this one, the newest first, what RFC 4210, 4.4 calls OldWithOld, OldWithNew and
    NewWithOld: the old root, itself signed by the new one's key, and the new one signed by the old one's."""


def above(held: Held) -> tuple[x509.Certificate, ...]:
    """What stands between a certificate of `held` and any root that may be pinned: the issuing certificate,
    and each root as the one before signed it."""
    return held.issuing, *held.links[2::3]


class Authority:
    """An issuing certificate with its key, and the root above it.

    The one of a running controller is replaced while others hold it (`follow`): each call works with what is
    held when it begins.
    """

    def __init__(
        self,
        root: x509.Certificate,
        issuing: x509.Certificate,
        key: PrivateKey,
        former: Iterable[x509.Certificate] = (),
        links: Iterable[x509.Certificate] = (),
    ) -> None:
        self._held = Held(root, issuing, key, tuple(former), tuple(links))

    def follow(self, successor: "Authority") -> None:
        """From now on it is as `successor` is."""
        self._held = successor.held

    @property
    def held(self) -> Held:
        """All of it, of one moment."""
        return self._held

    @property
    def root(self) -> x509.Certificate:
        """What new gateways pin."""
        return self._held.root

    @property
    def issuing(self) -> x509.Certificate:
        """What is signed with from now on."""
        return self._held.issuing

    @property
    def key(self) -> PrivateKey:
        """Of the issuing certificate."""
        return self._held.key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root, in hexadecimal: what a gateway pins."""
        return self.root.fingerprint(hashes.SHA256()).hex()

    @property
    def above(self) -> tuple[x509.Certificate, ...]:
        """See `above`."""
        return above(self._held)

    def check_clock(self, now: datetime) -> None:
        """Raises ClockNotSet when `now` is a time before this authority, or this software, was there."""
        check_clock(now, max(self.issuing.not_valid_before_utc, EARLIEST))

    def client(self, name: str, key: PublicKey, now: datetime, life: timedelta) -> x509.Certificate:
        """A certificate of the client `name`; the subject is ours, whatever was asked for.

        Raises AuthorityError.
        """
        serial = x509.random_serial_number()
        return signed_leaf(self._held, begun(subject_of(name, serial), serial, key), (now, life), Use.CLIENT)

    def controller(self, name: str, key: PublicKey, now: datetime, life: timedelta) -> x509.Certificate:
        """A certificate of the controller itself, as a client. No gateway can get its subject.

        The subject is the same in each: an external broker that knew only the one before still lets it in.
        Raises AuthorityError.
        """
        builder = begun(named(name), x509.random_serial_number(), key)
        return signed_leaf(self._held, builder, (now, life), Use.CLIENT)

    def server(
        self, names: Iterable[str], key: PublicKey, now: datetime, life: timedelta
    ) -> x509.Certificate:
        """A certificate of a server that is reached by these host names and addresses.

        Raises AuthorityError.
        """
        hosts = x509.SubjectAlternativeName(map(_host, names))
        builder = begun(named(), x509.random_serial_number(), key).add_extension(hosts, critical=False)
        return signed_leaf(self._held, builder, (now, life), Use.SERVER)


def signed_leaf(
    by: Held, builder: x509.CertificateBuilder, span: tuple[datetime, timedelta], use: Use
) -> x509.Certificate:
    """What `begun` began, of no authority. `span`: now, and how long it is to be good."""
    now, life = span
    until = min(now + life, by.issuing.not_valid_after_utc)
    if until <= now:
        ended = f"{until:%Y-%m-%d %H:%M} UTC"
        raise AuthorityError(
            f"the issuing certificate ended at {ended}: `wardlink controller authority renew` with the "
            "root's key"
        )
    return (
        builder.issuer_name(by.issuing.subject)
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(commits=use is Use.DOCUMENTS), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use.value]), critical=False)
        .add_extension(authority_key(by.issuing), critical=False)
        .sign(by.key, hashes.SHA256())
    )


def authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """As the issuer itself says: a site's own tools may have computed it otherwise (RFC 5280, 4.2.1.1)."""
    try:
        own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def check_clock(now: datetime, begins: datetime = EARLIEST) -> None:
    """Raises ClockNotSet when `now` is before `begins`, so that nothing is made of a wrong time."""
    if now < begins:
        raise ClockNotSet(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, and it is later than "
            f"{begins:%Y-%m-%d %H:%M}: set it (timedatectl set-ntp true), and try again"
        )


def new_authority(now: datetime) -> tuple[Authority, PrivateKey]:
    """A new authority, and the key of its root: it is needed for what comes after (succession.py) only."""
    root_key, key = new_key(), new_key()
    name = authority_name("root")
    until = now + ROOT_LIFE
    root = signed_authority(AuthorityOf(name, root_key.public_key(), 1), name, root_key, now, until)
    issuing = AuthorityOf(authority_name("issuing authority"), key.public_key(), 0)
    signed = signed_authority(issuing, root, root_key, now, now + ISSUING_LIFE)
    return Authority(root, signed, key), root_key


def new_key() -> PrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def subject_of(client: str, serial: int) -> x509.Name:
    """The subject of the client's certificate with this serial number."""
    return named(client, x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{serial:x}"))


def name_of(certificate: x509.Certificate) -> str:
    """The name in a client's certificate; "" when it has none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def begun(subject: x509.Name, serial: int, key: CertificatePublicKeyTypes) -> x509.CertificateBuilder:
    """A certificate to be, for `signed_leaf`."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(serial)
        .public_key(key)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)  # type: ignore[arg-type]
    )


def authority_name(what: str) -> x509.Name:
    """The subject of our own root or issuing authority."""
    return named(f"{ORGANISATION} {what}")


@dataclass(frozen=True, slots=True)
class AuthorityOf:
    """Of what an authority's certificate is made."""

    subject: x509.Name
    key: CertificatePublicKeyTypes
    below: int | None
    """How many authorities may stand between it and a certificate of no authority."""


def signed_authority(
    what: AuthorityOf,
    issuer: x509.Certificate | x509.Name,
    key: RootKey,
    begins: datetime,
    ends: datetime,
) -> x509.Certificate:
    """`what` as a certificate, signed with `key` of `issuer`; a name: with its own key."""
    if isinstance(issuer, x509.Certificate):
        name, by = issuer.subject, authority_key(issuer)
    else:
        name, by = issuer, x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return (
        begun(what.subject, x509.random_serial_number(), what.key)
        .not_valid_before(begins - BACKDATED)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=what.below), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .issuer_name(name)
        .add_extension(by, critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_usage(*, signs_certificates: bool = False, commits: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,  # an authority also signs heads of the audit trail, and orders
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def named(name: str = "", *more: x509.NameAttribute) -> x509.Name:
    """A subject of ours."""
    common = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), *common, *more])


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
