"""Entries get numbers without a hole and a hash over all before them; inside the caller's transaction."""

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.audit.chain import START, append, append_all
from controller.audit.entry import Entry, canonical
from controller.errors import StoreError, Unstorable
from controller.store import Store
from tests.support.trails import UTC_US, entries

TEXTS = st.text(st.characters(exclude_categories=()), max_size=30)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    yield opened
    await opened.close()


async def test_anyone_can_compute_the_hashes_again_from_the_entries(store: Store) -> None:
    await store.write(lambda db: append_all(db, entries(3)))
    await store.write(lambda db: append(db, Entry("admit", "nurse", patient="P9"), UTC_US))
    rows = await store.read("SELECT number, entry, hash FROM audit ORDER BY number")
    assert [row["number"] for row in rows] == [1, 2, 3, 4]
    before = START
    for row in rows:
        before = hashlib.sha256(before + row["number"].to_bytes(8, "big") + row["entry"].encode()).digest()
        assert row["hash"] == before


async def test_a_transaction_that_fails_leaves_no_entry(store: Store) -> None:
    def work(db: sqlite3.Connection) -> None:
        append(db, Entry("admit", "nurse"), UTC_US)
        db.execute("INSERT INTO stay VALUES (1, 'no-such-bed', 'P1', 'x', 0, NULL, 'nurse')")

    with pytest.raises(StoreError):
        await store.write(work)
    assert await store.read("SELECT * FROM audit") == []
    await store.write(lambda db: append(db, Entry("admit", "nurse"), UTC_US))
    assert (await store.read("SELECT number FROM audit"))[0]["number"] == 1


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit SET entry = replace(entry, 'P0', 'P1') WHERE number = 1",
        "DELETE FROM audit WHERE number = 2",
        pytest.param(
            "REPLACE INTO audit (number, entry, hash) SELECT 1, entry, hash FROM audit WHERE number = 2",
            marks=pytest.mark.sqlite_only("PostgreSQL has no REPLACE"),
        ),
        "INSERT INTO audit (number, entry, hash) SELECT 9, entry, hash FROM audit WHERE number = 2",
    ],
)
async def test_the_database_itself_refuses_to_change_what_was_written(store: Store, attempt: str) -> None:
    await store.write(lambda db: append_all(db, entries(2)))
    before = [tuple(row) for row in await store.read("SELECT * FROM audit")]
    with pytest.raises(Unstorable, match="only grows"):
        await store.write(lambda db: db.execute(attempt))
    assert [tuple(row) for row in await store.read("SELECT * FROM audit")] == before


@given(TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS | st.integers(-(2**63), 2**63 - 1), max_size=3))
def test_every_text_becomes_json_that_a_database_can_keep_and_that_says_the_same(
    action: str, actor: str, why: str, detail: dict[str, str | int]
) -> None:
    entry = Entry(action, actor, why=why, detail=detail)
    text = canonical(entry, UTC_US)
    assert json.loads(text.encode("utf-8")) == {
        **{"utc_us": UTC_US, "action": action, "actor": actor, "entity": "", "outcome": "done"},
        **{"patient": None, "where": "", "why": why, "detail": detail},
    }
    assert canonical(entry, UTC_US) == text


def test_the_order_in_which_details_were_given_changes_nothing() -> None:
    one, other = Entry("a", "b", detail={"x": 1, "y": 2}), Entry("a", "b", detail={"y": 2, "x": 1})
    assert canonical(one, 0) == canonical(other, 0)
