"""Accounts in a database, with a hand-set clock and cheap hashes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from controller.security import passwords
from controller.security.accounts import Accounts
from controller.security.passwords import Passwords
from controller.store import Store
from tests.unit.controller.conftest import TestClock


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    await opened.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'One'), ('w-2', 'Two')"))
    yield opened
    await opened.close()


@pytest.fixture
def ended() -> list[None]:
    """One for each time that sessions may have ended."""
    return []


@pytest.fixture
def accounts(store: Store, clock: TestClock, ended: list[None]) -> Accounts:
    return Accounts(store, clock, Passwords(), lambda: ended.append(None))
