"""Whatever was done to the file is found: here it is done, by sqlite3 and with every right."""

import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller import store
from controller.audit.chain import append_all
from controller.audit.search import Question, found
from controller.audit.verify import MOST_FAULTS, verify
from controller.store.beside import reading
from tests.support.trails import (
    READER,
    UTC_US,
    entries,
    filled,
    kinds,
    publish,
    rehash,
    tampering,
    verified,
)

ITS_FILE = pytest.mark.sqlite_only("alters the file; of a server: integration/controller/store/test_trail.py")
A_FETCH = 1_000_000
"""Bytes that a server gives at once, whereas SQLite gives row by row."""
COUNT = 12
HEADS = (4, 8, COUNT)


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    return await filled(tmp_path / "wardlink.sqlite", COUNT)


@pytest.fixture
def heads(path: Path, tmp_path: Path) -> Path:
    return publish(path, tmp_path / "heads.jws", HEADS)


def test_an_untouched_trail_is_whole_and_agrees_with_its_heads(path: Path, heads: Path) -> None:
    verdict = verified(path, heads)
    assert verdict.is_whole
    assert (verdict.entries, verdict.heads) == (COUNT, len(HEADS))
    assert verdict.newest_head is not None
    assert verdict.newest_head.hash == verdict.last_hash


async def test_an_empty_trail_is_whole(tmp_path: Path) -> None:
    verdict = verified(await filled(tmp_path / "empty.sqlite", 0))
    assert (verdict.is_whole, verdict.entries) == (True, 0)


def edit(db: sqlite3.Connection) -> None:
    db.execute("UPDATE audit SET entry = replace(entry, 'nurse1', 'nurse2') WHERE number = 6")


def delete(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM audit WHERE number = 6")


def close_the_hole(db: sqlite3.Connection) -> None:
    delete(db)
    for number in range(7, COUNT + 1):
        db.execute("UPDATE audit SET number = ? WHERE number = ?", (number - 1, number))


def swap(db: sqlite3.Connection) -> None:
    for before, after in ((6, 100), (7, 6), (100, 7)):
        db.execute("UPDATE audit SET number = ? WHERE number = ?", (after, before))


def insert(db: sqlite3.Connection) -> None:
    for number in range(COUNT, 5, -1):
        db.execute("UPDATE audit SET number = ? WHERE number = ?", (number + 1, number))
    db.execute("INSERT INTO audit (number, entry, hash) SELECT 6, entry, hash FROM audit WHERE number = 3")


def cut(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM audit WHERE number > 9")


def empty(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM audit")


def begin_later(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM audit WHERE number < 3")


def move_in_time(db: sqlite3.Connection) -> None:
    db.execute(
        "UPDATE audit SET entry = replace(entry, ?, ?) WHERE number = 6", (str(UTC_US + 5_000_000), "1")
    )


SEEN_WITHOUT_HEADS = [edit, delete, close_the_hole, swap, insert, begin_later, move_in_time]
ONLY_BY_HEADS = [cut, empty]


@pytest.mark.parametrize("change", SEEN_WITHOUT_HEADS, ids=lambda change: change.__name__)
def test_what_was_changed_is_found_by_the_hashes_alone(
    path: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    with tampering(path) as db:
        change(db)
    verdict = verified(path)
    assert not verdict.is_whole
    assert kinds(verdict) <= {"edited", "missing"}


@pytest.mark.parametrize("change", ONLY_BY_HEADS, ids=lambda change: change.__name__)
def test_a_cut_end_is_found_by_the_published_heads_and_by_nothing_else(
    path: Path, heads: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    with tampering(path) as db:
        change(db)
    assert verified(path).is_whole
    assert "cut" in kinds(verified(path, heads))


@pytest.mark.parametrize("change", [*SEEN_WITHOUT_HEADS, *ONLY_BY_HEADS], ids=lambda change: change.__name__)
def test_hashes_computed_anew_deceive_the_chain_and_not_the_heads(
    path: Path, heads: Path, change: Callable[[sqlite3.Connection], None]
) -> None:
    with tampering(path) as db:
        change(db)
        for place, (number,) in enumerate(
            db.execute("SELECT number FROM audit ORDER BY number").fetchall(), 1
        ):
            db.execute("UPDATE audit SET number = ? WHERE number = ?", (place, number))
        rehash(db)
    assert verified(path).is_whole
    assert not verified(path, heads).is_whole


def test_the_entry_and_not_only_the_trail_is_named(path: Path) -> None:
    with tampering(path) as db:
        edit(db)
    [fault] = verified(path).faults
    assert (fault.kind, fault.number) == ("edited", 6)
    assert "6" in fault.message


@ITS_FILE
def test_a_dropped_guard_is_found_when_nothing_else_was_touched_yet(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER audit_no_delete")
    db.close()
    assert kinds(verified(path)) == {"schema"}


@ITS_FILE
def test_a_column_that_lies_to_searches_is_found(path: Path) -> None:
    """The entries are as they were; what is asked for by patient is not."""
    lie = "CASE WHEN number = 6 THEN NULL ELSE json_extract(entry, '$.patient') END"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA writable_schema = ON")
    old = "json_extract(entry, '$.patient')"
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'audit'", (old, lie))
    db.close()
    assert {"schema", "index"} & kinds(verified(path))


@ITS_FILE
def test_an_index_that_was_thinned_out_is_found(path: Path) -> None:
    """The index is what "who saw" reads: here it is built by another rule than the one it is said to have."""
    name = "audit_patient"
    db = sqlite3.connect(path, isolation_level=None)
    (right,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    db.execute(f"DROP INDEX {name}")
    db.execute(f"{right} AND number <> 6")
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (right, name))
    db.close()
    question = Question(0, 2**62, patient="P2")
    with reading(path) as db:
        assert 6 not in [one["number"] for one in found(db, question)]
    assert kinds(verified(path)) == {"index"}


def test_a_head_that_someone_else_signed_or_that_is_garbled_is_told(path: Path, heads: Path) -> None:
    lines = heads.read_text().splitlines()
    header, payload, signature = lines[1].split(".")
    lines[1] = f"{header}.{payload[:-2]}AA.{signature}"
    heads.write_text("\n".join([*lines, "no head at all"]) + "\n")
    verdict = verified(path, heads)
    assert [fault.kind for fault in verdict.faults] == ["head", "head"]
    assert all(f"heads.jws:{line}" in one.message for line, one in zip((2, 4), verdict.faults, strict=True))
    assert verdict.heads == 2


def test_what_is_published_while_it_is_verified_is_not_taken_for_a_cut_end(
    path: Path, heads: Path, tmp_path: Path
) -> None:
    told = READER.file(heads)
    with reading(path) as db:
        db.execute("SELECT count(*) FROM audit").fetchone()  # from here on it sees no newer entry
        with closing(store.connect(path)) as other:
            append_all(other, entries(1))
        newer = publish(path, tmp_path / "newer.jws", (COUNT + 1,)).read_text()
        heads.write_text(heads.read_text() + newer)
        assert verify(db, told).is_whole
    assert verified(path, heads).heads == len(HEADS) + 1


def test_heads_may_come_in_any_order_and_from_many_files(path: Path, tmp_path: Path) -> None:
    verdict = verified(path, publish(path, tmp_path / "gateway.jws", (8, 12, 4, 12)))
    assert (verdict.is_whole, verdict.heads) == (True, 4)


async def test_a_trail_of_any_length_is_read_in_the_same_memory(tmp_path: Path) -> None:
    def peak(path: Path) -> int:
        tracemalloc.start()
        assert verified(path).is_whole
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    short = await filled(tmp_path / "short.sqlite", 500)
    long = await filled(tmp_path / "long.sqlite", 10_000)
    peak(short)
    assert peak(long) < 2 * peak(short) + A_FETCH


async def test_a_thousand_faults_are_counted_and_the_first_are_told(tmp_path: Path) -> None:
    path = await filled(tmp_path / "many.sqlite", 300)
    with tampering(path) as db:
        db.execute("UPDATE audit SET entry = replace(entry, 'bed', 'bad')")
    verdict = verified(path)
    assert (verdict.fault_count, len(verdict.faults)) == (300, MOST_FAULTS)


CHANGES = st.one_of(
    st.tuples(st.just("delete"), st.integers(1, COUNT), st.just("")),
    st.tuples(st.just("entry"), st.integers(1, COUNT), st.text('P0123nurse{}": ', min_size=1, max_size=4)),
    st.tuples(st.just("hash"), st.integers(1, COUNT), st.just("")),
    st.tuples(st.just("copy"), st.integers(1, COUNT), st.just("")),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(CHANGES, min_size=1, max_size=3), again=st.booleans())
def test_no_change_at_random_stays_unseen(
    path: Path, heads: Path, changes: list[tuple[str, int, str]], again: bool
) -> None:
    with reading(path) as db:
        saved = [tuple(row) for row in db.execute("SELECT number, entry, hash FROM audit ORDER BY number")]
    changed = False
    with tampering(path) as db:
        for kind, number, text in changes:
            db.execute(*_statement(kind, number, text))
        if again:
            rehash(db)
        left = [tuple(row) for row in db.execute("SELECT number, entry, hash FROM audit ORDER BY number")]
        changed = left != saved
    try:
        assert verified(path, heads).is_whole is not changed
    finally:
        with tampering(path) as db:
            db.execute("DELETE FROM audit")
            db.executemany("INSERT INTO audit (number, entry, hash) VALUES (?, ?, ?)", saved)


def _statement(kind: str, number: int, text: str) -> tuple[str, tuple[object, ...]]:
    if kind == "delete":
        return "DELETE FROM audit WHERE number = ?", (number,)
    if kind == "entry":  # somewhere in the actor, so that it stays JSON and the database takes it
        return (
            "UPDATE audit SET entry = json_set(entry, '$.actor', ?) WHERE number = ?",
            (text, number),
        )
    if kind == "hash":
        return "UPDATE audit SET hash = ? WHERE number = ?", (bytes(32), number)
    return (
        "UPDATE audit SET entry = ifnull((SELECT entry FROM audit WHERE number = ?), entry) WHERE number = ?",
        (number, COUNT + 1 - number),
    )
