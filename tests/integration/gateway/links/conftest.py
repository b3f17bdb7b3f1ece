"""A radio process with peripherals, and the gateway's radio on an adapter that reaches it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.links.ble import BleRadio, Limits
from hil.radio.adapter import Adapter
from hil.radio.backend import backends
from hil.radio.bonds import RadioBonds
from tests.support.radio import WardProcess

IMPATIENT = Limits(
    unheard_s=0.5,
    connect_s=10.0,
    call_s=5.0,
    first_retry_s=0.05,
    longest_retry_s=0.2,
    wrong_device_retry_s=0.3,
    scan_restart_s=0.5,
    link_every_s=60.0,
)


@pytest.fixture(scope="module")
def ward() -> Iterator[WardProcess]:
    """One radio process for the tests of a module; each test adds its own peripherals."""
    process = WardProcess()
    yield process
    process.stop()


@pytest.fixture
async def adapter(ward: WardProcess) -> AsyncIterator[Adapter]:
    """An adapter on the ward's radio."""
    async with Adapter(ward.transport) as made:
        yield made


@pytest.fixture
def radio(adapter: Adapter) -> BleRadio:
    """The gateway's radio."""
    return BleRadio(*backends(adapter), bonds=RadioBonds(adapter), limits=IMPATIENT)
