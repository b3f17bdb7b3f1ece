"""A running controller with one user of each role."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.security.permissions import Role
from tests.support.controller import RunningController, quick_passwords, running


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    # The same function with less work, because every test makes users.
    users = {role.value: role for role in Role}
    with quick_passwords():
        async with running(tmp_path, **users) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            yield started
