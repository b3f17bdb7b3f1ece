"""The proof: counts that are true whatever the ledger holds, and what is known beside them, with its age."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from controller.cli import app
from controller.config import load
from controller.errors import StoreError
from controller.ledger_report import age
from controller.proof import MOST_RANGES, JournalProof, count_twice, journals
from controller.store.beside import Beside, reading
from devices.wire.block import Lane
from tests.support.ledgers import QUARANTINED, changed, fill, gap, state, whole
from tests.support.sender import Sender
from tests.support.sender import reading as measured
from tests.unit.controller.conftest import START_US, Desk

SPANS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6)), max_size=8)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one stream and nothing in its ledger."""
    path = whole(tmp_path_factory.mktemp("proof") / "empty.sqlite")
    tables = "ledger", "gap", "quarantine", "journal", "stream"
    changed(path, *(f"DELETE FROM {table}" for table in tables))
    changed(path, "INSERT INTO stream VALUES (1, x'00', 1, 'ward-a', 0, 0)")
    return path


async def proof(desk: Desk) -> list[JournalProof]:
    return await Beside(desk.store.where).read(lambda db: journals(db, count_twice(db)))


async def test_each_block_is_counted_as_what_became_of_it(desk: Desk) -> None:
    await fill(desk, Sender())
    [found] = await proof(desk)
    lanes = {lane.lane: lane for lane in found.lanes}
    vital, wave = lanes["vital"], lanes["wave"]
    assert (vital.produced, vital.committed, vital.quarantined, vital.missing) == (9, 8, 1, 0)
    assert (wave.produced, wave.committed, wave.shed, wave.missing, wave.gaps) == (6, 3, 3, 0, 1)
    assert wave.resent == 1
    assert found.sums["missing"] == found.sums["duplicated"] == 0


async def test_a_block_that_was_given_up_after_it_had_arrived_is_here(desk: Desk) -> None:
    sender = Sender()
    waves = [sender.block(measured(60, 9), lane=Lane.WAVE) for _ in range(4)]
    await desk.take(*waves[:2], what="wave")
    await desk.take(sender.block(gap(sender, 1, 2)))
    await desk.take(waves[3], what="wave")
    [found] = await proof(desk)
    [wave] = [lane for lane in found.lanes if lane.lane == "wave"]
    assert (wave.committed, wave.shed, wave.missing) == (3, 1, 0)


@given(committed=SPANS, shed=SPANS, produced=st.integers(0, 30))
def test_every_number_has_one_fate_even_where_the_ledger_says_two(
    empty: Path, committed: list[tuple[int, int]], shed: list[tuple[int, int]], produced: int
) -> None:
    spans = [("committed", first, first + more) for first, more in dict(committed).items()]
    spans += [("shed", first, first + more) for first, more in dict(shed).items()]
    rows = ", ".join(f"(1, '{kind}', {first}, {last})" for kind, first, last in spans)
    changed(empty, "DELETE FROM ledger", f"UPDATE stream SET produced = {produced}")
    changed(empty, *([f"INSERT INTO ledger VALUES {rows}"] if rows else []))
    here = {n for kind, first, last in spans for n in range(first, last + 1) if kind == "committed"}
    told = {n for _, first, last in spans for n in range(first, last + 1)}
    every = set(range(max(produced, max(told, default=-1) + 1)))
    with reading(empty) as db:
        [row] = journals(db, {})[0].lanes
    assert row.missing == len(every - told)
    assert row.shed == len(told - here)
    assert [n for first, last in row.missing_ranges for n in range(first, last + 1)] == sorted(every - told)
    assert row.holes == len(row.missing_ranges)


async def test_of_very_many_holes_the_first_are_kept_and_all_are_counted(desk: Desk) -> None:
    sender = Sender()
    await desk.take(*[sender.block() for _ in range(2 * MOST_RANGES + 100)][1::2])
    [found] = await proof(desk)
    [row] = found.lanes
    assert (row.holes, len(row.missing_ranges), row.missing) == (
        MOST_RANGES + 50,
        MOST_RANGES,
        MOST_RANGES + 50,
    )


async def test_what_waits_and_the_clock_are_told_with_their_times(desk: Desk) -> None:
    sender = Sender()
    await desk.take(sender.block())
    desk.clock.at_us += 5_000_000
    await desk.take(state(sender, (0, 3, 0, 0), (None, 7_000_000, None, None)), what="state")
    desk.clock.at_us += 60_000_000
    await desk.take(sender.block())
    [found] = await proof(desk)
    assert found.open
    assert (found.told_ms, found.heard_ms) == (START_US // 1000 + 5_000, START_US // 1000 + 65_000)
    vital = found.lanes[1]
    assert (vital.waiting, vital.oldest_ms) == (3, 7_000)
    assert found.clock is not None
    assert (found.clock.sync, found.clock.error_ms, found.clock.utc_known) == ("unset", None, False)
    assert found.clock.boot == sender.boot.hex()


async def test_the_journal_that_was_named_last_is_the_open_one(desk: Desk) -> None:
    old, new = Sender(), Sender()
    for sender in (new, old, new):
        desk.clock.at_us += 1_000_000
        await desk.take(state(sender), what="state")
    await desk.take(old.block())
    assert {one.journal: one.open for one in await proof(desk)} == {
        old.journal.hex(): False,
        new.journal.hex(): True,
    }


async def test_a_block_that_comes_late_does_not_take_back_the_clock(desk: Desk) -> None:
    sender = Sender()
    sender.utc_us = 1_900_000_000_000_000
    late, now = sender.block(mono_us=1_000_000), sender.block(mono_us=9_000_000)
    sender.utc_us = None
    await desk.take(now)
    await desk.take(late)
    [found] = await proof(desk)
    assert found.clock is not None
    assert found.clock.utc_known


async def test_what_is_still_being_read_can_be_ended(desk: Desk) -> None:
    beside = Beside(desk.store.where)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    under_way = asyncio.create_task(beside.read(lambda db: db.execute(endless).fetchall()))
    while not under_way.done():
        await asyncio.sleep(0.01)
        beside.stop()
    with pytest.raises(StoreError, match="interrupted"):
        await under_way


def planted(tmp_path: Path) -> Path:
    """A controller's configuration whose database is whole."""
    file = tmp_path / "controller.toml"
    file.write_text("", encoding="utf-8")
    load(file).data.mkdir()
    whole(load(file).database)
    return file


def test_the_command_prints_every_count_the_clock_and_the_ages(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["ledger", "--check", "-c", str(planted(tmp_path))])
    assert result.exit_code == 0, result.output
    for column in ("duplicated", "oldest unreceipted", "clock", "heard", "open"):
        assert column in result.output
    assert "unset ±2.5 ms, no UTC" in result.output
    assert re.search(r"none, \d+ s ago", result.output)
    assert "Nothing is missing: 34 blocks were produced, and each is accounted for." in result.output


def test_the_command_gives_the_same_as_json_and_of_one_gateway(tmp_path: Path) -> None:
    file = planted(tmp_path)
    told = json.loads(CliRunner().invoke(app, ["ledger", "--json", "-c", str(file)]).stdout)
    assert [one["gateway"] for one in told["journals"]] == ["ward-a", "ward-b"]
    assert told["journals"][0]["lanes"][1]["quarantined"] == 1
    assert told["server_ms"] >= told["journals"][0]["heard_ms"]
    only = CliRunner().invoke(app, ["ledger", "--json", "--gateway", "ard-b", "-c", str(file)])
    assert [one["gateway"] for one in json.loads(only.stdout)["journals"]] == ["ward-b"]


def test_the_command_exports_for_its_owner_s_eyes(tmp_path: Path) -> None:
    file, export = planted(tmp_path), tmp_path / "ledger.jsonl"
    result = CliRunner().invoke(app, ["ledger", "--export", str(export), "-c", str(file)])
    assert result.exit_code == 0, result.output
    assert export.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in export.read_bytes().splitlines()]
    assert lines[0]["format"] == "wardlink-ledger"
    assert lines[-1]["lines"] == len(lines) - 1
    [message] = [one for one in lines if one["kind"] == "quarantined"][:1]
    assert (message["number"], message["reason"]) == (QUARANTINED, "malformed")
    refused = CliRunner().invoke(app, ["ledger", "--export", str(tmp_path / "no" / "x"), "-c", str(file)])
    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0 s"), (61_000, "1 min"), (7_200_000, "2 h"), (200_000_000, "2 d")]
)
def test_an_age_is_short(ms: int, text: str) -> None:
    assert age(ms) == text
