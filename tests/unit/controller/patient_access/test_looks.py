"""Who looked at what: one line a day for each person and kind of thing, and a broken glass is said."""

from datetime import UTC
from typing import Any

import pytest

from controller.api.routes import TABLE
from controller.audit.entry import GLASS
from controller.patient_access.looks import looks_of, what_of, who_of

NOON_US = 1_764_158_400_000_000
"""2025-11-26 12:00:00 UTC."""
HOUR_US = 3_600_000_000


def entry(action: str, actor: str = "anna", at_us: int = NOON_US, **more: str) -> dict[str, Any]:
    return {"action": action, "actor": actor, "utc_us": at_us, "outcome": "done", "why": "", **more}


def test_who_looks_all_day_is_one_line_a_day_from_first_to_last() -> None:
    found = looks_of([entry("trends", at_us=NOON_US - hour * HOUR_US) for hour in range(24)], UTC)
    assert [(one.day, one.last_ms - one.first_ms) for one in found] == [
        ("2025-11-26", 12 * HOUR_US // 1000),
        ("2025-11-25", 10 * HOUR_US // 1000),
    ]


def test_a_broken_glass_is_a_line_of_its_own() -> None:
    found = looks_of([entry("patient", why=GLASS), entry("patient")], UTC)
    assert [one.broke_glass for one in found] == [True, False]


def test_what_the_patient_did_and_what_was_refused_is_not_in_it() -> None:
    entries = [entry("my", "patient:4711"), entry("patient", outcome="refused"), entry("patient", "")]
    assert looks_of(entries, UTC) == []


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        ("anna", "person"),
        ("token:his", "program"),
        ("gateway:home-1", "device"),
        ("guest:TV1/2", "guest"),
        ("controller", "hospital"),
        ("cli:root", "hospital"),
    ],
)
def test_people_are_told_from_programs_devices_and_guests(actor: str, who: str) -> None:
    assert who_of(actor) == who


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("prescription-sign", "medicines"),
        ("patient-taken", "medicines"),
        ("imaging-report", "images"),
        ("events", "measurements"),
        ("patient-measured-at-home", "measurements"),
        ("patient-set-person", "facts"),
        ("patient-invite", "access"),
        ("visit-room-join", "visits"),
        ("payment-price", "payments"),
        ("audit", "trail"),
        ("admit", "stay"),
        ("what-is-new", "other"),
    ],
)
def test_each_action_is_of_a_kind(action: str, what: str) -> None:
    assert what_of(action) == what


def test_hardly_any_route_about_one_patient_is_of_no_kind() -> None:
    about = [one.name for one in TABLE if "{identifier}" in one.path or "{bed}" in one.path]
    assert [name for name in about if what_of(name) == "other"] == []
