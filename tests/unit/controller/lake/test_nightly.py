"""The lake of a running controller: written each night, after a missed one too, by a process of its own."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.config import load
from controller.errors import ConfigError, LakeError
from controller.lake import extra
from controller.lake.cli import app
from controller.lake.extra import folder_of
from controller.lake.nightly import Nights, beside
from controller.shards.duty import Duty
from controller.store import Store
from controller.store.where import Where
from tests.support import history
from tests.support.history import BASE_US

DAY_US = 86_400_000_000


class HandClock:
    """Time that a test lets pass."""

    def __init__(self, at_us: int) -> None:
        self.at_us = at_us

    def now_us(self) -> int:
        return self.at_us

    def utc_us(self) -> int:
        return self.at_us


def configured(tmp_path: Path, text: str = "[lake]\n") -> Path:
    path = tmp_path / "controller.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def filled(tmp_path: Path) -> Where:
    data = tmp_path / "controller-data"
    data.mkdir()
    store = await history.opened(data)
    await store.write(lambda db: history.arrive(db, 1, [(1, BASE_US, 60.0)]))
    await store.close()
    return store.where


async def test_it_is_written_when_the_hour_has_struck_and_once(tmp_path: Path) -> None:
    database = await filled(tmp_path)
    nights = Nights(database, tmp_path / "lake", "02:30", clock := HandClock(BASE_US))
    assert nights.is_due()
    assert await nights.write()
    assert not nights.is_due()  # the process has the host's clock, which is later
    clock.at_us = 4_000_000_000_000_000  # in 2096
    assert nights.is_due()
    store = await Store.open(database)
    assert (await store.read("SELECT value FROM meta WHERE key = 'lake-generation'"))[0]["value"] == 1
    await store.close()


async def test_a_night_that_fails_says_so_and_is_tried_again(tmp_path: Path) -> None:
    nights = Nights(tmp_path, tmp_path / "lake", "02:30", HandClock(BASE_US))  # a folder is no database
    assert not await nights.write()
    assert nights.is_due()


async def test_without_the_extra_the_controller_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("pyarrow_that_is_missing",))
    with pytest.raises(ConfigError, match=r"wardlink\[data\]"):
        await beside(load(configured(tmp_path)), asyncio.sleep(0), Duty())
    with pytest.raises(LakeError, match=r"pyarrow_that_is_missing.*wardlink\[data\]"), extra.needed():
        __import__("pyarrow_that_is_missing")


def test_the_command_line_writes_checks_and_asks(tmp_path: Path) -> None:
    asyncio.run(filled(tmp_path))
    file = configured(tmp_path, '[lake]\nfolder = "elsewhere"\nat = "03:00"\n')
    assert folder_of(load(file)) == tmp_path / "elsewhere"

    def told(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "-c", str(file)])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert told("write").startswith("generation 1: 1 rows")
    told("check")
    assert told("query", "SELECT bed, value FROM observation", "--csv") == "bed,value\nbed-1,60.0\n"
    (tmp_path / "elsewhere" / "manifest.json").unlink()
    assert CliRunner().invoke(app, ["query", "SELECT 1", "-c", str(file)]).exit_code == 1
