"""A pharmacy and a ward on a real database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.prescriptions import Pharmacy, pharmacy


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Pharmacy]:
    async with pharmacy(tmp_path) as made:
        yield made
