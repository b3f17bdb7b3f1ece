"""Identities as the controller's authority makes them."""

from datetime import timedelta

from cryptography import x509

from controller.identity.authority import Authority, new_authority, new_key
from gateway.enrolment.identity import Identity
from tests.support.est import LIFE, MQTT, now

EST = "https://127.0.0.1:8443"


def authority() -> Authority:
    """One that is older than whatever it signs in a test."""
    return new_authority(now() - timedelta(days=1000))[0]


def identity(
    of: Authority, gateway: str = "ward-a", age: timedelta = timedelta(0), life: timedelta = LIFE
) -> Identity:
    """One that was made so long ago, with a key of its own."""
    key = new_key()
    own = of.client(gateway, key.public_key(), now() - age, life)
    return Identity(key, (own, of.issuing), (of.root,), EST, MQTT)


def serial(certificate: x509.Certificate) -> int:
    return certificate.serial_number
