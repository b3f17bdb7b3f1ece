"""Two hospitals that are partners."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.sites import Site, befriend, site

Two = tuple[Site, Site]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    one, other = (
        site(tmp_path / "a", "hospital-a", "Hospital A"),
        site(tmp_path / "b", "hospital-b", "Hospital B"),
    )
    async with one as a, other as b:
        await befriend(a, b)
        yield a, b
