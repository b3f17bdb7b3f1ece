"""What a route may ask of a person, and which role has it."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """What a route asks for. A route without one cannot be made."""

    PUBLIC = "public"
    """Nothing: the way to the login."""
    LOGGED_IN = "logged-in"
    """Any person who is logged in."""
    READ_WARD = "ward:read"
    """See beds, patients, values, devices and gateways."""
    ASSIGN = "ward:assign"
    """Say which patient and which device is on a bed."""
    READ_OPERATIONS = "operations:read"
    """See the ledger and what was quarantined."""


class Role(StrEnum):
    """What a person is here."""

    VIEWER = "viewer"
    """A wall screen: looks and changes nothing."""
    NURSE = "nurse"
    ENGINEER = "engineer"


_VIEW = frozenset({Permission.LOGGED_IN, Permission.READ_WARD})

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _VIEW,
    Role.NURSE: _VIEW | {Permission.ASSIGN},
    Role.ENGINEER: _VIEW | {Permission.ASSIGN, Permission.READ_OPERATIONS},
}
