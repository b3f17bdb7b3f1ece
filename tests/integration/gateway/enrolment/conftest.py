"""A box without an identity, and a controller that gives it one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.enrolment.identity import IdentityFolder
from tests.support.est import Est, Times, controller_est


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def folder(tmp_path: Path) -> IdentityFolder:
    return IdentityFolder(tmp_path / "box" / "identity")


@pytest.fixture
async def est(tmp_path: Path, times: Times) -> AsyncIterator[Est]:
    async with controller_est(tmp_path, times) as running:
        yield running
