"""Who we are on the hospital's DICOM network, who is known there, and what each may do.

settings = DimseSettings.model_validate_json(text)     # raises pydantic.ValidationError
settings.peer("CT1")                                   # None: nobody whom we know
"""

import string
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

PLAIN_PORT, TLS_PORT = 11112, 2762
"""The registered ports "dicom" and "dicom-tls" (PS3.8, 9.1.1; PS3.15, B)."""


def _title(text: str) -> str:
    """An application entity's title (PS3.5, 6.2, VR AE)."""
    if not (text.strip() and len(text) <= 16 and text == text.strip()):
        raise ValueError(f"expected an AE title of 1 to 16 characters, got {text!r}")
    if "\\" in text or not (text.isascii() and text.isprintable()):
        raise ValueError(
            f"expected an AE title of ASCII letters, digits and signs without '\\', got {text!r}"
        )
    return text


def _fingerprint(text: str) -> str:
    plain = text.replace(":", "").lower()
    if len(plain) != 64 or set(plain) - set(string.hexdigits):
        raise ValueError("expected a certificate's SHA-256 fingerprint: 64 hexadecimal digits")
    return plain


Title = Annotated[str, AfterValidator(_title)]
Port = Annotated[int, Field(ge=0, le=65535)]


class May(StrEnum):
    """What a peer may do. Any peer may send C-ECHO."""

    STORE = "store"
    FIND = "find"
    RETRIEVE = "retrieve"
    """C-GET, and C-MOVE to itself or to another known peer that has a port."""
    COMMIT = "commit"
    WORKLIST = "worklist"
    """See what is to be done, of every patient."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Peer(_Model):
    """An application entity that is known here.

    With a fingerprint it is who holds that certificate's key, and comes by TLS only, from anywhere. Without,
    all that tells it from others is its title and its address: it must come from `host`, and comes
    unencrypted.
    """

    title: Title
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Where it takes images and commitment reports; None: we never connect to it."""
    fingerprint: Annotated[str, AfterValidator(_fingerprint)] | None = None
    """SHA-256 of its certificate (DER), hexadecimal; colons are allowed."""
    may: frozenset[May] = frozenset()

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if May.COMMIT in self.may and self.port is None:
            raise ValueError(f"peer {self.title} may commit: expected a port, where it takes the reports")
        return self


class DimseTls(_Model):
    """PS3.15, B.12 (BCP 195): TLS 1.2 or later, certificates on both sides."""

    certificate: Path
    key: Path
    ca: Path
    """Whom peers' certificates must be from: authorities, or the peers' own self-signed ones."""
    client: Path | None = None
    """Certificate and key, shown where we connect; None: the other, if its extended key usage allows it."""
    port: Port = TLS_PORT


class DimseSettings(_Model):
    """What `python -m controller.imaging.dimse` needs. Paths are absolute."""

    title: Title = "WARDLINK"
    host: str = "127.0.0.1"
    port: Port | None = PLAIN_PORT
    """Without TLS; None: no such door. 0: any free one."""
    tls: DimseTls | None = None
    peers: tuple[Peer, ...] = ()
    socket: Path
    """The inner door of the imaging service."""
    folder: Path
    """Its own: commitments, and images on their way."""
    associations: Annotated[int, Field(ge=1, le=200)] = 20
    """At once, of peers."""
    idle_s: Annotated[float, Field(gt=0)] = 60.0
    """An association without a byte for so long ends."""
    largest: Annotated[int, Field(gt=0)] = 5 << 30
    """Bytes of one message."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        titles = [peer.title for peer in self.peers]
        if twice := {title for title in titles if titles.count(title) > 1}:
            raise ValueError(f"expected each peer's title once, got {sorted(twice)} more than once")
        if self.port is None and self.tls is None:
            raise ValueError("expected a port or tls: without both nobody can connect")
        for peer in self.peers:
            if peer.fingerprint and self.tls is None:
                raise ValueError(f"peer {peer.title} has a fingerprint: expected tls, there is none")
            if not peer.fingerprint and self.port is None:
                raise ValueError(f"peer {peer.title} has no fingerprint and there is no port without TLS")
        return self

    def peer(self, title: str) -> Peer | None:
        """The peer of that title."""
        return next((peer for peer in self.peers if peer.title == title), None)
