"""The witness of what a gateway had accepted: reads its journals' files, and holds the ledger to it.

    witness = Witness(folder.gateway / "journal")
    witness.look()                      # whenever something has been killed: files go once they are receipted
    witness.problems(database)          # at the end

It shares no code with the product: frames and blocks are taken apart here once more, as decision 003 and the
contract describe them.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

import google_crc32c

from hil.blocks import groups_of
from hil.database import LANES, TABLES, Stream, connected, streams

_NAME = re.compile(rf"({'|'.join(LANES)})-(\d+)(?:-\d+)?\.(?:open|closed)")
_FIELDS, _CHECKS = struct.Struct("<4sIQ"), struct.Struct("<II")
_MAGIC = b"\xa5WL\x5a"
_RECORDS_KEY, _OPENED = 3, 6

Key = tuple[bytes, int, int]
"""Journal, lane and number of a block."""

_ROWS = f"""SELECT journal, lane, number, count(*) FROM (
  {" UNION ALL ".join(f"SELECT stream, number FROM {table}" for table in TABLES)}
) JOIN stream ON stream.id = stream GROUP BY journal, lane, number"""

_DROPPED = """SELECT journal, lane, first, last, records FROM dropped
JOIN stream ON stream.id = dropped.stream WHERE what IN ('observation', 'waveform')"""


class Witness:
    """Every whole block that was seen in the journals of the folder `journals`."""

    def __init__(self, journals: Path) -> None:
        self._journals = journals
        self._read_to: dict[tuple[bytes, int, int], int] = {}
        self.blocks: dict[Key, int] = {}
        """How many rows each block must have in the controller's tables."""
        self._open: set[Key] = set()
        """Blocks of which the ledger did not know yet when it was asked last."""

    def look(self) -> int:
        """Read what is new. Returns how many blocks were."""
        before = len(self.blocks)
        for path in self._journals.glob("*/*-*.*"):
            if (found := _NAME.fullmatch(path.name)) is not None:
                # A file that is receipted goes at any moment.
                with suppress(FileNotFoundError):
                    self._read(path, bytes.fromhex(path.parent.name), LANES.index(found[1]), int(found[2]))
        return len(self.blocks) - before

    def _read(self, path: Path, journal: bytes, lane: int, first: int) -> None:
        file = journal, lane, first
        with path.open("rb") as opened:
            opened.seek(start := self._read_to.get(file, 0))
            for number, body, end in frames(opened.read()):
                self.blocks[journal, lane, number] = _rows_of(body)
                self._open.add((journal, lane, number))
                self._read_to[file] = start + end

    def unsettled(self, database: Path) -> list[Key]:
        """Blocks of which the ledger does not know yet what became of them."""
        self._open = set(_unsettled(self._open, database))
        return sorted(self._open)

    def problems(self, database: Path) -> list[str]:
        """What the ledger or the tables do not have of what was accepted."""
        unsettled = set(_unsettled(self.blocks, database))
        lost = [f"{_name(key)} was accepted and is not in the ledger" for key in sorted(unsettled)]
        with closing(connected(database)) as db:
            rows = {(journal, lane, number): count for journal, lane, number, count in db.execute(_ROWS)}
            dropped = db.execute(_DROPPED).fetchall()
        short = {
            key: expected - rows.get(key, 0)
            for key, expected in sorted(self.blocks.items())
            if key not in unsettled and rows.get(key, 0) != expected
        }
        return lost + [
            f"{_name(key)} has {self.blocks[key]} records, {rows.get(key, 0)} are stored"
            for key in _unexplained(short, dropped)
        ]


def _unexplained(short: dict[Key, int], dropped: Sequence[tuple[bytes, int, int, int, int]]) -> list[Key]:
    """Blocks whose records are not all stored, and that no record of dropped ones covers with its count."""
    spots = [((journal, lane), range(first, last + 1)) for journal, lane, first, last, _ in dropped]
    left = [count for *_, count in dropped]
    found: list[Key] = []
    for key, missing in short.items():
        for n, (stream, numbers) in enumerate(spots):
            if stream == key[:2] and key[2] in numbers:
                taken = min(missing, left[n])
                left[n] -= taken
                missing -= taken  # noqa: PLW2901
        if missing:
            found.append(key)
    return found


def frames(data: bytes) -> Iterator[tuple[int, bytes, int]]:
    """(number, body, where it ends) of each whole frame, up to the first that is none (yet)."""
    place, start = 0, _FIELDS.size + _CHECKS.size
    while place + start <= len(data):
        fields = data[place : place + _FIELDS.size]
        magic, length, number = _FIELDS.unpack(fields)
        _, checksum = _CHECKS.unpack_from(data, place + _FIELDS.size)
        body = data[place + start : place + start + length]
        if magic != _MAGIC or len(body) < length or google_crc32c.value(fields + body) != checksum:
            return
        place += start + length
        yield number, body, place


def _rows_of(block: bytes) -> int:
    """How many of the block's records are rows: all but the word that a journal was opened."""
    return sum(record[0] != _OPENED for group in groups_of(block) for record in group[_RECORDS_KEY])


def _unsettled(keys: Iterable[Key], database: Path) -> list[Key]:
    by_key = {(one.journal, one.lane): one for one in streams(database, with_records=False)}
    return [key for key in keys if not _settles(by_key.get(key[:2]), key[2])]


def _settles(stream: Stream | None, number: int) -> bool:
    spans = () if stream is None else (*stream.committed, *stream.quarantined, *stream.shed)
    return any(first <= number <= last for first, last in spans)


def _name(key: Key) -> str:
    return f"block {key[2]} of journal {key[0].hex()}, lane {LANES[key[1]]},"
