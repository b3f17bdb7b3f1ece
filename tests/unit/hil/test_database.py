"""The ledger check and the witness find what they are there for: tried on a store that is then spoilt."""

import sqlite3
import struct
from pathlib import Path

import cbor2
import google_crc32c
import pytest

from controller.store import Store
from hil.database import holes, streams
from hil.witness import Witness, frames

JOURNAL = bytes(8)


def frame(number: int, body: bytes) -> bytes:
    fields = struct.pack("<4sIQ", b"\xa5WL\x5a", len(body), number)
    return fields + struct.pack("<II", google_crc32c.value(fields), google_crc32c.value(fields + body)) + body


def block(records: int) -> bytes:
    return cbor2.dumps([b"", cbor2.dumps([{1: "ox-1", 2: None, 3: [[0, 1, 0, 60, 0, 0]] * records}]), 0])


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """Blocks 0 to 2 of one lane, two readings each, all committed."""
    path = tmp_path / "wardlink.sqlite"
    store = await Store.open(path)
    await store.close()
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO stream VALUES (1, ?, 1, 'ward-a', 3, 0)", (JOURNAL,))
        db.execute("INSERT INTO ledger VALUES (1, 'committed', 0, 2)")
        db.execute("INSERT INTO series VALUES (1, 'ox-1', NULL, 'spo2')")
        columns = "stream, number, place, boot, mono_us, at_us, series, value, quality"
        rows = [(1, number, place, 1, 0, 0, 1, 97.0, 0) for number in range(3) for place in range(2)]
        db.executemany(f"INSERT INTO observation ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return path


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    folder = tmp_path / "journal" / JOURNAL.hex()
    folder.mkdir(parents=True)
    data = b"".join(frame(number, block(2)) for number in range(3))
    (folder / "vital-000000000000.open").write_bytes(data + frame(3, block(2))[:-1])
    witness = Witness(folder.parent)
    assert witness.look() == 3  # what was cut off has never been accepted
    assert witness.look() == 0
    return witness


def problems(database: Path, witness: Witness) -> list[str]:
    return [line for one in streams(database) for line in one.problems()] + witness.problems(database)


def test_a_clean_ledger_has_no_problem(database: Path, witness: Witness) -> None:
    assert problems(database, witness) == []
    assert witness.unsettled(database) == []


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("UPDATE ledger SET last = 1", "was accepted and is not in the ledger"),
        ("UPDATE ledger SET kind = 'shed'", "were given up"),
        ("UPDATE ledger SET kind = 'quarantined'", "were quarantined"),
        ("UPDATE stream SET produced = 5", "blocks [(3, 4)] are missing"),
        ("DELETE FROM observation WHERE id = 1", "has 2 records, 1 are stored"),
        ("UPDATE observation SET place = 0 WHERE number = 1", "1 records are there twice"),
        ("UPDATE observation SET number = 9 WHERE number = 1", "2 records are of blocks that were never"),
        ("DELETE FROM ledger", "blocks [(0, 2)] are missing"),
    ],
)
def test_whatever_is_wrong_is_found(database: Path, witness: Witness, spoilt: str, told: str) -> None:
    with sqlite3.connect(database) as db:
        db.execute(spoilt)
    assert told in "\n".join(problems(database, witness))


@pytest.mark.parametrize(
    ("first", "last", "records", "told"),
    [
        (0, 1, 4, ""),
        (0, 0, 4, "block 1 of journal"),
        (0, 1, 3, "block 1 of journal"),
        (5, 9, 4, "block 0 of journal"),
    ],
)
def test_dropped_records_are_no_loss_as_far_as_they_are_on_record(
    database: Path, witness: Witness, first: int, last: int, records: int, told: str
) -> None:
    with sqlite3.connect(database) as db:
        db.execute("DELETE FROM observation WHERE number < 2")
        row = first, last, records
        db.execute("INSERT INTO dropped VALUES (1, 'observation', 1, 1, 0, ?, ?, 0, 0, ?, 'old', 0)", row)
    found = "\n".join(problems(database, witness))
    assert told in found
    assert bool(told) is bool(found)


def test_a_frame_that_is_not_whole_ends_what_was_accepted() -> None:
    whole = frame(7, b"body")
    hit = bytearray(whole + whole)
    hit[-1] ^= 1
    assert list(frames(bytes(hit))) == [(7, b"body", len(whole))]


def test_holes_are_what_no_span_covers() -> None:
    assert holes([(5, 6), (0, 1)], 10) == [(2, 4), (7, 9)]
    assert holes([(0, 9)], 4) == []
    assert holes([(0, 1), (8, 9)], 5) == [(2, 4)]
