"""What a program's token may do with images: scopes of ImagingStudy (SMART App Launch 2.2)."""

from collections.abc import Iterable

from controller.security.permissions import Permission
from controller.security.scopes import Scope, allows, parse_scopes

NEEDED = {
    Permission.READ_IMAGES: parse_scopes("system/ImagingStudy.rs"),
    Permission.ADD_IMAGES: parse_scopes("system/ImagingStudy.c"),
}
"""All of what each takes; what is not here no token may do."""


def permissions_of_scopes(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """What `scopes` allow here."""
    held = tuple(scopes)
    return frozenset(permission for permission, needed in NEEDED.items() if allows(held, needed))
