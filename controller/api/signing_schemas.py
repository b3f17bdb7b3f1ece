"""What requests and answers about keys to sign with look like."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import Body
from controller.signing.model import KeyState, Unlock

Base64url = Annotated[str, StringConstraints(max_length=2048, pattern=r"^[A-Za-z0-9_-]*$")]


class WrapBody(Body):
    """The private key, encrypted by AES-256-GCM with what one passkey or a passphrase gives."""

    kind: Literal["passkey", "passphrase"]
    credential: Base64url | None = Field(None, description="the passkey's id; null: a passphrase")
    salt: Base64url = Field(description="32 bytes: of the PRF and HKDF, or of PBKDF2")
    iterations: int | None = Field(None, description="of PBKDF2-SHA-256; null: a passkey")
    iv: Base64url
    wrapped: Base64url


class ProvedBody(Body):
    """Who asks proves who they are: by `password` or `code`, if they have one."""

    password: Annotated[str, StringConstraints(max_length=1024)] | None = Field(None, repr=False)
    code: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, repr=False)
    """Of the second factor."""


class NewKeyBody(ProvedBody):
    """A key that the browser made."""

    challenge: Base64url
    proof: Annotated[str, StringConstraints(max_length=4096)] = Field(
        description='detached JWS, typ "wardlink-key", with `jwk` and `sub`, over {"challenge", "person"}'
    )
    wraps: Annotated[list[WrapBody], Field(min_length=1, max_length=11)]


class WrapsBody(ProvedBody):
    """All ways to unlock the key, in the place of those there are."""

    wraps: Annotated[list[WrapBody], Field(min_length=1, max_length=11)]


class RevokedBody(Body):
    """Why a key is to sign no more."""

    reason: Literal["lost", "compromised", "left"]


class _Shape(BaseModel):
    """A JSON object with exactly these members. Times `*_utc_s` are UTC in seconds."""

    model_config = ConfigDict(extra="forbid")


class KeyEvent(_Shape):
    """What became of a key."""

    state: KeyState
    at_utc_s: int
    by: str
    reason: str


class SigningKeyView(_Shape):
    """A key."""

    serial: str = Field(description="of its certificate, hexadecimal")
    state: KeyState
    made_utc_s: int
    expires_utc_s: int
    changed_utc_s: int = Field(description="when it came into its state")
    reason: str
    roles: list[str] = Field(description="the person's, as its certificate says them")
    history: list[KeyEvent] = Field(description="the oldest first")


class SigningKeyList(_Shape):
    """A person's keys, the newest first."""

    unlock: list[Unlock] = Field(description="how keys may be unlocked here")
    keys: list[SigningKeyView]


class Challenge(_Shape):
    """What a new key signs."""

    challenge: str


class WrapView(_Shape):
    """As WrapBody."""

    kind: Unlock
    credential: str | None
    salt: str
    iterations: int | None
    iv: str
    wrapped: str


class PublicJwk(_Shape):
    """The public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str


class UnlockView(_Shape):
    """What a browser needs to sign."""

    serial: str
    person: str
    x5c: list[str] = Field(description="for the header of a signature")
    wraps: list[WrapView]
    jwk: PublicJwk
    rp: str = Field(description="the relying party's id of passkeys here")
    utc_s: int = Field(description="now, for `iat`")
