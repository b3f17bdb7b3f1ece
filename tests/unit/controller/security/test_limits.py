"""How long sessions last, by role."""

from itertools import combinations
from pathlib import Path

import pytest

from controller.config import load
from controller.errors import ConfigError
from controller.security.limits import LIMITS, MINUTE_MS, strictest, with_locks
from controller.security.permissions import Role


def test_every_role_has_limits() -> None:
    assert LIMITS.keys() == set(Role)


def test_only_a_wall_screen_which_can_change_nothing_never_locks() -> None:
    assert {role for role, limits in LIMITS.items() if limits.lock_ms is None} == {Role.VIEWER}


@pytest.mark.parametrize("roles", list(combinations(Role, 2)))
def test_of_two_roles_the_stricter_limit_counts(roles: tuple[Role, Role]) -> None:
    both = strictest(LIMITS, roles)
    for role in roles:
        one = LIMITS[role]
        assert both.idle_ms <= one.idle_ms
        assert both.longest_ms <= one.longest_ms
        assert one.lock_ms is None or (both.lock_ms is not None and both.lock_ms <= one.lock_ms)


def test_a_person_without_roles_has_no_session_at_all() -> None:
    assert strictest(LIMITS, ()).longest_ms == 0


def test_a_site_can_choose_when_a_screen_locks() -> None:
    chosen = with_locks({Role.NURSE: 2, Role.ENGINEER: 0})
    assert chosen[Role.NURSE].lock_ms == 2 * MINUTE_MS
    assert chosen[Role.ENGINEER].lock_ms is None
    assert chosen[Role.AUDITOR] == LIMITS[Role.AUDITOR]


def test_the_minutes_are_in_the_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "controller.toml"
    file.write_text("[login.lock_minutes]\nnurse = 2\n", encoding="utf-8")
    assert with_locks(load(file).login.lock_minutes)[Role.NURSE].lock_ms == 2 * MINUTE_MS
    file.write_text("[login.lock_minutes]\nsurgeon = 2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"login\.lock_minutes\.surgeon"):
        load(file)
