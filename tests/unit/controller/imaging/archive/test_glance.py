"""The index, asked in the event loop's own thread."""

from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from controller.errors import StoreError
from controller.imaging.archive.glance import Glance
from tests.support import dicom
from tests.unit.controller.imaging.archive.conftest import Shelf


async def test_what_was_committed_is_seen_at_once_and_nothing_of_what_was_not(shelf: Shelf) -> None:
    count = "SELECT count(*) FROM instance"
    async with shelf.archive.begin("ae:CT1") as batch:
        incoming = batch.part()
        incoming.write(dicom.ct())
        await batch.take(incoming)
        assert shelf.archive.glance.rows(count, {}) == [(0,)]
        await batch.commit()
    assert shelf.archive.glance.rows(count, {}) == [(1,)]


async def test_a_writer_does_not_hold_it_up(shelf: Shelf) -> None:
    await shelf.store(dicom.ct())
    seen = "SELECT count(*) FROM study"

    def delete(db: Connection) -> list[tuple[Any, ...]]:
        db.execute("DELETE FROM study")
        beside = Glance(shelf.archive.store.where)  # a connection belongs to its thread
        try:
            return beside.rows(seen, {})
        finally:
            beside.close()

    assert await shelf.archive.store.write(delete) == [(1,)]
    assert shelf.archive.glance.rows(seen, {}) == [(0,)]


async def test_it_only_reads(shelf: Shelf) -> None:
    with pytest.raises(StoreError, match="readonly"):
        shelf.archive.glance.rows("DELETE FROM study", {})
    with pytest.raises(StoreError, match="unable to open"):
        Glance(Path("/nowhere/imaging.sqlite"))
