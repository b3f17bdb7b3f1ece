"""A backup, restored into an empty folder: the ledger is whole, the trail and the authority are the same."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from controller.audit.verify import verify
from controller.config import load
from devices.wire.block import Lane
from hil.database import streams
from tests.integration.controller.conftest import Site
from tests.support.sender import Sender


def backed_up(site: Site, into: Path) -> None:
    """As docs/security.md says: SQLite's own backup, the authority and the configuration."""
    into.mkdir()
    with (
        closing(sqlite3.connect(site.config.database)) as source,
        closing(sqlite3.connect(into / "wardlink-backup.sqlite")) as copy,
    ):
        source.backup(copy)
    shutil.copytree(site.config.data / "ca", into / "ca")
    shutil.copy(site.folder / "controller.toml", into)


def restored(backup: Path, into: Path, site: Site) -> Site:
    """On an empty machine."""
    data = into / "controller-data"
    data.mkdir(parents=True)
    shutil.copy(backup / "controller.toml", into)
    shutil.copy(backup / "wardlink-backup.sqlite", data / "wardlink.sqlite")
    shutil.copytree(backup / "ca", data / "ca")
    return replace(site, folder=into, config=load(into / "controller.toml"))


@pytest.mark.parametrize("lost", [0, 3])
@pytest.mark.sqlite_only("copies the file")
async def test_a_restored_controller_goes_on_and_its_ledger_is_whole(
    site: Site, tmp_path: Path, lost: int
) -> None:
    sender = Sender("ward-a")
    async with site.running():
        for _ in range(5):
            sender.block()
        async with sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
        backed_up(site, tmp_path / "backup")
    other = restored(tmp_path / "backup", tmp_path / "machine", site)
    for _ in range(lost):  # made while there was no controller: the gateway still has them
        sender.block()
    async with other.running():
        async with sender.connected(other.port, other.tls["ward-a"]) as connection:
            await connection.drain()
        [row] = [row for row in await other.ledger() if row.committed]
    assert (row.produced, row.committed, row.missing) == (5 + lost, 5 + lost, 0)
    assert sender.committed[Lane.VITAL]
    with closing(sqlite3.connect(other.config.database)) as db:
        db.row_factory = sqlite3.Row
        assert verify(db).is_whole
    assert [problem for stream in streams(other.config.database) for problem in stream.problems()] == []
