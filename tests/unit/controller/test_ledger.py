"""The ledger's counts mean what they say, and the commands tell them."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner

from controller.cli import app
from controller.ledger import ledger_table
from controller.store import Store
from controller.store.blocks import KEPT_STRANGERS
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
