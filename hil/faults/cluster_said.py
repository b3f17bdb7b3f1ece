"""What the gateways of a cluster accepted, and what its database holds of that: every block once.

    checker = Checker(cluster)
    checker.look()                         # whenever something has been killed
    waiting = checker.unsettled()          # asks the database which blocks are not committed yet
    checker.problems()                     # at the end, and by an export, too

Blocks of light gateways are known from what they wrote down, those of real ones from their journals' files.
It shares no code with the product but the command that writes the export.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from hil import ledger_checker
from hil.cluster.site import Cluster
from hil.database import LANES, TABLES, holes
from hil.witness import Witness

Key = tuple[bytes, int, int]
"""Journal, lane and number of a block."""
_VITAL = LANES.index("vital")
_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 600
_SPANS = """SELECT journal, lane, first, last, kind FROM ledger JOIN stream ON stream.id = stream
WHERE kind <> 'shed'"""
_PRODUCED = "SELECT journal, lane, produced, gateway FROM stream"
_ROWS = f"""SELECT journal, lane, number, count(*), count(DISTINCT place) FROM (
  {" UNION ALL ".join(f"SELECT stream, number, place FROM {table}" for table in TABLES)}
) AS record JOIN stream ON stream.id = stream GROUP BY journal, lane, number"""


@dataclass(slots=True)
class Checker:
    """See the module. `accepted`: how many rows each block must have; `receipted`: of light gateways."""

    cluster: Cluster
    accepted: dict[Key, int] = field(default_factory=dict[Key, int])
    receipted: set[Key] = field(default_factory=set[Key])
    early: list[str] = field(default_factory=list[str])
    """Receipts for what was not there."""
    _open: set[Key] = field(default_factory=set[Key])
    _fresh: set[Key] = field(default_factory=set[Key])
    """Receipts that were not held to the database yet."""
    _read_to: dict[Path, int] = field(default_factory=dict[Path, int])
    _witnesses: list[Witness] = field(init=False)

    def __post_init__(self) -> None:
        wards = self.cluster.layout.wards
        self._witnesses = [Witness(wards.journals(name)) for name in wards.names]

    def look(self) -> None:
        """Read what was accepted and receipted since."""
        for path in self.cluster.layout.said.glob("*"):
            self._read(path)
        for witness in self._witnesses:
            witness.look()
            new = witness.blocks.keys() - self.accepted.keys()
            self.accepted |= {key: witness.blocks[key] for key in new}
            self._open |= new

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read_to.get(path, 0))
            whole = file.read().rpartition(b"\n")[0]
        self._read_to[path] = self._read_to.get(path, 0) + len(whole) + bool(whole)
        for line in whole.decode("ascii").splitlines():
            kind, journal, number, *records = line.split()
            key = bytes.fromhex(journal), _VITAL, int(number)
            if kind == "s":
                self.accepted[key] = int(records[0])
                self._open.add(key)
            else:
                self.receipted.add(key)
                self._fresh.add(key)

    def unsettled(self) -> set[Key]:
        """What is not committed yet. What has a receipt by now has to be: else it is `early`.

        Raises psycopg.Error.
        """
        self.look()
        fresh, self._fresh = self._fresh, set()
        try:
            held = self._held()
        except psycopg.Error:
            self._fresh |= fresh
            raise
        self.early += [f"{_name(key)} has a receipt and is not stored" for key in fresh if not held.has(key)]
        self._open = {key for key in self._open if not held.has(key)}
        return self._open

    def problems(self) -> Iterator[str]:
        """What is lost, twice, or refused. Raises psycopg.Error."""
        self.unsettled()
        yield from self.early
        held, rows = self._held(), dict[Key, tuple[int, int]]()
        with self._connected() as db:
            for journal, lane, number, count, places in db.execute(_ROWS):
                rows[bytes(journal), lane, number] = count, places
            produced = [(bytes(one[0]), *one[1:]) for one in db.execute(_PRODUCED)]
        lost = [key for key in self.accepted if not held.has(key)]
        yield from (f"{_name(key)} was accepted and is lost" for key in lost[:10])
        yield from (f"{_name(key)} was receipted and is lost" for key in self.receipted & set(lost))
        for key, (count, places) in rows.items():
            if count != places:
                yield f"{_name(key)}: {count - places} records are there twice"
            if not held.has(key):
                yield f"{_name(key)} has records and was never committed"
        for key, expected in self.accepted.items():
            if (found := rows.get(key, (0, 0))[0]) != expected and key not in lost:
                yield f"{_name(key)}: {expected} records were accepted, {found} are stored"
        for journal, lane, count, gateway in produced:
            if missing := holes(held.spans.get((journal, lane), ()), count):
                yield f"{gateway}, lane {LANES[lane]}: blocks {missing} are missing"
        yield from (f"{_name((*stream, span[0]))} is quarantined" for stream, span in held.refused)
        yield from self._by_export()

    def facts(self) -> str:
        """How much was checked."""
        records, receipts = sum(self.accepted.values()), len(self.receipted)
        return (
            f"{len(self.accepted):,} accepted with {records:,} records, {receipts:,} receipts of light ones"
        )

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.cluster.database, autocommit=True, connect_timeout=5)

    def _held(self) -> "_Held":
        held = _Held()
        with self._connected() as db:
            for journal, lane, first, last, kind in db.execute(_SPANS):
                held.spans.setdefault((bytes(journal), lane), []).append((first, last))
                if kind == "quarantined":
                    held.refused.append(((bytes(journal), lane), (first, last)))
        return held

    def _by_export(self) -> Sequence[str]:
        """What the checker that is one file by itself says of an export."""
        file = self.cluster.layout.root / "ledger.jsonl"
        configuration = self.cluster.layout.controller(0) / "controller.toml"
        command = "-m", "wardlink", "ledger", "-c", str(configuration), "--export", str(file)
        for argv in (command, (ledger_checker.__file__, str(file))):
            done = subprocess.run(
                [sys.executable, *argv],
                cwd=_ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=_PATIENCE_S,
            )
            if done.returncode:
                return (done.stdout + done.stderr).splitlines()[-20:]
        return ()


@dataclass(slots=True)
class _Held:
    """The ledger, of one moment."""

    spans: dict[tuple[bytes, int], list[tuple[int, int]]] = field(default_factory=dict)
    refused: list[tuple[tuple[bytes, int], tuple[int, int]]] = field(default_factory=list)

    def has(self, key: Key) -> bool:
        """Whether that block is committed, or in quarantine."""
        return any(first <= key[2] <= last for first, last in self.spans.get(key[:2], ()))


def _name(key: Key) -> str:
    return f"block {key[2]} of journal {key[0].hex()}, lane {LANES[key[1]]},"
