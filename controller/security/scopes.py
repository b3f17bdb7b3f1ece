"""Scopes of API tokens, in the syntax of SMART App Launch 2.2, section "Scopes and Launch Context".

A scope is `system/` + a FHIR R4 resource type or `*` + `.` + some of c r u d s, in that order:
`system/Observation.rs` reads and searches observations. What that grammar has and we cannot keep is refused,
never ignored: `patient/` and `user/` need a person, `?category=…` narrows what we would not narrow, and
`.read`, `.write` are SMART 1.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from controller.errors import BadScope

INTERACTIONS = "cruds"
"""create, read, update, delete, search."""
MOST = 48
"""Scopes in one token."""
_LONGEST = 80
_SCOPE = re.compile(r"system/(\*|[A-Z][A-Za-z]{1,63})\.(c?r?u?d?s?)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What may be done with the resources of one type."""

    resource: str
    """A FHIR resource type; "*" is every one."""
    interactions: str
    """A selection of INTERACTIONS in their order; never empty."""

    def __str__(self) -> str:
        return f"system/{self.resource}.{self.interactions}"

    def covers(self, other: "Scope") -> bool:
        """Whether all that `other` allows is allowed by this one alone."""
        return self.resource in ("*", other.resource) and set(other.interactions) <= set(self.interactions)

    def touches(self, other: "Scope") -> bool:
        """Whether something that `other` allows is allowed by this one, too."""
        both = set(self.interactions) & set(other.interactions)
        return self.resource in ("*", other.resource) and bool(both)

    @property
    def only_reads(self) -> bool:
        """Whether nothing can be changed with it."""
        return set(self.interactions) <= set("rs")


def parse_scope(text: str) -> Scope:
    """One scope. Raises BadScope."""
    found = _SCOPE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None or not found[2]:
        raise BadScope(
            f"expected a scope like 'system/Observation.rs' (resource type, then of {INTERACTIONS!r} in that "
            f"order), got {text[:_LONGEST]!r}: write it so; patient/, user/, '?' and .read are not taken"
        )
    return Scope(found[1], found[2])


def parse_scopes(text: str) -> frozenset[Scope]:
    """Scopes with one space between each two (RFC 6749, section 3.3). Raises BadScope."""
    parts = text.split(" ")
    if len(parts) > MOST:
        raise BadScope(f"expected at most {MOST} scopes, got {len(parts)}: make several tokens")
    return frozenset(parse_scope(part) for part in parts)


def scope_text(scopes: Iterable[Scope]) -> str:
    """The scopes as `parse_scopes` reads them, in one order."""
    return " ".join(str(scope) for scope in sorted(scopes))


def allows(granted: Iterable[Scope], needed: Iterable[Scope]) -> bool:
    """Whether `granted` together allow each of `needed`; the letters of one need may come from several."""
    held = {(scope.resource, letter) for scope in granted for letter in scope.interactions}
    return all(
        (scope.resource, letter) in held or ("*", letter) in held
        for scope in needed
        for letter in scope.interactions
    )
