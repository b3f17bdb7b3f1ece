"""Records wait for company as long as their lane may, and no longer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from devices.model.observation import Instant, Reading, Waveform
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.keys import MAX_MESSAGE
from devices.wire.records import Group
from gateway.gather import Gather

MS = 1_000_000
OX, BELT = ("ox-1", "bed-1"), ("belt-1", "bed-2")
READING = Reading("hr", Instant(0), Decimal(72))


def at(ms: int) -> Instant:
    return Instant(ms * MS)


def test_an_alert_waits_for_nothing() -> None:
    gather = Gather()
    gather.put(Lane.ALERT, OX, READING, at(7))
    assert gather.due() == at(7)


def test_vital_signs_wait_100_ms_and_waveforms_250_ms_from_the_first() -> None:
    gather = Gather()
    gather.put(Lane.WAVE, OX, READING, at(0))
    gather.put(Lane.VITAL, OX, READING, at(10))
    gather.put(Lane.VITAL, OX, READING, at(90))
    assert gather.due() == at(110)
    assert gather.take(at(109)) == []
    assert [lane for lane, _ in gather.take(at(110))] == [Lane.VITAL]
    assert gather.due() == at(250)


def test_records_of_one_device_and_bed_are_one_group() -> None:
    gather = Gather()
    for who in (OX, BELT, OX):
        gather.put(Lane.VITAL, who, READING, at(0))
    ((_, groups),) = gather.take(at(100))
    assert groups == [Group(*OX, [READING, READING]), Group(*BELT, [READING])]


def test_the_most_important_lane_comes_first() -> None:
    gather = Gather()
    for lane in (Lane.WAVE, Lane.ALERT, Lane.VITAL):
        gather.put(lane, OX, READING, at(0))
    assert [lane for lane, _ in gather.take(at(300))] == [Lane.ALERT, Lane.VITAL, Lane.WAVE]


def test_a_full_batch_does_not_wait() -> None:
    gather = Gather()
    for _ in range(4000):
        gather.put(Lane.VITAL, OX, READING, at(0))
    assert gather.due() == Instant(0)
    assert [len(groups[0].records) for _, groups in gather.take(at(0))] == [2048]


def test_before_the_end_everything_is_taken() -> None:
    gather = Gather()
    gather.put(Lane.WAVE, OX, READING, at(0))
    assert len(gather.take_all(at(1))) == 1
    assert (gather.take_all(at(1)), gather.due()) == ([], None)


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=60))
def test_no_block_is_larger_than_a_message_may_be(sizes: list[int]) -> None:
    gather = Gather()
    for size in sizes:
        gather.put(Lane.WAVE, OX, Waveform("pleth", Instant(0), 75_000, bytes(2 * size)), at(0))
    clock = BlockClock(bytes(16), 1, None, Sync.UNSET, None)
    batches = gather.take_all(at(0))
    assert sum(len(group.records) for _, groups in batches for group in groups) == len(sizes)
    assert all(len(seal(bytes(8), lane, 0, clock, groups)) <= MAX_MESSAGE for lane, groups in batches)


def test_on_a_narrow_link_a_block_comes_no_sooner_than_told_after_the_one_before_it() -> None:
    gather = Gather(wait_ns=lambda _: 1000 * MS)
    gather.put(Lane.VITAL, OX, READING, at(5000))
    assert gather.due() == at(5100), "nothing went just before: it waits no longer than usual"
    gather.take(at(5100))
    gather.put(Lane.VITAL, OX, READING, at(5200))
    assert gather.due() == at(6100)


def test_what_is_of_second_choice_has_a_block_of_its_own_after_the_first() -> None:
    waves = {metric: Waveform(metric, Instant(0), 250_000, b"\0\0") for metric in ("pleth", "ecg_ii")}
    gather = Gather(second=lambda _, record: record is waves["pleth"])
    for wave in waves.values():
        gather.put(Lane.WAVE, OX, wave, at(0))
    records = [[group.records for group in groups] for _, groups in gather.take(at(250))]
    assert records == [[[waves["ecg_ii"]]], [[waves["pleth"]]]]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2000),
            st.sampled_from(Lane),
            st.sampled_from(["put", "take", "take all"]),
            st.booleans(),
        ),
        max_size=100,
    )
)
def test_nothing_waits_longer_than_it_may_whoever_takes_what_when(
    steps: list[tuple[int, Lane, str, bool]],
) -> None:
    """Each time somebody waited for the disk the next block was due later by a second: in the end by 90."""
    kinds = [is_second for *_, is_second in steps]
    gather, now = Gather(wait_ns=lambda _: 1000 * MS, second=lambda *_: kinds.pop()), 0
    for passed, lane, step, _ in steps:
        now += passed
        if step == "put":
            gather.put(lane, OX, READING, at(now))
        else:
            (gather.take if step == "take" else gather.take_all)(at(now))
        due = gather.due()
        assert due is None or due <= at(now + 1000)


def test_whoever_waits_for_the_disk_again_and_again_puts_nothing_off() -> None:
    gather = Gather(wait_ns=lambda _: 1000 * MS)
    for second in range(60):
        gather.put(Lane.VITAL, OX, READING, at(1000 * second))
        assert len(gather.take_all(at(1000 * second))) == 1
    gather.put(Lane.VITAL, OX, READING, at(60_000))
    assert gather.due() == at(60_100)
