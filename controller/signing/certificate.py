"""The certificate of a person's key: who they are, and which roles they had when it was made.

    O=Wardlink, CN=anna, serialNumber=…, title=physician
    key usage: digitalSignature, nonRepudiation; extended: id-kp-documentSigning

So it is none of an authority, none that lets a gateway in, and no gateway's signs a document.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from controller.errors import BadSignature
from controller.identity.authority import PERSON_LIFE, Held, PublicKey, Use, begun, named, signed_leaf
from controller.identity.certificates import moment
from controller.signing.chain import UNREADABLE, holds


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose certificate it is."""

    name: str
    roles: tuple[str, ...]
    """Sorted."""


def issued(held: Held, name: str, roles: Iterable[str], key: PublicKey, utc_s: int) -> x509.Certificate:
    """A certificate for the person's `key`, from now on for a year. Raises AuthorityError."""
    serial = x509.random_serial_number()
    titles = [x509.NameAttribute(NameOID.TITLE, role) for role in sorted(roles)]
    subject = named(name, x509.NameAttribute(NameOID.SERIAL_NUMBER, f"{serial:x}"), *titles)
    return signed_leaf(held, begun(subject, serial, key), (moment(utc_s), PERSON_LIFE), Use.DOCUMENTS)


def holder_of(one: x509.Certificate) -> Holder:
    """Whose it is, if it is one for signing documents. Raises BadSignature."""
    names = _texts(one, NameOID.COMMON_NAME)
    if not _is_personal(one) or len(names) != 1:
        raise BadSignature(
            "expected the certificate of a person who signs, got one for another use", "certificate"
        )
    return Holder(names[0], tuple(sorted(_texts(one, NameOID.TITLE))))


def check_time(one: x509.Certificate, at_s: float) -> None:
    """Raises BadSignature unless the certificate held at `at_s`, UTC in seconds."""
    if not holds(one, at_s):
        span = f"{one.not_valid_before_utc:%Y-%m-%d %H:%M} to {one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        at = f"{moment(int(at_s)):%Y-%m-%d %H:%M}"
        message = f"the key's certificate holds from {span}, and it signed at {at}: make a new key"
        raise BadSignature(message, "certificate")


def _is_personal(one: x509.Certificate) -> bool:
    try:
        basic = one.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = one.extensions.get_extension_for_class(x509.KeyUsage).value
        extended = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    signs = usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    return not basic.ca and signs and Use.DOCUMENTS.value in extended


def _texts(one: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(found.value) for found in one.subject.get_attributes_for_oid(oid)]
