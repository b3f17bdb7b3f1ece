"""Fixtures: a radio process with peripherals, and bleak on an adapter that reaches it over HCI."""

from collections.abc import AsyncIterator, Iterator

import pytest

from hil.radio.adapter import Adapter
from tests.support.radio import Radio, WardProcess, new_address


@pytest.fixture(scope="session")
def ward() -> Iterator[WardProcess]:
    """One radio process for all tests that do not kill it; each test adds its own peripherals."""
    process = WardProcess()
    yield process
    process.stop()


@pytest.fixture
async def radio(ward: WardProcess) -> AsyncIterator[Radio]:
    """bleak on an adapter of its own."""
    async with Adapter(ward.transport) as adapter:
        yield Radio(adapter)


@pytest.fixture
async def bed(ward: WardProcess) -> AsyncIterator[str]:
    """The name of a fresh peripheral on the air, advertising the heart rate service."""
    name, address = new_address()
    await ward("add", name, address=address, advertises=["180d"], interval_ms=30)
    yield name
    await ward("lose", name)
