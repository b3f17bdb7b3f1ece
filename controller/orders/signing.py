"""Signs what gateways obey, with the key of the issuing certificate: each of them has it in its own chain.

A gateway that still holds the chain of a former one is told this one's certificate with the order.
"""

import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controller.identity.authority import Authority, PublicKey, above
from devices.model.orders import REBIRTH
from devices.wire import cose
from devices.wire.orders import ID_BYTES, Command, Configuration, pack_command, pack_configuration

REBIRTH_LIFE_US = 60_000_000
"""For so long a gateway may be asked for its birth by the same message."""


class Signer:
    """Signs with the key that `authority` has at that moment."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    @property
    def key_id(self) -> bytes:
        """Which key that is."""
        return _id(self._authority.key.public_key())

    def command(self, command: Command) -> bytes:
        """`command` as it is published."""
        return self.sign(cose.COMMAND, pack_command(command))

    def configuration(self, configuration: Configuration) -> bytes:
        """`configuration` as it is published."""
        return self.sign(cose.CONFIGURATION, pack_configuration(configuration))

    def rebirth(self, gateway: str, utc_us: int) -> bytes:
        """The controller's own request: `gateway` is to introduce itself."""
        expires_us = utc_us + REBIRTH_LIFE_US
        return self.command(
            Command(secrets.token_bytes(ID_BYTES), REBIRTH, {}, gateway, "controller", utc_us, expires_us)
        )

    def sign(self, kind: str, payload: bytes) -> bytes:
        """A COSE_Sign1 of `payload`, with ES256 (RFC 9053, 2.1)."""
        held = self._authority.held
        chain = [one.public_bytes(Encoding.DER) for one in above(held)]
        protected = cose.protect(kind, _id(held.key.public_key()), chain)
        der = held.key.sign(cose.to_be_signed(protected, payload), ec.ECDSA(hashes.SHA256()))
        half = cose.SIGNATURE_BYTES // 2
        signature = b"".join(number.to_bytes(half, "big") for number in decode_dss_signature(der))
        return cose.pack_signed(protected, payload, signature)


def _id(key: PublicKey) -> bytes:
    return cose.key_id(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
