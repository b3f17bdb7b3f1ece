"""How long a session lasts, and when its screen locks: by role; of several roles the strictest counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from controller.security.permissions import Role

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Limits:
    """Milliseconds: a session ends `idle_ms` after its last request and `longest_ms` after the login.

    It locks `lock_ms` after its person last touched the screen; None: never, there is nothing to protect.
    """

    lock_ms: int | None
    idle_ms: int
    longest_ms: int


_SHIFT = Limits(5 * MINUTE_MS, 12 * HOUR_MS, 16 * HOUR_MS)
_DESK = Limits(10 * MINUTE_MS, 4 * HOUR_MS, 12 * HOUR_MS)
_POWER = Limits(5 * MINUTE_MS, HOUR_MS, 8 * HOUR_MS)

LIMITS: Mapping[Role, Limits] = {
    Role.VIEWER: Limits(None, 30 * DAY_MS, 90 * DAY_MS),
    Role.NURSE: _SHIFT,
    Role.PHYSICIAN: _SHIFT,
    Role.CREW: _SHIFT,
    Role.PHARMACIST: _DESK,
    Role.ENGINEER: _DESK,
    Role.RADIOLOGY: _DESK,
    Role.AUDITOR: _POWER,
    Role.ADMINISTRATOR: _POWER,
}
"""A board that is open uses its session; a shift with its hand-over is shorter than 16 h."""


def with_locks(minutes: Mapping[Role, int]) -> Mapping[Role, Limits]:
    """LIMITS with other minutes until the screen locks; 0: never."""
    changed = {role: replace(LIMITS[role], lock_ms=n * MINUTE_MS or None) for role, n in minutes.items()}
    return {**LIMITS, **changed}


def strictest(limits: Mapping[Role, Limits], roles: Iterable[Role]) -> Limits:
    """What holds for a person of these roles."""
    held = [limits[role] for role in roles]
    return Limits(
        lock_ms=min((one.lock_ms for one in held if one.lock_ms is not None), default=None),
        idle_ms=min((one.idle_ms for one in held), default=0),
        longest_ms=min((one.longest_ms for one in held), default=0),
    )
