"""The ledger's counts mean what they say, and the commands tell them."""

import asyncio
import json
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.export import write_export
from controller.ledger import ledger_table
from controller.store import Store
from controller.store.beside import Beside
from controller.store.blocks import KEPT_STRANGERS
from devices.model.observation import Instant
from devices.wire.block import Lane
from devices.wire.records import Gap
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk


async def test_a_record_stored_twice_would_be_counted(desk: Desk) -> None:
    await desk.take(Sender().block())
    columns = "stream, number, place, boot, mono_us, at_us, series, value, quality"
    query = f"INSERT INTO observation ({columns}) SELECT {columns} FROM observation"
    await desk.store.write(lambda db: db.execute(query))
    [row] = await ledger_table(desk.store)
    assert row.duplicated == 1


async def test_numbers_that_follow_each_other_are_one_range_whatever_their_order(desk: Desk) -> None:
    sender = Sender()
    blocks = [sender.block() for _ in range(9)]
    for number in (4, 0, 8, 2, 6, 1, 3, 7, 5):
        await desk.take(blocks[number])
    assert await desk.rows("SELECT kind, first, last FROM ledger") == [("committed", 0, 8)]


async def test_a_restarted_controller_knows_what_it_has(desk: Desk, restarted: Desk) -> None:
    sender = Sender()
    payload = sender.block()
    await desk.take(payload)
    await restarted.load()
    await restarted.take(payload)
    [row] = await ledger_table(restarted.store)
    assert (row.committed, row.resent, row.duplicated) == (1, 1, 0)
    assert len(restarted.sent) >= 1


async def test_strangers_in_quarantine_are_bounded_and_those_that_go_are_counted(
    desk: Desk,
) -> None:
    await desk.take(*(b"garbage %d" % number for number in range(KEPT_STRANGERS + 5)))
    assert await desk.rows("SELECT count(*) FROM quarantine") == [(KEPT_STRANGERS,)]
    assert await desk.rows("SELECT value FROM counter WHERE name = 'quarantine-dropped'") == [(5,)]


@pytest.mark.on_both
async def test_gaps_of_an_export_are_numbers_in_their_order(desk: Desk) -> None:
    sender = Sender()
    times = Instant(1_000_000), Instant(2_000_000)
    told = Gap(Instant(0), sender.journal, Lane.WAVE, ((2, 3), (10, 11)), sender.boot, *times, "quota")
    await desk.take(sender.block(told, lane=Lane.ALERT), what="alert", gateway=sender.gateway)
    out = BytesIO()
    await Beside(desk.store.where).read(lambda db: write_export(db, out, 0))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    gaps = [(one["first"], one["last"]) for one in lines if one["kind"] == "gap"]
    assert gaps == [(2, 3), (10, 11)]


async def test_the_same_garbage_again_only_counts(desk: Desk) -> None:
    for _ in range(3):
        await desk.take(b"garbage")
    assert await desk.rows("SELECT times FROM quarantine") == [(3,)]


def test_the_command_prints_the_ledger_and_fails_when_something_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "controller.toml"
    file.write_text("", encoding="utf-8")
    run = CliRunner().invoke
    result = run(app, ["ledger", "--check", "-c", str(file)])
    assert result.exit_code == 0, result.output
    _plant_missing(tmp_path)
    result = run(app, ["ledger", "--check", "-c", str(file)])
    assert result.exit_code == 1
    assert "ward-a" in result.output


def _plant_missing(folder: Path) -> None:
    async def plant() -> None:
        store = await Store.open(folder / "controller-data" / "wardlink.sqlite")
        query = "INSERT INTO stream (journal, lane, gateway, produced) VALUES (?, 1, 'ward-a', 3)"
        await store.write(lambda db: db.execute(query, (b"journal.",)))
        await store.close()

    asyncio.run(plant())


async def test_what_the_ledger_has_is_not_stored_again_whoever_believes_it_is_new(
    desk: Desk, restarted: Desk
) -> None:
    sender = Sender()
    block = sender.block()
    await restarted.load()  # before there was anything: what it knows is out of date
    await desk.take(block)
    await restarted.take(block)
    assert await desk.rows("SELECT count(*) FROM observation") == [(1,)]
    assert await desk.rows("SELECT kind, first, last FROM ledger ORDER BY kind") == [
        ("committed", 0, 0),
        ("quarantined", 0, 0),
    ]
