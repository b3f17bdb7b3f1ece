"""A store moves from SQLite's file to PostgreSQL: one of them has all, and only that one is used."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from controller.audit.cli import app as audit_cli
from controller.cli import app
from controller.errors import StoreError
from controller.store import Store, connect
from controller.store.migrate import migrate
from controller.store.moved import moved, moving
from controller.store.postgres.parts import parts
from controller.store.where import moment
from tests.support.cold_site import cold_site
from tests.support.database import dump
from tests.support.killed import killed_before
from tests.support.lost_answers import Way
from tests.support.postgres import SERVERS

T = TypeVar("T")

pytestmark = [
    pytest.mark.xdist_group("postgresql"),
    pytest.mark.sqlite_only("begins with a file"),
]
_SERIES = "INSERT INTO series (id, device, metric) VALUES (70, 'ox-9', 'spo2')"
_READING = """INSERT INTO observation (id, stream, number, place, boot, mono_us, at_us, series, quality)
VALUES (?, 1, 1, 1, 1, 1, 1, 70, 0)"""
_NEXT = _READING.replace("(id, ", "(").replace("?, ", "")
_EVERY = 40
"""Of what a move does in the file system, the steps between two kills."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A controller's file, small: a ward, and one entry of the trail."""
    path = tmp_path / "wardlink.sqlite"
    change(path, "INSERT INTO ward VALUES ('ward-a', 'Ward A')")
    return path


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A new database with our schema: that of a move which got so far."""
    yield SERVERS.of(tmp_path / "postgresql")


@pytest.fixture
def way(url: str) -> Iterator[Way]:
    made = Way(SERVERS.server.port)
    yield made
    made.close()


def through(way: Way, url: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{way.port}/{url.rpartition('/')[2]}"


def configured(folder: Path, url: str = "") -> str:
    """The name of a configuration's file."""
    path = folder / "controller.toml"
    store = f'[store]\nurl = "{url}"\n' if url else ""
    path.write_text(f'[controller]\ndata = "."\n{store}', encoding="utf-8")
    return str(path)


def move(folder: Path, url: str) -> Result:
    return CliRunner().invoke(app, ["move-store", "--config", configured(folder, url)])


def with_store(where: Path | str, folder: Path | None, work: Callable[[Store], Awaitable[T]]) -> T:
    """As a controller does."""

    async def opened() -> T:
        store = await Store.open(where, folder=folder)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(opened())


def change(where: Path | str, *statements: str, folder: Path | None = None) -> None:
    def all_of_them(db: sqlite3.Connection) -> None:
        for one in statements:
            db.execute(one)

    with_store(where, folder, lambda store: store.write(all_of_them))


def answer(url: str, folder: Path, question: str) -> int:
    return with_store(url, folder, lambda store: store.read(question))[0][0]


def rows_of(where: Path | str) -> list[str]:
    """In an order that does not hang on where they are; without what only servers have."""
    with closing(moment(where)) as db:
        parts_apart = ('"commit_mark"', '"observation_p', '"waveform_p')
        return sorted(one for one in dump(db).splitlines() if not one.startswith(parts_apart))


def nobody_starts(file: Path, url: str) -> None:
    for where in (file, url):
        with pytest.raises(StoreError, match="on its way to a server: `wardlink controller move-store`"):
            change(where, folder=file.parent)


async def a_site(folder: Path) -> None:
    """With people, insulin that was prescribed and is on its way, and its box's readings."""
    async with cold_site(folder) as site:
        await site.measures(5.0, 9.5)


def test_a_site_goes_on_at_the_server_with_all_that_it_had(tmp_path: Path, url: str) -> None:
    asyncio.run(a_site(tmp_path))
    (tmp_path / "controller.db").rename(file := tmp_path / "wardlink.sqlite")
    done = move(tmp_path, url)
    assert done.exit_code == 0, done.output
    kept = rows_of(moved(file))
    assert rows_of(url) == kept
    assert len(kept) > 200
    assert f"\n{len(kept)} rows are on the server\n" in done.output
    assert CliRunner().invoke(audit_cli, ["verify", "--config", configured(tmp_path, url)]).exit_code == 0


def test_afterwards_numbers_go_on_and_what_may_not_be_is_refused(
    file: Path, tmp_path: Path, url: str
) -> None:
    change(file, _SERIES, *(_READING.replace("?", str(n)) for n in (3, 2_500_000, 9_000_000)))
    assert move(tmp_path, url).exit_code == 0
    change(url, _NEXT, folder=tmp_path)
    assert answer(url, tmp_path, "SELECT max(id) FROM observation") == 9_000_001
    with closing(connect(url)) as db:
        its = parts(db, "observation")
        held = [db.execute(f"SELECT count(*) FROM {part.name}").fetchone()[0] for part in its]
        assert sum(held) == 4
        assert max(held) == 2  # the old ones can go as a whole
        assert held[-1] == 0
    for refused, why in (
        (_NEXT.replace("70", "71"), "foreign key"),
        ("UPDATE audit SET entry = '{}'", "audit"),
        ("DELETE FROM audit", "audit"),
    ):
        with pytest.raises(StoreError, match=why):
            change(url, refused, folder=tmp_path)


def test_who_waits_for_a_large_table_is_told_how_far_it_is(
    file: Path, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(file, _SERIES, *(_READING.replace("?", str(n)) for n in range(1, 6)))
    monkeypatch.setattr("controller.store.postgres.moving.STEP", 2)
    said = move(tmp_path, url).output.splitlines()
    assert [line for line in said if line.startswith("observation:")] == [
        "observation: 2 rows sent",
        "observation: 4 rows sent",
        "observation: 2 rows compared, going on",
        "observation: 4 rows compared, going on",
        "observation: 5 rows, compared",
    ]


def test_neither_a_controller_nor_a_command_goes_back_to_the_file(
    file: Path, tmp_path: Path, url: str
) -> None:
    assert move(tmp_path, url).exit_code == 0
    told = CliRunner().invoke(app, ["add-ward", "ward-b", "Ward B", "--config", configured(tmp_path)])
    assert (told.exit_code, "expected its url in [store]" in told.output) == (1, True)
    assert not file.exists()
    again = move(tmp_path, url)
    assert (again.exit_code, "has moved already" in again.output) == (0, True)


@pytest.mark.parametrize(
    "theirs",
    [
        "INSERT INTO ward VALUES ('other', 'Another')",
        "UPDATE meta SET value = value + 1 WHERE key = 'crew'",  # as many rows as in a new one
    ],
)
def test_a_database_that_others_use_is_refused_and_the_file_is_used_as_before(
    theirs: str, file: Path, tmp_path: Path, url: str
) -> None:
    change(url, theirs, folder=tmp_path / "elsewhere")
    before = rows_of(url)
    refused = move(tmp_path, url)
    assert (refused.exit_code, "is not the same in both" in refused.output) == (1, True)
    assert rows_of(url) == before
    change(file, "INSERT INTO ward VALUES ('ward-b', 'Ward B')")


def test_what_a_server_does_not_take_is_named_and_nothing_has_changed(
    file: Path, tmp_path: Path, url: str
) -> None:
    change(file, "INSERT INTO ward VALUES ('ward-0', 'Ward ' || char(0))")
    before = rows_of(url)
    refused = move(tmp_path, url)
    assert (refused.exit_code, "ward: the server does not take what is there" in refused.output) == (1, True)
    assert rows_of(url) == before
    change(file, "UPDATE ward SET name = 'Ward 0' WHERE id = 'ward-0'")
    assert move(tmp_path, url).exit_code == 0
    assert answer(url, tmp_path, "SELECT count(*) FROM ward") == 2


def test_a_file_that_somebody_uses_stays(file: Path, tmp_path: Path, url: str) -> None:
    with closing(connect(file)) as other:
        other.execute("SELECT * FROM ward").fetchall()
        refused = move(tmp_path, url)
    assert (refused.exit_code, "expected nobody else to use it" in refused.output) == (1, True)
    assert file.exists()
    assert move(tmp_path, url).exit_code == 0


@pytest.mark.parametrize("when", ["before", "after"])
def test_where_the_answer_to_the_commit_is_lost_nobody_starts_and_the_next_try_finds_out(
    when: str, file: Path, tmp_path: Path, url: str, way: Way
) -> None:
    way.lose = f"{when} for good"
    unknown = move(tmp_path, through(way, url))
    assert (way.lost, unknown.exit_code) == (1, 1)
    assert "whether it did is not known" in unknown.output
    nobody_starts(file, url)
    before = rows_of(moving(file))
    assert move(tmp_path, url).exit_code == 0
    assert rows_of(url) == before
    assert rows_of(moved(file)) == before


def test_rows_that_were_changed_at_the_server_meanwhile_are_found(
    file: Path, tmp_path: Path, url: str, way: Way
) -> None:
    way.lose = "after for good"
    assert move(tmp_path, through(way, url)).exit_code == 1
    assert way.lost == 1
    change(url, "UPDATE ward SET name = 'Ward B'", folder=tmp_path / "elsewhere")
    refused = move(tmp_path, url)
    assert (refused.exit_code, 'ward: row 1 by "id" is not the same in both' in refused.output) == (1, True)
    nobody_starts(file, url)


def test_killed_wherever_it_is_it_goes_on(file: Path, tmp_path: Path, url: str) -> None:
    kills = 0
    while killed_before(kills * _EVERY, lambda: _moved(tmp_path, url)):
        kills += 1
        if moving(file).exists():
            nobody_starts(file, url)
        elif file.exists():
            change(file, f"UPDATE ward SET name = 'Ward {kills}'")
    assert kills >= 4
    assert rows_of(url) == rows_of(moved(file))
    assert not file.exists()
    assert not moving(file).exists()


def _moved(folder: Path, url: str) -> None:
    done = move(folder, url)
    assert done.exit_code == 0, done.output


def test_a_controller_with_a_new_server_does_not_begin_without_its_file(file: Path, tmp_path: Path) -> None:
    bare = SERVERS.made[str(tmp_path / "bare")] = SERVERS.server.database(f"bare_{tmp_path.name}")
    with pytest.raises(StoreError, match=r"is new, but the rows are in .*move-store"):
        change(bare, folder=tmp_path)
    assert move(tmp_path, bare).exit_code == 0
    assert answer(bare, tmp_path, "SELECT count(*) FROM ward") == 1


def test_every_table_has_types_that_a_server_keeps(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "wardlink.sqlite")) as db:
        migrate(db)
        tables = db.execute(
            "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
    assert len(tables) > 100
    assert [name for name, strict in tables if not strict] == []
