"""From the operator's event through the controller to the gateway, which then asks the operator itself."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from controller.orders import sender
from gateway.app import Gateway
from gateway.clock import Clock, SystemClock
from gateway.config import Config, load
from gateway.enrolment.identity import IdentityFolder
from gateway.journal.journal import Journal
from gateway.orders.kept import ConfigurationFile
from gateway.quality.operator import Operator
from gateway.quality.session import Create, Delete
from tests.integration.controller.conftest import Site
from tests.integration.gateway.quality.test_demand import Patient
from tests.integration.gateway.rig import write_config
from tests.support.operator import OperatorProcess
from tests.support.waiting import DEADLINE_S

SINK = "https://hospital.example/api/quality/notifications"
"""What stands before the controller there is not part of this."""
SAID = """SELECT json_extract(detail, '$.state') || ifnull(' ' || json_extract(detail, '$.why'), '')
FROM device_event WHERE kind = 'quality' ORDER BY id"""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[OperatorProcess]:
    with OperatorProcess(tmp_path / "operator") as made:
        yield made


def box(site: Site, folder: Path, operator: OperatorProcess, address: str = "mqtts://127.0.0.1") -> Config:
    """The configuration of the gateway ward-a."""
    folder.mkdir()
    identity, extra = site.folder / "identities" / "ward-a", f'{operator.section}sink = "{SINK}"\n'
    return load(write_config(folder, address, os.devnull, identity=identity, extra=extra))


@asynccontextmanager
async def serving(config: Config, patient: Patient) -> AsyncIterator[None]:
    data, clock = config.gateway.data, SystemClock()
    journal = Journal.open(data / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("ward-a", data / "configuration.cose")
    gateway = Gateway(config, clock, IdentityFolder(data / "identity"), journal, remote, None, patient.link)
    task = asyncio.create_task(gateway.serve())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await gateway.keeper.close()


async def says(site: Site, *wanted: str) -> None:
    """Wait until the gateway said these states, one after the other."""
    found = list[str]()
    async with asyncio.timeout(DEADLINE_S):
        while found != list(wanted):
            await asyncio.sleep(0.05)
            found = [str(row[0]) for row in await site.rows(SAID)]


async def test_a_gateway_learns_by_the_sink_what_it_would_have_asked_for_minutes_later(
    site: Site, operator: OperatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "LOOK_S", 0.05)
    patient = Patient()
    async with site.running():
        config = box(site, tmp_path / "box", operator, site.addresses()["mqtt"])
        async with serving(config, patient):
            await says(site, "released")
            patient.rate = 200
            await says(site, "released", "available")
            assert "getSession" not in operator.asked
            operator.order(tell=site.addresses()["http"], end=True)
            await says(site, "released", "available", "ended NETWORK_TERMINATED", "available")
            assert operator.asked.count("getSession") == 1  # nothing was believed: it was asked
            assert operator.told[0] == 204
            await asyncio.to_thread(operator.order, again=True)  # the controller is in this loop
            assert 401 in operator.told  # that session is over, and with it its token


async def test_a_box_that_does_not_know_the_time_asks_without_a_sink_and_looks_by_itself(
    site: Site, operator: OperatorProcess, tmp_path: Path
) -> None:
    config = box(site, tmp_path / "box", operator).quality
    assert config

    async def sink(clock: Clock) -> tuple[str, str]:
        client = Operator(config, clock, Random(1))
        [told] = await client.perform(Create())
        await client.perform(Delete(told.id))
        return told.sink, client.mark

    address, mark = await sink(SystemClock())
    assert (address, len(mark)) == (SINK, 64)
    assert await sink(SystemClock(utc_ns=lambda: 0)) == ("", "")
