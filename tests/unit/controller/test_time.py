"""Time is honest: whatever the gateway's clock says, an old value never looks young nor a young one old."""

import hypothesis.strategies as st
from hypothesis import given

from controller.anchors import CORRECTED_US, DRIFT_PPM, Anchor
from devices.model.observation import Instant, NoValue, Quality, Reading
from devices.wire.block import BlockClock, Sync
from devices.wire.messages import GatewayState, pack_message
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import START_US, Desk

SECOND = 1_000_000
HOUR = 3600 * SECOND


@given(st.lists(st.tuples(st.integers(0, 10 * SECOND), st.integers(0, HOUR)), min_size=1, max_size=30))
def test_the_offset_is_never_below_the_true_one(messages: list[tuple[int, int]]) -> None:
    anchor, mono = Anchor(b"", "ward-a", 10**15, 0), 0
    first = True
    for step, late in messages:
        mono += step
        if first:
            anchor = Anchor(b"", "ward-a", START_US + late, START_US + mono + late)
            first = False
        anchor.heard(mono, START_US + mono + late)
        assert anchor.offset_us >= START_US


def test_a_backlog_after_silence_moves_the_offset_by_no_more_than_crystals_drift() -> None:
    anchor = Anchor(b"", "ward-a", START_US, START_US)
    anchor.heard(0, START_US + HOUR)
    assert anchor.offset_us - START_US == HOUR * DRIFT_PPM // 1_000_000


def test_a_slow_crystal_is_followed_for_days() -> None:
    anchor, true = Anchor(b"", "ward-a", START_US, START_US), 0
    for minute in range(3 * 24 * 60):
        elapsed = minute * 60 * SECOND
        mono = elapsed - elapsed * 100 // 1_000_000
        true = START_US + elapsed - mono
        anchor.heard(mono, START_US + elapsed)
    assert abs(anchor.offset_us - true) < 20_000


async def test_a_gateway_in_1970_shows_the_age_that_a_value_has(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(72, 8 * SECOND), mono_us=10 * SECOND))
    assert desk.value()["at_ms"] == START_US // 1000 - 2000
    assert desk.value()["utc_ms"] is None
    assert await desk.rows("SELECT utc_us FROM observation") == [(None,)]


async def test_a_wrong_utc_is_stored_and_does_not_touch_the_age(desk: Desk) -> None:
    sender = Sender()
    sender.utc_us = 0
    await desk.take(sender.block(reading(72, 8 * SECOND), mono_us=10 * SECOND))
    assert desk.value()["at_ms"] == START_US // 1000 - 2000
    assert desk.value()["utc_ms"] == 8000


async def test_records_get_their_utc_when_the_gateway_learns_it(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(72, 8 * SECOND), mono_us=10 * SECOND))
    sender.utc_us = 1_900_000_000 * SECOND
    desk.clock.at_us += SECOND
    await desk.take(sender.block(reading(97, 11 * SECOND, "spo2"), mono_us=11 * SECOND))
    expected = [(sender.utc_us + 8 * SECOND,), (sender.utc_us + 11 * SECOND,)]
    assert await desk.rows("SELECT utc_us FROM observation ORDER BY mono_us") == expected
    assert desk.value()["utc_ms"] == expected[0][0] // 1000


async def test_a_backlog_block_of_a_boot_whose_utc_is_known_is_given_it(desk: Desk) -> None:
    sender = Sender()
    old = sender.block(reading(72, 8 * SECOND), mono_us=10 * SECOND)
    sender.utc_us = 1_900_000_000 * SECOND
    await desk.take(sender.block(reading(73, 20 * SECOND), mono_us=20 * SECOND))
    await desk.take(old)
    rows = await desk.rows("SELECT utc_us - mono_us FROM observation")
    assert rows == [(sender.utc_us,)] * 2


async def test_a_jump_of_the_gateways_clock_reorders_and_overwrites_nothing(desk: Desk) -> None:
    sender = Sender()
    for step, utc in enumerate((1_900_000_000, 1_800_000_000, 2_100_000_000)):
        sender.utc_us = utc * SECOND
        mono = (10 + step) * SECOND
        desk.clock.at_us = START_US + step * SECOND
        await desk.take(sender.block(reading(70 + step, mono), mono_us=mono))
    assert await desk.rows("SELECT value FROM observation ORDER BY at_us") == [(70,), (71,), (72,)]
    assert desk.value()["value"] == 72
    utc = await desk.rows("SELECT utc_us FROM observation ORDER BY id")
    assert utc[1] < utc[0] < utc[2]


async def test_old_values_of_a_backlog_do_not_replace_newer_ones(desk: Desk) -> None:
    sender = Sender()
    old = sender.block(reading(60, 5 * SECOND), mono_us=5 * SECOND)
    new = sender.block(reading(80, 65 * SECOND), mono_us=65 * SECOND)
    await desk.take(new)
    await desk.take(old)
    assert desk.value()["value"] == 80
    assert await desk.rows("SELECT count(*) FROM observation") == [(2,)]


async def test_a_backlog_that_comes_first_is_moved_to_its_time_by_the_first_live_block(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(60, 5 * SECOND), mono_us=5 * SECOND))
    assert desk.value()["at_ms"] == START_US // 1000
    await desk.take(sender.block(reading(97, 65 * SECOND, "spo2"), mono_us=65 * SECOND))
    assert desk.value()["at_ms"] == START_US // 1000 - 60_000
    assert await desk.rows("SELECT at_us FROM observation ORDER BY id") == [
        (START_US - 60 * SECOND,),
        (START_US,),
    ]


async def test_a_live_state_tells_how_late_a_backlog_is(desk: Desk) -> None:
    sender = Sender()
    clock = BlockClock(sender.boot, 65 * SECOND, None, Sync.UNSET, None)
    await desk.take(pack_message(GatewayState(True, sender.journal, clock, (0, 0, 0, 0))), what="state")
    await desk.take(sender.block(reading(60, 5 * SECOND), mono_us=5 * SECOND))
    assert desk.value()["at_ms"] == START_US // 1000 - 60_000


async def test_the_offset_outlives_a_restart_of_the_controller(desk: Desk, restarted: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(60, 65 * SECOND), mono_us=65 * SECOND))
    await restarted.load()
    restarted.clock.at_us = START_US + 30 * SECOND
    await restarted.take(sender.block(reading(61, 66 * SECOND), mono_us=66 * SECOND))
    late_ms = restarted.value()["at_ms"] - START_US // 1000  # type: ignore[operator]
    assert abs(late_ms - 1000) <= CORRECTED_US // 1000


async def test_a_gateway_that_tells_the_boot_of_another_moves_only_its_own_times(
    desk: Desk, restarted: Desk
) -> None:
    honest, wrong = Sender("ward-a", "ox-1"), Sender("ward-b", "ox-2")
    wrong.boot = honest.boot  # two machines woken from one image, or a lie
    await desk.take(honest.block(reading(60, 8 * SECOND), mono_us=10 * SECOND))
    for mono_us in (HOUR, 2 * HOUR):
        block = wrong.block(reading(97, mono_us, "spo2"), mono_us=mono_us)
        await desk.take(block, gateway="ward-b")
        await restarted.load()
        for one in (desk, restarted):
            assert one.value("hr")["at_ms"] == START_US // 1000 - 2000
            assert one.value("spo2")["at_ms"] == START_US // 1000
    stored = "SELECT at_us FROM observation JOIN series ON series.id = series WHERE metric = 'hr'"
    assert await desk.rows(stored) == [(START_US - 2 * SECOND,)]
    await desk.take(honest.block(reading(61, 10 * SECOND), mono_us=10 * SECOND))
    assert desk.value("hr")["at_ms"] == START_US // 1000


async def test_two_samples_in_the_same_microsecond_both_stay(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(60, SECOND), reading(61, SECOND), mono_us=SECOND))
    assert await desk.rows("SELECT value, place FROM observation ORDER BY id") == [(60, 0), (61, 1)]


async def test_no_value_replaces_a_value_and_says_why(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block(reading(60, SECOND), mono_us=SECOND))
    absent = Reading("hr", Instant(2 * SECOND * 1000), None, NoValue.SENSOR_OFF, Quality.ARTIFACT)
    await desk.take(sender.block(absent, mono_us=2 * SECOND))
    shown = desk.value()
    assert (shown["value"], shown["reason"], shown["quality"]) == (None, "sensor-off", ["artifact"])


async def test_the_newest_of_everything_is_shown_after_a_restart(desk: Desk, restarted: Desk) -> None:
    sender = Sender(bed="bed-1")
    await desk.take(sender.block(reading(60, SECOND), reading(61, 2 * SECOND), mono_us=2 * SECOND))
    await restarted.load()
    assert restarted.value() == desk.value()
    assert restarted.value()["bed"] == "bed-1"
