"""Accounts in a database, with a hand-set clock and cheap hashes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.security.accounts import Accounts
from controller.security.passwords import Passwords
from controller.store import Store
from tests.support.controller import quick_passwords
from tests.unit.controller.conftest import TestClock


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    await opened.write(lambda db: db.execute("INSERT INTO ward VALUES ('w-1', 'One'), ('w-2', 'Two')"))
    with quick_passwords():
        yield opened
    await opened.close()


@pytest.fixture
def ended() -> list[None]:
    """One for each time that sessions may have ended."""
    return []


@pytest.fixture
def accounts(store: Store, clock: TestClock, ended: list[None]) -> Accounts:
    return Accounts(store, clock, Passwords(), lambda: ended.append(None))
