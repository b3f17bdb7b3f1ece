"""controller/imaging/one_index.py: who has another index of images than the other controllers shows none."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.imaging.archive.archive import Archive
from controller.imaging.one_index import another_index, only_with
from controller.store import Store
from tests.support.sender import until

SOON_S = 0.05


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """The database of all controllers."""
    store = await Store.open(tmp_path / "all.sqlite")
    yield store
    await store.close()


async def index(data: Path) -> None:
    """An archive that was opened there once."""
    (data / "imaging").mkdir(parents=True, exist_ok=True)
    await (await Archive.open(data / "imaging", SystemClock())).close()


async def test_the_first_index_is_the_one_that_all_have(store: Store, tmp_path: Path) -> None:
    await index(tmp_path / "first")
    assert await another_index(store, tmp_path / "first") == ""
    assert await another_index(store, tmp_path / "first") == ""
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "imaging").symlink_to(tmp_path / "first" / "imaging")
    assert await another_index(store, tmp_path / "second") == ""


@pytest.mark.parametrize("has_index", [False, True])
async def test_a_folder_of_ones_own_is_not_opened_be_it_empty_or_not(
    store: Store, tmp_path: Path, has_index: bool
) -> None:
    await index(tmp_path / "first")
    await another_index(store, tmp_path / "first")
    if has_index:
        await index(tmp_path / "second")
    why = await another_index(store, tmp_path / "second")
    assert "expected the index of images of the other controllers" in why
    assert ("got none" in why) != has_index


async def test_the_service_begins_once_the_folder_is_the_shared_one_and_says_so_till_then(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await index(tmp_path / "first")
    await another_index(store, tmp_path / "first")
    began = asyncio.Event()

    async def service() -> None:
        began.set()
        await asyncio.Event().wait()

    (tmp_path / "second").mkdir()
    task = asyncio.ensure_future(only_with(store, tmp_path / "second", service, SOON_S)())
    try:
        await until(lambda: "there are no images here" in caplog.text)
        assert not began.is_set()
        (tmp_path / "second" / "imaging").symlink_to(tmp_path / "first" / "imaging")
        await until(began.is_set)
    finally:
        task.cancel()


async def test_what_a_new_index_is_called_is_said_to_the_others(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)

    async def service() -> None:
        await index(tmp_path / "first")
        await asyncio.Event().wait()

    task = asyncio.ensure_future(only_with(store, tmp_path / "first", service, SOON_S)())
    try:
        async with asyncio.timeout(30):
            while not await another_index(store, tmp_path / "second"):  # noqa: ASYNC110 - the task says it
                await asyncio.sleep(SOON_S)
    finally:
        task.cancel()
    assert caplog.text == ""
