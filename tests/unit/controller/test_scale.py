"""The controller's time scale carries on over restarts, and what a wrong clock stamped moves with it."""

import random
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.anchors import CORRECTED_US
from controller.clock import SystemClock
from controller.store import Store
from controller.store.restamp import load_anchors
from controller.store.scale import Since, begin_scale
from devices.wire.block import BlockClock, Sync
from devices.wire.messages import GatewayState, pack_message
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk

SECOND = 1_000_000
HOUR, DAY = 3600 * SECOND, 86_400 * SECOND
TRUE_US = 1_900_000_000 * SECOND
"""UTC when the host's first boot began."""


class Host(SystemClock):
    """A host whose clocks a test sets. `true_us` is how long ago the first boot began."""

    def __init__(self) -> None:
        self.true_us = 0
        self.off_us = 0
        self.reboot()
        self.offset_us = 0

    def reboot(self) -> None:
        self.boot, self.began_us = secrets.token_bytes(16), self.true_us

    def utc_us(self) -> int:
        return TRUE_US + self.true_us + self.off_us

    def since_boot_us(self) -> int:
        return self.true_us - self.began_us

    def host_boot(self) -> bytes:
        return self.boot


class Hospital:
    """A controller that is started again and again, and one gateway, which lives in true time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.host = Host()
        self.sender = Sender(bed="bed-1")
        self.said: list[int] = []

    async def start(self) -> Since:
        """The controller starts with the clocks that its host has now."""
        since = await begin_scale(self.store, self.host)
        self.desk = Desk(self.store)
        await self.desk.registry.load()
        await self.desk.ledger.load(self.store)
        await load_anchors(self.store, self.desk.anchors, since.us)
        await self.desk.announcer.restore(self.store, 0 if since.gap_known else since.us)
        return since

    async def live(self, seconds: int) -> None:
        """The gateway says something each second, and it arrives at once."""
        for _ in range(seconds):
            self.host.true_us += SECOND
            mono = self.host.true_us
            self.desk.clock.at_us = self.host.now_us()
            clock = BlockClock(self.sender.boot, mono, None, Sync.UNSET, None)
            state = GatewayState(True, self.sender.journal, clock, (0, 0, 0, 0))
            await self.desk.take(pack_message(state), what="state")
            await self.desk.take(self.sender.block(reading(70, mono), mono_us=mono))
            self.said.append(mono)

    async def wrong_us(self) -> set[int]:
        """How far from true time the stored readings are."""
        rows = await self.desk.rows("SELECT at_us - mono_us FROM observation WHERE value = 70")
        return {row[0] - TRUE_US for row in rows}  # type: ignore[operator]

    async def is_in_order(self) -> bool:
        rows = await self.desk.rows("SELECT mono_us FROM observation WHERE value = 70 ORDER BY at_us")
        return [row[0] for row in rows] == self.said

    def age_us(self) -> int:
        """The age that is shown."""
        return self.host.now_us() // 1000 * 1000 - int(self.desk.value()["at_ms"]) * 1000  # type: ignore[call-overload]


@pytest.fixture
async def hospital(tmp_path: Path) -> AsyncIterator[Hospital]:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    hospital = Hospital(store)
    await hospital.start()
    await hospital.desk.registry.add_ward("w-1", "Ward 1")
    await hospital.desk.registry.add_bed("bed-1", "w-1", "Bed 1")
    yield hospital
    await store.close()


async def test_a_restart_carries_on_whatever_small_correction_utc_had(hospital: Hospital) -> None:
    await hospital.live(3)
    offset_us, hospital.host.off_us = hospital.host.offset_us, 200_000
    await hospital.start()
    assert hospital.host.offset_us == offset_us
    await hospital.live(3)
    assert await hospital.wrong_us() == {0}


@pytest.mark.parametrize("off_us", [-HOUR, DAY, -2 * SECOND])
async def test_what_a_wrong_clock_stamped_moves_when_a_start_finds_it_set(
    hospital: Hospital, off_us: int
) -> None:
    await hospital.live(2)
    hospital.host.off_us = off_us
    await hospital.start()
    assert hospital.age_us() == 0
    await hospital.live(3)
    assert await hospital.wrong_us() == {off_us}
    hospital.host.off_us = 0
    await hospital.start()
    await hospital.live(1)
    assert await hospital.wrong_us() == {0}
    assert await hospital.is_in_order()
    assert hospital.age_us() == 0


async def test_a_clock_in_1970_is_not_believed(hospital: Hospital) -> None:
    await hospital.live(2)
    hospital.host.off_us = -TRUE_US
    await hospital.start()
    await hospital.live(2)
    assert await hospital.wrong_us() == {0}


ADMIT = "INSERT INTO stay (bed, identifier, name, from_ms, by) VALUES ('bed-1', 'p', 'P', ?, 'n')"


async def admit(hospital: Hospital) -> int:
    """A patient comes now. Returns when that is, in milliseconds of the scale."""
    now_ms = hospital.host.now_us() // 1000
    await hospital.store.write(lambda db: db.execute(ADMIT, (now_ms,)))
    return now_ms


async def test_stays_move_with_what_was_measured_in_them(hospital: Hospital) -> None:
    hospital.host.off_us = DAY
    await hospital.start()
    await hospital.live(1)
    admitted_ms = await admit(hospital)
    hospital.host.off_us = 0
    await hospital.start()
    assert await hospital.desk.rows("SELECT from_ms FROM stay") == [(admitted_ms - DAY // 1000,)]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_the_clock_does_order_and_ages_hold_and_in_the_end_all_times_are_right(
    hospital: Hospital, seed: int
) -> None:
    rng = random.Random(seed)
    await hospital.live(2)
    gone, mono = Sender("ward-b", "ox-2"), hospital.host.true_us
    await hospital.desk.take(gone.block(reading(50, mono, "spo2"), mono_us=mono), gateway="ward-b")
    for _ in range(6):
        hospital.host.off_us = rng.choice([0, 0, -HOUR, DAY, -TRUE_US])
        if rng.random() < 0.5:
            hospital.host.reboot()
        hospital.host.true_us += rng.choice([1, 10, 100]) * SECOND
        await hospital.start()
        await hospital.live(rng.randrange(1, 4))
        assert await hospital.is_in_order()
        assert abs(hospital.age_us()) <= 1000
    hospital.host.off_us = 0
    await hospital.start()
    await hospital.live(1)
    assert max(map(abs, await hospital.wrong_us())) <= CORRECTED_US
    # What a gateway that never came back said in a boot with a wrong clock is at least in its order.
    last = await hospital.desk.rows("SELECT mono_us FROM observation ORDER BY at_us")
    assert [row[0] for row in last].index(mono) < 3


async def test_another_boot_of_the_host_with_a_right_clock_knows_how_long_it_was_away(
    hospital: Hospital,
) -> None:
    await hospital.live(2)
    hospital.host.true_us += HOUR
    hospital.host.reboot()
    assert await hospital.start() == Since(TRUE_US + hospital.host.true_us, gap_known=True)
    assert hospital.age_us() == HOUR


@pytest.mark.parametrize("off_us", [-2 * HOUR, -TRUE_US])
async def test_a_boot_whose_clock_is_behind_keeps_the_order_and_shows_no_value_of_unknown_age(
    hospital: Hospital, off_us: int
) -> None:
    await hospital.live(3)
    hospital.host.true_us += HOUR
    hospital.host.reboot()
    hospital.host.off_us = off_us
    assert not (await hospital.start()).gap_known
    assert hospital.desk.hub.snapshot()["values"] == []
    await hospital.live(2)
    assert hospital.age_us() == 0
    assert await hospital.is_in_order()
    hospital.host.off_us = 0
    await hospital.start()
    await hospital.live(1)
    assert await hospital.wrong_us() == {0}
    assert await hospital.is_in_order()


async def test_a_boot_whose_clock_was_ahead_is_moved_back_once_the_next_ones_clock_is_sure(
    hospital: Hospital,
) -> None:
    hospital.host.reboot()
    hospital.host.off_us = DAY
    await hospital.start()
    await hospital.live(3)
    other = Sender("ward-b", "ox-2")
    await hospital.desk.take(other.block(reading(50, SECOND), mono_us=SECOND), gateway="ward-b")
    hospital.host.reboot()
    hospital.host.off_us = 0
    for _ in range(2):  # the first start believes no clock that goes back
        await hospital.start()
        await hospital.live(2)
        assert abs(hospital.age_us()) <= 1000
        assert await hospital.is_in_order()
    latest = await hospital.desk.rows("SELECT max(at_us) FROM observation")
    assert latest[0][0] <= hospital.host.now_us()  # type: ignore[operator]
    assert hospital.host.now_us() == hospital.host.utc_us()


async def test_a_gateway_that_lives_over_a_jump_of_the_scale_has_its_values_shown_as_young_as_they_are(
    hospital: Hospital,
) -> None:
    hospital.host.off_us = -HOUR
    hospital.host.reboot()
    await hospital.start()
    await hospital.live(3)
    hospital.host.off_us = 0
    hospital.host.reboot()
    await hospital.start()
    await hospital.live(3)
    assert hospital.age_us() == 0
    assert await hospital.wrong_us() == {0}


def test_the_hosts_own_sources_work() -> None:
    clock = SystemClock()
    assert len(clock.host_boot()) == 16
    assert abs(clock.now_us() - clock.utc_us()) < SECOND
    assert clock.now_us() <= clock.now_us()


async def test_an_alert_tells_that_utc_is_not_the_scale_and_goes_when_it_is(desk: Desk) -> None:
    for ahead_us, active in ((999_000, False), (-3600 * SECOND, True), (0, False)):
        desk.announcer.clock_is(ahead_us)
        alerts = [alert for alert in desk.hub.snapshot()["alerts"] if alert["code"] == "controller-clock"]
        assert [alert["detail"] for alert in alerts] == [{"ahead_ms": -3_600_000}] * active
