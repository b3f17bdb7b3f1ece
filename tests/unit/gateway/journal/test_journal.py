"""The journal: accepted blocks survive whatever happens to the process, the files and the disk."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.identity import DeviceId
from devices.model.observation import Instant, Reading, Waveform
from devices.wire.block import BlockClock, Lane, Sync, open_block, records_of
from devices.wire.records import AnyRecord, Gap, Group, Opened
from gateway.errors import JournalError
from gateway.journal.journal import Committed, Journal

BOOT = b"B" * 16
BIG = 100_000_000
A, B, C = b"a" * 8, b"b" * 8, b"c" * 8


def clock(second: int) -> BlockClock:
    return BlockClock(BOOT, second * 1_000_000, None, Sync.UNSET, None)


def reading(second: int) -> list[Group]:
    return [Group(DeviceId("ox-1"), None, [Reading("spo2", Instant(second * 10**9), Decimal(97))])]


def wave(second: int, size: int = 3000) -> list[Group]:
    noise = Random(second).randbytes(size)  # which nothing makes smaller
    return [Group(DeviceId("ox-1"), None, [Waveform("pleth", Instant(second * 10**9), 75_000, noise)])]


def opened(folder: Path, journal: bytes = A, quota: int = BIG) -> Journal:
    return Journal.open(folder, journal, quota, clock(1))


def vital(journal: Journal, second: int) -> Committed:
    return journal.commit([(Lane.VITAL, reading(second))], clock(second))


def records(journal: Journal, lane: Lane = Lane.ALERT) -> list[AnyRecord]:
    found: list[AnyRecord] = []
    for name, ranges in journal.backlog(lane):
        for first, last in ranges:
            blocks, _ = journal.read(lane, name, range(first, last + 1), Instant(0))
            for data in blocks.values():
                header, packed = open_block(data)
                found += [r for group in records_of(header, packed) for r in group.records]
    return found


def gaps(journal: Journal) -> list[Gap]:
    return [record for record in records(journal) if isinstance(record, Gap)]


def crash(journal: Journal) -> None:
    """The process is gone; the files stay as they are."""
    os.close(journal._lock)


def file_of(folder: Path, lane: str) -> Path:
    (path,) = folder.rglob(f"{lane}-*")
    return path


def test_a_journal_begins_with_where_the_earlier_ones_ended(tmp_path: Path) -> None:
    first = opened(tmp_path)
    vital(first, 2)
    vital(first, 3)
    crash(first)
    second = opened(tmp_path, B)
    assert Opened(Instant(10**9), {A: (1, 2, 0, 0)}) in records(second)


def test_accepted_blocks_are_still_to_be_sent_after_a_restart(tmp_path: Path) -> None:
    first = opened(tmp_path)
    sent = [block.data for n in range(3) for block in vital(first, n).blocks]
    crash(first)
    second = opened(tmp_path, B)
    assert second.backlog(Lane.VITAL) == [(A, [(0, 2)])]
    assert list(second.read(Lane.VITAL, A, [0, 1, 2], Instant(0))[0].values()) == sent


def test_numbers_count_by_lane_from_zero(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    done = journal.commit(
        [(Lane.WAVE, wave(2)), (Lane.VITAL, reading(2)), (Lane.VITAL, reading(2))], clock(2)
    )
    assert [(b.lane, b.number) for b in done.blocks] == [(Lane.VITAL, 0), (Lane.VITAL, 1), (Lane.WAVE, 0)]


def test_a_torn_end_was_never_accepted_and_is_no_loss(tmp_path: Path) -> None:
    ends: list[int] = []
    first = opened(tmp_path)
    for second in range(4):
        vital(first, second)
        ends.append(file_of(tmp_path, "vital").stat().st_size)
    crash(first)
    path = file_of(tmp_path, "vital")
    data = path.read_bytes()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        again = opened(tmp_path, cut.to_bytes(8, "big"))
        whole = sum(end <= cut for end in ends)
        assert dict(again.backlog(Lane.VITAL)).get(A, []) == ([(0, whole - 1)] if whole else [])
        assert [g for g in gaps(again) if g.journal == A] == []
        crash(again)
        forget_all_but(tmp_path, A)


def test_a_flip_of_any_byte_loses_one_block_and_says_which(tmp_path: Path) -> None:
    ends: list[int] = []
    first = opened(tmp_path)
    for second in range(4):
        vital(first, second)
        ends.append(file_of(tmp_path, "vital").stat().st_size)
    crash(first)
    path = file_of(tmp_path, "vital")
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        again = opened(tmp_path, place.to_bytes(8, "big"))
        hit = sum(end <= place for end in ends)
        kept = [n for first, last in dict(again.backlog(Lane.VITAL))[A] for n in range(first, last + 1)]
        assert kept == [n for n in range(4) if n != hit]
        assert [(g.journal, g.lane, g.ranges, g.why) for g in gaps(again)] == [
            (A, Lane.VITAL, ((hit, hit),), "damaged")
        ]
        crash(again)
        forget_all_but(tmp_path, A)


def forget_all_but(folder: Path, journal: bytes) -> None:
    for path in folder.iterdir():
        if path.is_dir() and path.name != journal.hex():
            subprocess.run(["rm", "-r", path], check=True)


def test_a_gap_says_what_time_it_covers(tmp_path: Path) -> None:
    first = opened(tmp_path)
    for second in range(10, 15):
        vital(first, second)
    crash(first)
    path = file_of(tmp_path, "vital")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    (gap,) = gaps(opened(tmp_path, B))
    assert (gap.boot, gap.ranges) == (BOOT, ((2, 2),))
    assert gap.start <= 12 * 10**9 <= gap.end


def test_a_receipted_segment_is_deleted(tmp_path: Path) -> None:
    journal = opened(tmp_path, quota=32 * 4000)
    for second in range(6):
        journal.commit([(Lane.WAVE, wave(second))], clock(second))
    assert len(list(tmp_path.rglob("wave-*"))) == 3
    journal.forget(Lane.WAVE, A, [(0, 3)])
    assert len(list(tmp_path.rglob("wave-*"))) == 1


def test_a_receipt_twice_or_for_a_strange_journal_changes_nothing(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    vital(journal, 2)
    for name in (A, A, B):
        journal.forget(Lane.VITAL, name, [(0, 0)])
    assert journal.backlog(Lane.VITAL) == []


def test_an_earlier_journal_goes_once_it_and_the_word_of_its_end_are_receipted(tmp_path: Path) -> None:
    first = opened(tmp_path)
    vital(first, 2)
    crash(first)
    second = opened(tmp_path, B)
    second.forget(Lane.VITAL, A, [(0, 0)])
    second.forget(Lane.ALERT, A, [(0, 0)])
    assert (tmp_path / A.hex()).exists()
    second.forget(Lane.ALERT, B, [(0, 0)])
    assert not (tmp_path / A.hex()).exists()


def test_an_end_is_known_however_much_was_receipted(tmp_path: Path) -> None:
    first = opened(tmp_path, quota=32 * 4000)
    for second in range(6):
        first.commit([(Lane.WAVE, wave(second))], clock(second))
    first.forget(Lane.WAVE, A, [(0, 5)])
    crash(first)
    second = opened(tmp_path, B)
    (told,) = [r for r in records(second) if isinstance(r, Opened) and r.ended]
    assert told.ended == {A: (1, 0, 6, 0)}


def test_the_quota_sheds_the_oldest_waves_first_and_alerts_never(tmp_path: Path) -> None:
    journal = opened(tmp_path, quota=64_000)
    shed: list[Gap] = []
    for second in range(40):
        batches = [(Lane.ALERT, reading(second)), (Lane.VITAL, reading(second)), (Lane.WAVE, wave(second))]
        shed += journal.commit(batches, clock(second)).gaps
    assert journal.size() <= 64_000
    assert {(gap.lane, gap.why) for gap in shed} == {(Lane.WAVE, "quota")}
    assert shed[0].ranges[0][0] == 0
    lost = {n for gap in shed for first, last in gap.ranges for n in range(first, last + 1)}
    assert lost == {n for gap in gaps(journal) for first, last in gap.ranges for n in range(first, last + 1)}
    kept = {
        n
        for _, ranges in journal.backlog(Lane.WAVE)
        for first, last in ranges
        for n in range(first, last + 1)
    }
    assert lost | kept == set(range(40))
    assert not lost & kept
    assert journal.backlog(Lane.VITAL) == [(A, [(0, 39)])]


def test_without_waves_vital_signs_are_shed_and_alerts_are_not(tmp_path: Path) -> None:
    journal = opened(tmp_path, quota=20_000)
    shed: list[Gap] = []
    for second in range(150):
        batches = [(Lane.ALERT, reading(second)), (Lane.VITAL, reading(second))]
        shed += journal.commit(batches, clock(second)).gaps
    assert {gap.lane for gap in shed} == {Lane.VITAL}
    assert sum(last - first + 1 for _, ranges in journal.backlog(Lane.ALERT) for first, last in ranges) >= 151


def test_what_was_shed_before_a_crash_is_told_after_it(tmp_path: Path) -> None:
    first = opened(tmp_path, quota=32 * 4000)
    for second in range(4):
        first.commit([(Lane.WAVE, wave(second))], clock(second))
    segment = first.files.lanes[Lane.WAVE][0]
    segment.empty("quota")  # as shedding does, just before it writes the gap down
    crash(first)
    (gap,) = gaps(opened(tmp_path, B))
    assert (gap.journal, gap.lane, gap.ranges, gap.why) == (A, Lane.WAVE, ((0, 1),), "quota")


def test_a_block_that_rots_while_it_waits_is_given_up_and_told(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    for second in range(3):
        vital(journal, second)
    path = file_of(tmp_path, "vital")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    found, lost = journal.read(Lane.VITAL, A, [0, 1, 2], Instant(0))
    assert (sorted(found), [gap.ranges for gap in lost]) == ([0, 2], [((1, 1),)])
    assert journal.owes
    journal.commit([], clock(9))
    assert [(gap.ranges, gap.why) for gap in gaps(journal)] == [(((1, 1),), "damaged")]


def test_a_second_gateway_is_kept_out(tmp_path: Path) -> None:
    opened(tmp_path)
    with pytest.raises(JournalError, match="another gateway is using this journal"):
        opened(tmp_path, B)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(JournalError, match="file"):
        opened(tmp_path / "file")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["vital", "wave", "alert", "crash", "receipt"]), max_size=25))
def test_whatever_the_order_every_accepted_block_is_pending_until_its_receipt(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    starts, journal = 1, Journal.open(folder, (1).to_bytes(8, "big"), 64_000_000, clock(1))
    expected = {(journal.id, Lane.ALERT, 0)}
    for step in steps:
        if step == "crash":
            crash(journal)
            starts += 1
            journal = Journal.open(folder, starts.to_bytes(8, "big"), 64_000_000, clock(1))
            expected.add((journal.id, Lane.ALERT, 0))
        elif step == "receipt" and expected:
            name, lane, number = min(expected)
            journal.forget(lane, name, [(number, number)])
            expected.remove((name, lane, number))
        elif step.upper() in Lane.__members__:
            lane = Lane[step.upper()]
            done = journal.commit([(lane, reading(2))], clock(2))
            expected |= {(journal.id, b.lane, b.number) for b in done.blocks}
        # Receipts are not durable, so a crash may bring some back: never fewer than expected.
        held = {
            (name, lane, n)
            for lane in Lane
            for name, ranges in journal.backlog(lane)
            for first, last in ranges
            for n in range(first, last + 1)
        }
        assert held >= expected
    crash(journal)


FULL_DISK = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "none", str(folder)], check=True)
from tests.unit.gateway.journal.test_journal import *
journal = opened(folder, quota=BIG)
errors, shed = [], []
ballast = folder / "ballast"
def second(n):
    batches = [(Lane.ALERT, reading(n)), (Lane.VITAL, reading(n)), (Lane.WAVE, wave(n, 20_000))]
    done = journal.commit(batches, clock(n))
    errors.extend([done.error.errno] if done.error else [])
    shed.extend(done.gaps)
    return done
for n in range(80):
    second(n)
assert 28 in errors, "ENOSPC must have come"
assert {(g.lane, g.why) for g in shed} == {(Lane.WAVE, "disk-full")}, shed
assert journal.backlog(Lane.VITAL) == [(A, [(0, 79)])]
try:
    with ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)): pass
except OSError as error:
    assert error.errno == 28
for n in range(80, 100):
    second(n)
ballast.unlink()
done = second(100)
assert {b.lane for b in done.blocks} >= {Lane.ALERT, Lane.VITAL, Lane.WAVE}, done
journal.commit([], clock(101))
assert not journal.owes
alerts = [n for _, ranges in journal.backlog(Lane.ALERT) for a, b in ranges for n in range(a, b + 1)]
assert alerts == list(range(journal.produced[Lane.ALERT])), "every alert is kept"
told = {(g.lane, n) for g in gaps(journal) for a, b in g.ranges for n in range(a, b + 1)}
for lane in (Lane.VITAL, Lane.WAVE):
    kept = {n for _, r in journal.backlog(lane) for a, b in r for n in range(a, b + 1)}
    assert kept | {n for l, n in told if l == lane} == set(range(101)), lane
    assert not kept & {n for l, n in told if l == lane}
print("errors", len(errors), "gaps", len(shed))
"""


def test_a_full_disk_sheds_waves_keeps_alerts_and_recovers(tmp_path: Path) -> None:
    """On a real file system of 1.2 MB, mounted in a name space of its own."""
    root = str(Path(__file__).parents[4])
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", FULL_DISK]
    done = subprocess.run([*command, str(tmp_path), root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "errors" in done.stdout
