"""A running controller with one user of each role."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from controller.security import passwords
from controller.security.permissions import Role
from tests.support.controller import RunningController, running


@pytest.fixture
async def controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningController]:
    # The same function with less work, because every test makes users.
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    users = {role.value: role for role in Role}
    async with running(tmp_path, **users) as started:
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        yield started
