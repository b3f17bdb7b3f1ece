"""`[cds]` of the configuration: the services that are asked, and who may ask ours.

[cds]
issuer = "https://wardlink.hospital.example"    # who we are in our JWTs
origins = ["https://ehr.example"]     # pages of others that may ask our services (CORS)
[[cds.services]]
name = "Pharmacogenomics"             # as people read it
url = "https://pgx.example"           # without /cds-services
hooks = ["order-sign"]                # of those that it offers
timeout_ms = 1500
[[cds.clients]]                       # who may ask ours
issuer = "https://ehr.example"        # iss of its JWTs
keys = "ehr-jwks.json"                # its JWK Set, relative to the file
wards = ["ward-a"]                    # whose patients it is told of; without: of all
"""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from controller.sections import Section

Hook = Literal["patient-view", "order-sign"]


def _base(text: str) -> str:
    """TLS, but to this machine itself (CDS Hooks 2.0, Security and Safety)."""
    parts = urlsplit(text)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ValueError("expected https:// (http:// only to this machine)")
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("expected an address without user, query or fragment")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_base)]


class CdsService(Section):
    """A base address of services that we ask."""

    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,60}$")]
    url: Address
    hooks: Annotated[tuple[Hook, ...], Field(strict=False, min_length=1)] = ("patient-view", "order-sign")
    timeout_ms: Annotated[int, Field(ge=100, le=10_000)] = 2000
    """Until it counts as not checked."""


class CdsClient(Section):
    """Somebody who may ask our services."""

    issuer: Annotated[str, Field(min_length=1, max_length=200)]
    keys: Annotated[Path, Field(strict=False)]
    wards: Annotated[tuple[str, ...] | None, Field(strict=False)] = None


class CdsSection(Section):
    """See the module and docs/cds-hooks.md."""

    issuer: Annotated[str, Field(min_length=1, max_length=200)] = "urn:wardlink:controller"
    address: Address | None = None
    """Ours, as clients reach it, for `aud` of their JWTs; None: that of `[login]`, see logins.origin."""
    services: Annotated[tuple[CdsService, ...], Field(strict=False)] = ()
    clients: Annotated[tuple[CdsClient, ...], Field(strict=False)] = ()
    origins: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _one_of_each_name(self) -> Self:
        names, issuers = [one.name for one in self.services], [one.issuer for one in self.clients]
        if len(set(names)) < len(names) or len(set(issuers)) < len(issuers):
            raise ValueError("expected services of different names and clients of different issuers")
        return self

    def based(self, folder: Path) -> "CdsSection":
        """With the paths relative to the configuration's folder."""
        clients = tuple(one.model_copy(update={"keys": folder / one.keys}) for one in self.clients)
        return self.model_copy(update={"clients": clients})
