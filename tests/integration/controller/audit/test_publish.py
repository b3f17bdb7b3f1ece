"""Heads are published to a file and to whoever listens; a trail that was cut is told and not covered."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.audit.chain import append, append_all
from controller.audit.entry import Entry
from controller.audit.publish import Publisher
from controller.store import Store
from tests.support.trails import AUTHORITY, READER, UTC_US, entries, kinds, tampering, verified
from tests.unit.controller.conftest import TestClock


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    await opened.write(lambda db: append_all(db, entries(3)))
    yield opened
    await opened.close()


def publisher(store: Store, folder: Path, sent: list[str] | None = None) -> Publisher:
    return Publisher(store, TestClock(), AUTHORITY, folder, (sent if sent is not None else []).append)


async def test_file_and_gateways_get_the_same_signed_head(store: Store, tmp_path: Path) -> None:
    sent: list[str] = []
    one = publisher(store, tmp_path / "heads", sent)
    assert await one.publish()
    [line] = one.file.read_text().splitlines()
    assert [line] == sent
    assert READER.read(line).number == 3
    verdict = verified(store.where, one.file)
    assert (verdict.is_whole, verdict.heads) == (True, 1)


async def test_the_file_grows_with_the_trail_and_gateways_hear_it_again_and_again(
    store: Store, tmp_path: Path
) -> None:
    sent: list[str] = []
    one = publisher(store, tmp_path / "heads", sent)
    await one.publish()
    await one.publish()
    await store.write(lambda db: append(db, Entry("bed", "anna"), UTC_US))
    await one.publish()
    assert [READER.read(line).number for line in one.file.read_text().splitlines()] == [3, 4]
    assert [READER.read(line).number for line in sent] == [3, 3, 4]


@pytest.mark.parametrize("statement", ["DELETE FROM audit WHERE number > 2", "UPDATE audit SET hash = x'00'"])
async def test_a_trail_that_was_cut_or_changed_meanwhile_is_told_and_gets_no_new_head(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    sent: list[str] = []
    one = publisher(store, tmp_path / "heads", sent)
    assert await one.publish()
    with tampering(store.where) as db:
        db.execute(statement)
    with caplog.at_level(logging.ERROR):
        assert not await publisher(store, tmp_path / "heads", sent).publish()
    assert "wardlink audit verify" in caplog.text
    assert len(sent) == 1
    assert kinds(verified(store.where, one.file)) & {"cut", "head"}


async def test_a_folder_that_cannot_be_written_does_not_keep_the_head_from_the_gateways(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "heads").write_text("not a folder")
    sent: list[str] = []
    assert await publisher(store, tmp_path / "heads", sent).publish()
    assert len(sent) == 1
    assert "cannot be written" in caplog.text


async def test_an_empty_trail_has_no_head(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "empty.sqlite")
    sent: list[str] = []
    assert await publisher(store, tmp_path / "heads", sent).publish()
    await store.close()
    assert sent == []
