"""The certificate by which a site shows partners who it is, and the TLS on both sides of such a connection.

<ca>/site.pem    key, certificate and chain; its name is a URI that no gateway's certificate can have
"""

import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from controller.errors import AuthorityError
from controller.identity.authority import Authority, PublicKey, Use, begun, named, new_key, signed_leaf
from controller.identity.files import SERVER, keep

SITE = "site.pem"
LIFE = timedelta(days=90)
_DER = 2
"""As Python's `_ssl` calls this form of a certificate."""
_URI = "urn:wardlink:site:"


def site_certificate(
    authority: Authority, site: str, key: PublicKey, now: datetime, life: timedelta = LIFE
) -> x509.Certificate:
    """Of the site as a client of its partners. Raises AuthorityError."""
    name = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(_URI + site)])
    builder = begun(named(site), x509.random_serial_number(), key).add_extension(name, critical=False)
    return signed_leaf(authority.held, builder, (now, life), Use.CLIENT)


def keep_site(folder: Path, authority: Authority, site: str, now: datetime) -> bool:
    """See that `site.pem` is good; True: it is a new one. Raises AuthorityError."""
    key = new_key()
    fresh = site_certificate(authority, site, key.public_key(), now)
    return keep(folder / SITE, authority, key, fresh, now)


def site_of(certificate: x509.Certificate) -> str:
    """The site that it names; "": it names none."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    sites = [one.removeprefix(_URI) for one in uris if one.startswith(_URI)]
    return sites[0] if len(sites) == 1 else ""


def door_context(folder: Path) -> ssl.SSLContext:
    """Of the listener for partners: TLS 1.3, and nobody without a certificate of a root that is let in.

    A session is never taken up again, so that each connection is checked whole.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.load_cert_chain(folder / SERVER)
    return context


def let_in(context: ssl.SSLContext, root: bytes) -> None:
    """Certificates below this root (DER) may connect; who they are is looked at after that (`shown`)."""
    context.load_verify_locations(cadata=root)


def partner_context(folder: Path, root: bytes) -> ssl.SSLContext:
    """To connect to the partner whose root (DER) this is, and to nobody else. Raises AuthorityError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=root)
    try:
        context.load_cert_chain(folder / SITE)
    except OSError as error:
        raise AuthorityError(
            f"{folder / SITE}: the site's own certificate cannot be read: {error}"
        ) from error
    return context


def shown(connection: ssl.SSLObject) -> tuple[str, bytes]:
    """The site that the other end's certificate names, and the root (DER) that it was verified by.

    Python has no other way to the verified chain before 3.13.
    """
    inner = connection._sslobj  # pyright: ignore[reportAttributeAccessIssue]
    chain: list[bytes] = [one.public_bytes(_DER) for one in inner.get_verified_chain()]
    return site_of(x509.load_der_x509_certificate(chain[0])), chain[-1]
