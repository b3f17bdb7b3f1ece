"""Which devices are served: the file's own and the added ones, from the moment that somebody says so."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.config import DeviceConfig
from gateway.roster import Roster
from tests.support.waiting import until


def ox(name: str, port: str, bed: str | None = None) -> DeviceConfig:
    return DeviceConfig(id=name, profile="nonin-xpod", port=port, bed=bed)


class Served:
    """A roster with one device of its own, and what is served now."""

    def __init__(self) -> None:
        self.now: list[str] = []
        self.left: list[str] = []
        self.changes = 0
        self.roster = Roster([ox("ox-1", "/dev/one")], self._serve, self._left, self._changed)

    async def _serve(self, device: DeviceConfig) -> None:
        self.now.append(device.id)
        try:
            await asyncio.Event().wait()
        finally:
            self.now.remove(device.id)

    def _left(self, device: DeviceConfig) -> None:
        assert device.id not in self.now
        self.left.append(device.id)

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served()
    running = asyncio.create_task(made.roster.run())
    await until(lambda: made.now == ["ox-1"], "its own is served")
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert made.now == []


async def test_what_is_added_is_served_and_what_is_taken_away_is_left(served: Served) -> None:
    served.roster.add([ox("ox-2", "/dev/two"), ox("ox-3", "/dev/three")])
    await until(lambda: served.now == ["ox-1", "ox-2", "ox-3"], "all are served")
    served.roster.add([ox("ox-3", "/dev/three")])
    await until(lambda: served.left == ["ox-2"], "one is left")
    assert (served.now, served.changes) == (["ox-1", "ox-3"], 2)


async def test_the_same_again_disturbs_nobody(served: Served) -> None:
    for _ in range(2):
        served.roster.add([ox("ox-2", "/dev/two")])
        await until(lambda: served.now == ["ox-1", "ox-2"], "both are served")
        await asyncio.sleep(0)
    assert (served.left, served.changes) == ([], 1)


async def test_another_bed_begins_it_anew(served: Served) -> None:
    served.roster.add([ox("ox-2", "/dev/two", "bed-1")])
    await until(lambda: len(served.now) == 2, "both are served")
    served.roster.add([ox("ox-2", "/dev/two", "bed-2")])
    await until(lambda: served.left == ["ox-2"], "it ended")
    await until(lambda: len(served.now) == 2, "and began")


@pytest.mark.parametrize("added", [ox("ox-1", "/dev/else"), ox("ox-9", "/dev/one")])
def test_the_files_own_win_over_a_name_and_a_port(added: DeviceConfig) -> None:
    roster = Served().roster
    roster.add([added])
    assert [(one.id, one.port) for one in roster.devices] == [("ox-1", "/dev/one")]


def test_the_files_own_win_over_an_address_however_it_is_written() -> None:
    own = DeviceConfig(id="hr-1", profile="polar-h10", address="c0:00:00:00:00:aa")
    other = own.model_copy(update={"id": "hr-2", "address": "C0:00:00:00:00:AA"})
    made = Served()
    roster = Roster([own], made._serve, made._left, made._changed)
    roster.add([other])
    assert roster.devices == (own,)


async def test_what_is_forgotten_has_ended_even_if_the_file_names_it(served: Served) -> None:
    await served.roster.forget("ox-1")
    assert served.now == []
    await until(lambda: served.left == ["ox-1"], "it is said to have left")
    served.roster.add([ox("ox-1", "/dev/one")])
    await until(lambda: served.now == ["ox-1"], "until it is added again")


async def test_to_forget_what_is_not_served_changes_nothing(served: Served) -> None:
    await served.roster.forget("ox-7")
    assert (served.now, served.left) == (["ox-1"], [])
