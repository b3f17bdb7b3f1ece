"""The audit trail on PostgreSQL: whoever may do everything there changes nothing of it unseen."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.audit.chain import append, append_all
from controller.audit.entry import Entry
from controller.store import Store
from tests.support.postgres import SERVERS
from tests.support.trails import UTC_US, entries, kinds, publish, rehash, tampering, verified

pytestmark = pytest.mark.xdist_group("postgresql")
COUNT = 12
WORDS = 'a "quote", a \\ and\na line; 中文, \\x41, \\101'
LIE = "CASE WHEN number = 6 THEN NULL ELSE json_extract(entry, '$.patient') END"
EDIT = "UPDATE audit SET entry = replace(entry, 'nurse1', 'nurse2') WHERE number = 6"


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A database whose trail has COUNT entries."""
    made = SERVERS.of(tmp_path / "postgresql")
    store = await Store.open(made, folder=tmp_path)
    await store.write(lambda db: append_all(db, entries(COUNT)))
    await store.close()
    yield made


def tamper(url: str, *statements: str, again: bool = False) -> None:
    with tampering(url) as db:
        for one in statements:
            db.execute(one)
        if again:
            rehash(db)


async def test_words_with_quotes_and_backslashes_are_as_they_were_written(url: str, tmp_path: Path) -> None:
    store = await Store.open(url, folder=tmp_path)
    await store.write(lambda db: append(db, Entry("admit", "nurse", why=WORDS), UTC_US))
    [row] = await store.read("SELECT entry FROM audit WHERE number = ?", (COUNT + 1,))
    await store.close()
    assert json.loads(row["entry"])["why"] == WORDS
    verdict = verified(url)
    assert (verdict.is_whole, verdict.entries) == (True, COUNT + 1)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (EDIT, {"edited"}),
        ("UPDATE audit SET hash = decode(repeat('00', 32), 'hex') WHERE number = 6", {"edited"}),
        ("DELETE FROM audit WHERE number = 6", {"missing", "edited"}),
        ("ALTER TABLE audit DISABLE TRIGGER audit_no_delete", {"schema"}),
        ("DROP TRIGGER audit_no_update ON audit", {"schema"}),
        ("ALTER TABLE audit ALTER COLUMN patient DROP EXPRESSION", {"schema"}),
    ],
)
def test_what_was_changed_is_found(url: str, statement: str, found: set[str]) -> None:
    assert verified(url).is_whole
    tamper(url, statement)
    assert kinds(verified(url)) & found
    assert kinds(verified(url)) <= found


def test_a_column_that_lies_to_searches_is_found(url: str) -> None:
    """It is made of the entry, as it was, but for one."""
    made = f"ALTER TABLE audit ADD COLUMN patient text GENERATED ALWAYS AS ({LIE}) STORED"
    tamper(url, "ALTER TABLE audit DROP COLUMN patient", made)
    assert kinds(verified(url)) == {"index"}


def test_hashes_computed_anew_deceive_the_chain_and_not_the_published_heads(url: str, tmp_path: Path) -> None:
    heads = publish(url, tmp_path / "heads.jws", (4, COUNT))
    tamper(url, EDIT, again=True)
    assert verified(url).is_whole
    assert kinds(verified(url, heads)) == {"head"}
    tamper(url, "DELETE FROM audit WHERE number > 9")
    assert "cut" in kinds(verified(url, heads))
