"""A running imaging service for the tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.imaging import RunningImaging, running_imaging


@pytest.fixture
async def imaging(tmp_path: Path) -> AsyncIterator[RunningImaging]:
    """With an empty archive; anna asks, who may do everything."""
    async with running_imaging(tmp_path) as running:
        yield running
