"""Audit trails to search, publish, and tamper with."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import controller.store
from controller.audit.chain import START, append_all, digest
from controller.audit.entry import Entry
from controller.audit.heads import Head, Reader, Signer
from controller.audit.verify import Verdict, verify
from controller.identity.authority import new_authority
from controller.store import Store
from controller.store.beside import reading
from controller.store.where import Where

UTC_US = 1_795_640_736_000_000
"""2026-11-25T21:05:36Z."""
AUTHORITY = new_authority(datetime.now(UTC))[0]
KEY = AUTHORITY.key
READER = Reader([KEY.public_key()])


def entries(count: int) -> list[tuple[Entry, int]]:
    """So many accesses, a second apart, to patients P0, P1, P2 in turn."""
    return [
        (Entry("bed", f"nurse{n % 4}", f"bed/{n % 3}", patient=f"P{n % 3}"), UTC_US + n * 1_000_000)
        for n in range(count)
    ]


async def filled(path: Path, count: int) -> Path:
    """A database at `path` whose trail has `entries(count)`."""
    store = await Store.open(path)
    await store.write(lambda db: append_all(db, entries(count)))
    await store.close()
    return path


@contextmanager
def tampering(where: Where) -> Iterator[sqlite3.Connection]:
    """It is in the hands of someone who may do everything: the triggers that say no are gone meanwhile."""
    db = controller.store.connect(where)
    if not isinstance(db, sqlite3.Connection):
        db.execute("SET session_replication_role = replica")  # who may do this is asked by no trigger
        with closing(db):
            yield db
        return
    db.execute("PRAGMA synchronous = OFF")
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    try:
        yield db
    finally:
        for _, sql in triggers:
            db.execute(sql)
        db.close()


def rehash(db: sqlite3.Connection) -> None:
    """Compute every hash anew, as someone does who knows how."""
    before = START
    for number, text in db.execute("SELECT number, entry FROM audit ORDER BY number").fetchall():
        before = digest(before, number, text.encode())
        db.execute("UPDATE audit SET hash = ? WHERE number = ?", (before, number))


def publish(path: Where, file: Path, numbers: Sequence[int]) -> Path:
    """A file with the heads that were published when the trail had so many entries."""
    with reading(path) as db, file.open("w", encoding="ascii") as out:
        for number in numbers:
            (found,) = db.execute("SELECT hash FROM audit WHERE number = ?", (number,)).fetchone()
            out.write(Signer(KEY).sign(Head(number, found, UTC_US + number)) + "\n")
    return file


def verified(path: Where, heads: Path | None = None, reader: Reader = READER) -> Verdict:
    """What the verification says of the database."""
    with reading(path) as db:
        return verify(db, reader.file(heads) if heads else ())


def kinds(verdict: Verdict) -> set[str]:
    """The kinds of its faults."""
    return {fault.kind for fault in verdict.faults}
