"""What an authenticator's answer says before anything of it is believed: to find challenge and key."""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webauthn.helpers import parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException

from controller.errors import LoginRefused

LONGEST = 16_384
"""Characters of one member; a credential id has at most 1023 bytes, an attestation some thousand."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A credential's claims about itself."""

    id: bytes
    challenge: bytes
    handle: bytes | None
    """The account it says it is for; None in a registration."""


def answer_of(credential: Mapping[str, Any]) -> Answer:
    """The claims of a PublicKeyCredential as its toJSON() writes it. Raises LoginRefused."""
    response = credential.get("response")
    if not isinstance(response, Mapping):
        raise _refused("response")
    try:
        told = parse_client_data_json(bytes_of(response.get("clientDataJSON")))
    except (WebAuthnException, ValueError, TypeError, AttributeError) as error:
        raise _refused("response.clientDataJSON") from error
    key, handle = bytes_of(credential.get("id")), response.get("userHandle")
    return Answer(key, told.challenge, None if handle is None else bytes_of(handle))


def bytes_of(text: object) -> bytes:
    """The bytes of base64url without padding (RFC 4648, section 5). Raises LoginRefused."""
    if not (isinstance(text, str) and text.isascii() and len(text) <= LONGEST):
        raise _refused("a text in base64url")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise _refused("a text in base64url") from error


def _refused(what: str) -> LoginRefused:
    return LoginRefused("passkey", f"expected a credential's JSON, {what} is not as it should be: try again")
