"""The box's own small authority: a tablet trusts it once, and it can vouch for nothing but this box.

authority = BoxAuthority(data / "crew", config.hosts, clock)
authority.context()        # for the server; makes and renews what is needed
authority.renew()          # every hour: connections that begin from then on get the new certificate
authority.fingerprint      # what is compared before a tablet is told to trust /ca.crt

    authority (10 years) ── leaf (1 year, another one 60 days before its end)

P-256 and SHA-256. The authority's name constraints (RFC 5280, 4.2.1.10) are the box's names and addresses:
who steals its key can be this box to that tablet, and nobody else. Other names need another authority.
"""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.clock import Clock
from gateway.enrolment import files
from gateway.enrolment.certificates import PrivateKey, new_key
from gateway.enrolment.roots import moment
from gateway.errors import IdentityError

_DAY_US = 86_400_000_000
CA_LIFE_US, LEAF_LIFE_US, BEFORE_US = 3650 * _DAY_US, 365 * _DAY_US, 60 * _DAY_US
_BACKDATED_US = 3600 * 1_000_000
"""The tablet's clock may be behind."""
_EARLIEST_US = 1_767_225_600_000_000
"""2026-01-01: what a box that does not know the time begins with. It is made anew when the time is known."""
_NO_NAME = "none.invalid"
"""Where a box has no host names: without a constraint of that kind any name would do (RFC 6761, 6.4)."""


@dataclass(slots=True)
class BoxAuthority:
    """Kept in `folder`; `hosts` are names and addresses."""

    folder: Path
    hosts: Iterable[str]
    clock: Clock
    _ca: tuple[x509.Certificate, PrivateKey] | None = None
    _context: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def ca_der(self) -> bytes:
        """The authority's certificate. Raises OSError, IdentityError."""
        return self._authority()[0].public_bytes(Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """Its SHA-256, as browsers and tablets show it. Raises OSError, IdentityError."""
        return self._authority()[0].fingerprint(hashes.SHA256()).hex(":").upper()

    def context(self) -> ssl.SSLContext:
        """For the server: TLS 1.2 and more. Raises OSError, IdentityError."""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self.renew():
            self._context.load_cert_chain(self._path("leaf"))
        return self._context

    def renew(self) -> bool:
        """Make a new leaf if it is time. Whether it was. Raises OSError, IdentityError."""
        ca, key = self._authority()
        held = files.read_private(self._path("leaf"))
        if held is not None and self._is_good(x509.load_pem_x509_certificate(held), ca):
            return False
        leaf, leaf_key = self._new_leaf(ca, key)
        files.write_whole(self._path("leaf"), _pem(leaf_key, leaf, ca))
        if self._context is not None:
            self._context.load_cert_chain(self._path("leaf"))
        return True

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.pem"

    def _now_us(self) -> int:
        return max(self.clock.block_clock().utc_us or 0, _EARLIEST_US)

    def _authority(self) -> tuple[x509.Certificate, PrivateKey]:
        if self._ca is None:
            held = files.read_private(self._path("ca"))
            found = None if held is None else _loaded(held, self._path("ca"))
            if found is None or not self._serves(found[0]):
                found = self._new_authority()
                files.make_folder(self.folder)
                files.write_whole(self._path("ca"), _pem(found[1], found[0]))
            self._ca = found
        return self._ca

    def _serves(self, ca: x509.Certificate) -> bool:
        """Whether it may vouch for this box, for as long as a leaf lasts."""
        constraints = ca.extensions.get_extension_for_class(x509.NameConstraints).value
        left_us = _us(ca.not_valid_after_utc.timestamp()) - self._now_us()
        return constraints == self._constraints() and left_us >= LEAF_LIFE_US

    def _is_good(self, leaf: x509.Certificate, ca: x509.Certificate) -> bool:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        begin, end = leaf.not_valid_before_utc.timestamp(), leaf.not_valid_after_utc.timestamp()
        is_time = _us(begin) <= self._now_us() < _us(end) - BEFORE_US
        is_ours = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value == _issuer_id(ca)
        return is_time and is_ours and names == x509.SubjectAlternativeName(self._names())

    def _names(self) -> list[x509.GeneralName]:
        return [_name(host) for host in sorted(self.hosts)]

    def _constraints(self) -> x509.NameConstraints:
        names = self._names()
        if not any(isinstance(name, x509.DNSName) for name in names):
            names.append(x509.DNSName(_NO_NAME))
        return x509.NameConstraints([_subtree(name) for name in names], None)

    def _new_authority(self) -> tuple[x509.Certificate, PrivateKey]:
        key = new_key()
        subject = _subject(f"Wardlink box {min(sorted(self.hosts))}")
        builder = self._begun(subject, subject, key, CA_LIFE_US)
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(is_authority=True), critical=True)
            .add_extension(self._constraints(), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        return builder.sign(key, hashes.SHA256()), key

    def _new_leaf(self, ca: x509.Certificate, ca_key: PrivateKey) -> tuple[x509.Certificate, PrivateKey]:
        key = new_key()
        names = x509.SubjectAlternativeName(self._names())
        builder = self._begun(_subject(min(sorted(self.hosts))), ca.subject, key, LEAF_LIFE_US)
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(is_authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(names, critical=False)
            .add_extension(_issuer_id(ca), critical=False)
        )
        return builder.sign(ca_key, hashes.SHA256()), key

    def _begun(
        self, subject: x509.Name, issuer: x509.Name, key: PrivateKey, life_us: int
    ) -> x509.CertificateBuilder:
        begin, end = moment(self._now_us() - _BACKDATED_US), moment(self._now_us() + life_us)
        if begin is None or end is None:
            raise IdentityError("expected a time")
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(begin).not_valid_after(end)


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _subtree(name: x509.GeneralName) -> x509.GeneralName:
    """The name itself, and (of a host name) what is below it."""
    return x509.IPAddress(ip_network(str(name.value))) if isinstance(name, x509.IPAddress) else name


def _issuer_id(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    found = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(found)


def _us(seconds: float) -> int:
    return int(seconds * 1_000_000)


def _pem(key: PrivateKey, *certificates: x509.Certificate) -> bytes:
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return b"".join([*(one.public_bytes(Encoding.PEM) for one in certificates), secret])


def _loaded(held: bytes, path: Path) -> tuple[x509.Certificate, PrivateKey]:
    try:
        key = load_pem_private_key(held, None)
        certificate = x509.load_pem_x509_certificate(held)
    except (ValueError, TypeError) as error:
        raise IdentityError(f"{path}: cannot be read ({error}): remove it, and tablets trust anew") from error
    if not isinstance(key, PrivateKey):
        raise IdentityError(f"{path}: expected a P-256 key: remove it, and tablets trust anew")
    return certificate, key
