"""The ledger: which blocks of which journal are here for good, and the proof that none is missing.

In memory, one `Receiver` for each journal and lane, changed only after the commit that changed the store.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from controller.store import Store
from devices.wire.block import Lane
from devices.wire.ranges import Ranges
from devices.wire.stream import Receiver

StreamKey = tuple[bytes, int]
"""Journal and lane."""


class Ledger:
    """What is held of every journal, and whose each journal is."""

    def __init__(self) -> None:
        self._receivers: dict[StreamKey, Receiver] = {}
        self._owners: dict[bytes, str] = {}

    async def load(self, store: Store) -> None:
        """Read the store's ledger. Raises StoreError."""
        for row in await store.read("SELECT journal, lane, gateway FROM stream"):
            self.claim(row["journal"], row["gateway"])
        rows = await store.read(
            "SELECT journal, lane, kind, first, last FROM ledger JOIN stream ON stream.id = stream"
        )
        for row in rows:
            receiver = self._receiver((row["journal"], row["lane"]))
            if row["kind"] == "committed":
                receiver.committed.add(row["first"], row["last"])
            elif row["kind"] == "quarantined":
                receiver.quarantined.add(row["first"], row["last"])

    def belongs_to_another(self, journal: bytes, gateway: str) -> bool:
        """Whether a gateway other than `gateway` has used `journal` first."""
        return self._owners.get(journal, gateway) != gateway

    def claim(self, journal: bytes, gateway: str) -> None:
        """`gateway` uses `journal`: from now on it is its own."""
        self._owners.setdefault(journal, gateway)

    def has(self, key: StreamKey, number: int) -> bool:
        """Whether the block is here for good."""
        return key in self._receivers and self._receivers[key].has(number)

    def stored(self, key: StreamKey, number: int, *, readable: bool) -> None:
        """The block has been committed: its records, or, not `readable`, itself in quarantine."""
        receiver = self._receiver(key)
        (receiver.committed if readable else receiver.quarantined).add(number, number)

    def receipt(self, key: StreamKey, numbers: Iterable[int]) -> tuple[tuple[tuple[int, int], ...], ...]:
        """(committed, quarantined) ranges that hold `numbers`."""
        return self._receiver(key).receipt(numbers)

    def _receiver(self, key: StreamKey) -> Receiver:
        return self._receivers.setdefault(key, Receiver())


@dataclass(slots=True)
class LedgerRow:
    """The proof for one journal and lane: counts of blocks, `duplicated` of records."""

    journal: str
    """Hexadecimal."""
    lane: str
    gateway: str
    produced: int
    committed: int = 0
    quarantined: int = 0
    shed: int = 0
    """Given up by the gateway, which said so, and never received."""
    missing: int = 0
    """Produced, and neither here nor given up: on the way, or lost."""
    missing_ranges: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    duplicated: int = 0
    """Records that lie in the store more than once: 0, or there is a defect."""
    resent: int = 0
    """Blocks that came again and changed nothing."""


_DUPLICATED = """SELECT stream, sum(copies - 1) AS duplicated FROM (
  SELECT stream, count(*) AS copies FROM {table} GROUP BY stream, number, place HAVING count(*) > 1
) GROUP BY stream"""
RECORD_TABLES = ("observation", "waveform", "device_event", "alert", "unknown_record", "gap")


async def ledger_table(store: Store) -> list[LedgerRow]:
    """One row for each journal and lane, in order of gateway and journal. Raises StoreError."""
    held: dict[tuple[int, str], Ranges] = {}
    for row in await store.read("SELECT * FROM ledger"):
        held.setdefault((row["stream"], row["kind"]), Ranges()).add(row["first"], row["last"])
    duplicated = await _duplicated(store)
    streams = await store.read(
        "SELECT * FROM stream ORDER BY gateway, min(id) OVER (PARTITION BY journal), lane"
    )
    return [_row(stream, held, duplicated.get(stream["id"], 0)) for stream in streams]


async def _duplicated(store: Store) -> dict[int, int]:
    counts: dict[int, int] = {}
    for table in RECORD_TABLES:
        for stream, copies in await store.read(_DUPLICATED.format(table=table)):
            counts[stream] = counts.get(stream, 0) + copies
    return counts


def _row(stream: sqlite3.Row, held: dict[tuple[int, str], Ranges], duplicated: int) -> LedgerRow:
    committed, quarantined, shed = (
        held.get((stream["id"], kind), Ranges()) for kind in ("committed", "quarantined", "shed")
    )
    given_up = Ranges(shed)
    for first, last in (*committed, *quarantined):
        given_up.remove(first, last)
    settled = Ranges((*committed, *quarantined, *given_up))
    missing = settled.missing(0, stream["produced"] - 1) if stream["produced"] else []
    return LedgerRow(
        journal=stream["journal"].hex(),
        lane=Lane(stream["lane"]).name.lower(),
        gateway=stream["gateway"],
        produced=stream["produced"],
        committed=len(committed),
        quarantined=len(quarantined),
        shed=len(given_up),
        missing=sum(last - first + 1 for first, last in missing),
        missing_ranges=missing,
        duplicated=duplicated,
        resent=stream["resent"],
    )
