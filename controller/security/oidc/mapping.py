"""From what the provider says of a person to roles and wards here, as the configuration tells."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.errors import LoginRefused
from controller.sections import OidcSection
from controller.security.oidc.id_token import Claims
from controller.security.permissions import Role

LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider knows them. `issuer` and `subject` never change, the others may."""

    issuer: str
    subject: str
    name: str
    roles: frozenset[Role]
    wards: frozenset[str]
    sid: str | None = None
    """The provider's name for this session, by which it may end it."""


def identity(claims: Claims, section: OidcSection) -> Identity:
    """Who the checked `claims` are about. Raises LoginRefused."""
    name = claims.get(section.name_claim)
    if not (isinstance(name, str) and _is_name(name.strip())):
        raise LoginRefused(
            "name",
            f"expected the claim {section.name_claim!r} with a name of 1 to {LONGEST_NAME} characters, "
            f"without a colon, got {name!r:.100}: change [oidc] name_claim, or what the provider sends",
        )
    groups = _groups(claims, section.groups_claim)
    roles = frozenset(role for role, needed in section.roles.items() if groups & set(needed))
    wards = frozenset(ward for ward, needed in section.wards.items() if groups & set(needed))
    sid = claims.get("sid")
    return Identity(
        section.issuer, claims["sub"], name.strip(), roles, wards, sid if isinstance(sid, str) else None
    )


def _is_name(text: str) -> bool:
    """A colon is for what is no person in the audit trail: "token:ehr", "gateway:ward-a"."""
    return text.isprintable() and ":" not in text and 0 < len(text) <= LONGEST_NAME


def _groups(claims: Claims, path: str) -> frozenset[str]:
    """The groups at `path`, whose dots lead into objects: "realm_access.roles". One may be a plain text."""
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None  # pyright: ignore[reportUnknownMemberType]
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return frozenset(one for one in listed if isinstance(one, str))
