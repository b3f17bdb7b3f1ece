"""What a journal has promised, and the ways in which it can break that."""

from collections.abc import Mapping
from typing import Any

import pytest

from devices.model.observation import Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Gap, Group, Opened
from hil.faults.journal_bytes import Key, checksum
from hil.faults.promises import Promises

OLD, NEW = b"o" * 8, b"n" * 8
CLOCK = BlockClock(bytes(16), 5_000_000, None, Sync.UNSET, None)
AT = Instant(4 * 10**9)


def block(journal: bytes, lane: Lane, number: int, *records: Gap | Opened) -> bytes:
    return seal(journal, lane, number, CLOCK, [Group(None, None, list(records))])


VITAL, WAVE = block(OLD, Lane.VITAL, 0), block(OLD, Lane.WAVE, 0)
ACCEPTED = {
    "accepted": [[OLD.hex(), 1, 0, checksum(VITAL)], [OLD.hex(), 2, 0, checksum(WAVE)]],
}
SHED = {"lost": [[OLD.hex(), 2, [[0, 0]], "quota"]]}


def gap(why: str, lane: int = 2) -> Gap:
    return Gap(AT, OLD, lane, ((0, 0),), bytes(16), AT, AT, why)


def reopened(*gaps: Gap, ended: tuple[int, ...] = (0, 1, 1, 0)) -> dict[Key, bytes]:
    return {(NEW, 0, 0): block(NEW, Lane.ALERT, 0, Opened(AT, {OLD: ended}), *gaps)}


def promised(*notes: Mapping[str, Any]) -> Promises:
    promises = Promises()
    for note in notes:
        promises.note(note)
    return promises


def broken(promises: Promises, found: dict[Key, bytes]) -> list[str]:
    return list(promises.broken(found, NEW, promises))


BOTH: dict[Key, bytes] = {(OLD, 1, 0): VITAL, (OLD, 2, 0): WAVE}


def test_all_that_was_accepted_is_there() -> None:
    assert broken(promised(ACCEPTED), {**BOTH, **reopened()}) == []


def test_a_lost_block_is_named() -> None:
    (problem,) = broken(promised(ACCEPTED), {(OLD, 1, 0): VITAL, **reopened()})
    assert problem == f"accepted, lost and not told: journal {OLD.hex()} lane 2 block 0"


def test_a_block_that_is_not_what_was_accepted_is_wrong() -> None:
    (problem,) = broken(promised(ACCEPTED), {**BOTH, (OLD, 2, 0): block(OLD, Lane.WAVE, 9), **reopened()})
    assert problem.startswith("wrong: ")


def test_a_block_that_was_shed_and_told_is_no_loss() -> None:
    assert broken(promised(ACCEPTED, SHED), {(OLD, 1, 0): VITAL, **reopened(gap("quota"))}) == []


@pytest.mark.parametrize("why", ["quota", "damaged"])
def test_a_gap_does_not_excuse_what_nobody_shed(why: str) -> None:
    (problem,) = broken(promised(ACCEPTED), {(OLD, 1, 0): VITAL, **reopened(gap(why))})
    assert f"accepted and lost, told as {why}" in problem


def test_a_gap_for_what_is_there_is_a_lie() -> None:
    problems = broken(promised(ACCEPTED, SHED), {**BOTH, **reopened(gap("quota"))})
    assert [problem.partition(":")[0] for problem in problems] == ["told as lost, but is not"]


def test_what_was_received_is_not_owed_any_more() -> None:
    received = {"received": [OLD.hex(), 2, [[0, 0]]], "blocks": []}
    assert broken(promised(ACCEPTED, received), {(OLD, 1, 0): VITAL, **reopened()}) == []


def test_a_gap_that_the_controller_has_received_counts_as_told() -> None:
    alert = block(OLD, Lane.ALERT, 0, gap("quota"))
    received = {"received": [OLD.hex(), 0, [[0, 0]]], "blocks": [alert.hex()]}
    assert broken(promised(ACCEPTED, SHED, received), {(OLD, 1, 0): VITAL, **reopened()}) == []


def test_an_end_that_leaves_out_what_was_accepted_is_wrong() -> None:
    (problem,) = broken(promised(ACCEPTED), {**BOTH, **reopened(ended=(0, 0, 1, 0))})
    assert problem.startswith("accepted, but after the end that is told")
