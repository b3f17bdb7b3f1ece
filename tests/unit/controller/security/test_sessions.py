"""Sessions: tokens, states, what each state permits, and what an upgrade leaves of them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import NotFound
from controller.security.accounts import Accounts, By
from controller.security.limits import LIMITS, MINUTE_MS, with_locks
from controller.security.permissions import WHILE_LOCKED, Permission, Role
from controller.security.sessions import How, Session, Sessions, State
from controller.security.users import User, find_account
from controller.store import Store, connect
from controller.store.migrate import migrations
from controller.view import View
from tests.unit.controller.conftest import TestClock

BY = By("test")
ADDRESS = "10.0.0.1"


@pytest.fixture
def sessions(store: Store, clock: TestClock) -> Sessions:
    return Sessions(store, clock)


@pytest.fixture
def person(store: Store, accounts: Accounts) -> Callable[..., object]:
    async def made(role: Role = Role.NURSE, *, once: bool = False) -> User:
        await accounts.create("anna", [role], ["w-1"], BY)
        if not once:
            await accounts.choose_password("anna", "words of my own", BY)
        account = await find_account(store, "anna")
        assert account is not None
        return account.user

    return made


async def test_a_session_says_who_may_do_and_see_what(
    sessions: Sessions, person: Callable[..., object]
) -> None:
    token = await sessions.begin(await person(), How.PASSWORD, ADDRESS)  # type: ignore[misc]
    found = await sessions.find(token)
    assert found is not None
    assert (found.user.name, found.state, found.view) == ("anna", State.OPEN, View(frozenset({"w-1"})))
    assert found.permissions == found.user.permissions


@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize(
    ("role", "once", "restricted"),
    [
        (Role.NURSE, False, {}),
        (
            Role.NURSE,
            True,
            {How.PASSWORD: State.CHANGE_PASSWORD, How.PASSWORD_AND_CODE: State.CHANGE_PASSWORD},
        ),
        (Role.ADMINISTRATOR, False, {How.PASSWORD: State.SET_UP_SECOND_FACTOR}),
    ],
)
async def test_what_must_be_done_first_depends_on_how_one_logged_in(
    sessions: Sessions,
    person: Callable[..., object],
    how: How,
    role: Role,
    once: bool,
    restricted: dict[How, State],
) -> None:
    user = await person(role, once=once)  # type: ignore[misc]
    found = await sessions.find(await sessions.begin(user, how, ADDRESS))
    assert found is not None
    assert found.state is restricted.get(how, State.OPEN)
    if found.state is not State.OPEN:
        assert found.permissions == {Permission.OWN_ACCOUNT}


async def test_a_locked_screen_may_watch_and_be_unlocked_and_nothing_else(
    sessions: Sessions, person: Callable[..., object]
) -> None:
    token = await sessions.begin(await person(), How.PASSWORD, ADDRESS)  # type: ignore[misc]
    await sessions.lock(token)
    locked = await sessions.find(token)
    assert locked is not None
    assert (locked.state, locked.permissions) == (State.LOCKED, WHILE_LOCKED)
    renewed = await sessions.renew(token)
    assert await sessions.find(token) is None
    found = await sessions.find(renewed)
    assert found is not None
    assert found.state is State.OPEN


async def test_a_site_s_own_minutes_are_used(
    store: Store, clock: TestClock, person: Callable[..., object]
) -> None:
    sessions = Sessions(store, clock, with_locks({Role.NURSE: 1}))
    token = await sessions.begin(await person(), How.PASSWORD, ADDRESS)  # type: ignore[misc]
    clock.at_us += (MINUTE_MS + 1) * 1000
    found = await sessions.find(token)
    assert found is not None
    assert found.state is State.LOCKED


async def test_whoever_waits_is_told_of_each_change(
    sessions: Sessions, person: Callable[..., object]
) -> None:
    user = await person()  # type: ignore[misc]
    changed = sessions.changed
    token = await sessions.begin(user, How.PASSWORD, ADDRESS)
    assert changed.is_set()
    changed = sessions.changed
    assert not changed.is_set()
    await sessions.end(token, user, ADDRESS)
    assert changed.is_set()


@given(st.sampled_from(State), st.frozensets(st.sampled_from(Role)))
def test_no_state_gives_more_than_the_roles(state: State, roles: frozenset[Role]) -> None:
    user = User("anna", roles)
    session = Session(user, How.PASSWORD, state, View(), lock_ms=None, began_ms=0)
    assert session.permissions <= user.permissions
    assert state is State.OPEN or Permission.ASSIGN not in session.permissions


def test_people_of_before_keep_their_passwords_roles_and_all_wards_and_log_in_again(tmp_path: Path) -> None:
    db = connect(tmp_path / "old.sqlite")
    for number, (_, script) in sorted(migrations().items()):
        if number == 120:
            _people_of_before(db)
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
        if number == 120:
            break
    users = [
        tuple(row) for row in db.execute("SELECT name, password, all_wards, totp FROM user ORDER BY name")
    ]
    assert users == [("ed", "hash-2", 1, None), ("nora", "hash-1", 1, None)]
    roles = [tuple(row) for row in db.execute("SELECT user, role FROM user_role ORDER BY user")]
    assert roles == [("ed", "engineer"), ("nora", "nurse")]
    assert db.execute("SELECT count(*) FROM session").fetchone()[0] == 0
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


def _people_of_before(db: sqlite3.Connection) -> None:
    rows = [("nora", "hash-1", "nurse", 1), ("ed", "hash-2", "engineer", 2)]
    db.executemany("INSERT INTO user VALUES (?, ?, ?, ?)", rows)
    db.execute("INSERT INTO session VALUES (x'00', 'nora', 1, 1)")


async def test_a_person_s_sessions_are_told_without_what_opens_them(
    sessions: Sessions, store: Store, clock: TestClock, person: Callable[..., object]
) -> None:
    user = await person()  # type: ignore[misc]
    old = await sessions.begin(user, How.PASSWORD, ADDRESS)
    clock.at_us += MINUTE_MS * 1000
    new = await sessions.begin(user, How.OIDC, "10.0.0.2", sid="s-1")
    first, second = await sessions.held(user, old)
    assert (first.how, first.address, first.here) == (How.OIDC, "10.0.0.2", False)
    assert (second.how, second.address, second.here) == (How.PASSWORD, ADDRESS, True)
    assert first.began_ms - second.began_ms == MINUTE_MS
    for one in (first, second):
        assert await sessions.find(one.id) is None
        assert one.id not in (old, new)


async def test_one_that_is_over_by_itself_is_not_told(
    sessions: Sessions, clock: TestClock, person: Callable[..., object]
) -> None:
    user = await person()  # type: ignore[misc]
    await sessions.begin(user, How.PASSWORD, ADDRESS)
    assert len(await sessions.held(user)) == 1
    clock.at_us += LIMITS[Role.NURSE].idle_ms * 1000 + 1000
    assert await sessions.held(user) == []


async def test_a_session_keeps_its_name_when_its_token_changes(
    sessions: Sessions, person: Callable[..., object]
) -> None:
    user = await person()  # type: ignore[misc]
    token = await sessions.begin(user, How.PASSWORD, ADDRESS)
    [before] = await sessions.held(user)
    await sessions.renew(token)
    [after] = await sessions.held(user)
    assert before.id == after.id


async def test_one_session_is_ended_by_its_name_and_only_for_its_person(
    sessions: Sessions, person: Callable[..., object]
) -> None:
    user = await person()  # type: ignore[misc]
    kept, lost = [await sessions.begin(user, How.PASSWORD, ADDRESS) for _ in range(2)]
    number = next(one.id for one in await sessions.held(user, lost) if one.here)
    with pytest.raises(NotFound, match="'ben' has no session"):
        await sessions.end_one("ben", number, "ben")
    assert await sessions.find(lost) is not None
    await sessions.end_one("anna", number, "anna")
    assert await sessions.find(lost) is None
    assert await sessions.find(kept) is not None
    with pytest.raises(NotFound):
        await sessions.end_one("anna", number, "anna")
