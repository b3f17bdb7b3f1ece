"""`wardlink controller dropped` says what was dropped."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner

from controller.cli import app
from controller.store import Store
from tests.support import history

DROPPED = "INSERT INTO dropped VALUES (1, 'waveform', 2, 1, 19675, 3, 9, ?, ?, 12, 'older than 7 days', 0)"


async def dropped_once(data: Path) -> None:
    store = await Store.open(data / "wardlink.sqlite")
    await store.write(history.begin)
    span = 1_700_000_000_000_000, 1_700_000_060_000_000
    await store.write(lambda db: db.execute(DROPPED, span))
    await store.close()


def test_the_command_names_device_metric_times_count_and_reason(tmp_path: Path) -> None:
    asyncio.run(dropped_once(tmp_path / "controller-data"))
    file = tmp_path / "controller.toml"
    file.write_text("", encoding="utf-8")
    told = CliRunner().invoke(app, ["dropped", "-c", str(file)])
    assert told.exit_code == 0
    span = "2023-11-14 22:13:20\t2023-11-14 22:14:20"
    assert told.stdout == f"waveform\tmonitor-1\tspo2\t{span}\t12\tolder than 7 days\n"
