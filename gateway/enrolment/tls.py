"""Whom a connection trusts: the root that was pinned, its successor, and none of the host's."""

import ssl

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which `ssl` does not name."""


def pinned(*roots: x509.Certificate, check_time: bool = True) -> ssl.SSLContext:
    """For a client: a server under one of `roots`, whose certificate names the host that was asked for.

    TLS >= 1.2. `check_time=False` is for a box whose clock is not set yet: to a box in 1970 every certificate
    is from the future, and without a connection it may never learn the time. The pinned roots and the host's
    name still hold, so only a server whose key was stolen *and* whose certificate has expired gains by it.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    for root in roots:
        context.load_verify_locations(cadata=root.public_bytes(Encoding.DER))
    if not check_time:
        context.verify_flags |= _NO_CHECK_TIME
    return context


def unpinned() -> ssl.SSLContext:
    """For a client that asks who is there, tells nothing, and believes only what a fingerprint proves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
