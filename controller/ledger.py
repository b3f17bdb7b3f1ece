"""The ledger: which blocks of which journal are here for good, and the proof that none is missing.

In memory, one `Receiver` for each journal and lane, changed only after the commit that changed the store.
"""

from collections.abc import Iterable, Sequence

from controller.proof import LedgerRow, count_twice, journals
from controller.store import Store
from controller.store.beside import Beside
from devices.wire.stream import Receiver

StreamKey = tuple[bytes, int]
"""Journal and lane."""
_AT_ONCE = 500
"""Gateways in one question."""


class Ledger:
    """What is held of every journal, and whose each journal is."""

    def __init__(self) -> None:
        self._receivers: dict[StreamKey, Receiver] = {}
        self._owners: dict[bytes, str] = {}

    async def load(self, store: Store, gateways: Sequence[str] | None = None) -> None:
        """Read the store's ledger, of these `gateways` or of all. Raises StoreError."""
        if gateways is None:
            await self._load(store, "", ())
        else:
            for some in (gateways[at : at + _AT_ONCE] for at in range(0, len(gateways), _AT_ONCE)):
                await self._load(store, f"WHERE gateway IN ({', '.join('?' * len(some))})", some)

    async def _load(self, store: Store, where: str, which: Sequence[str]) -> None:
        for row in await store.read(f"SELECT journal, lane, gateway FROM stream {where}", which):
            self.claim(row["journal"], row["gateway"])
        ranges = "SELECT journal, lane, kind, first, last FROM ledger JOIN stream ON stream.id = stream"
        for row in await store.read(f"{ranges} {where}", which):
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

    def blocks(self) -> dict[tuple[int, str], int]:
        """How many blocks are here for good, by lane and fate ("committed", "quarantined")."""
        found: dict[tuple[int, str], int] = {}
        for (_, lane), receiver in self._receivers.items():
            for fate, ranges in ("committed", receiver.committed), ("quarantined", receiver.quarantined):
                found[lane, fate] = found.get((lane, fate), 0) + len(ranges)
        return found

    def _receiver(self, key: StreamKey) -> Receiver:
        return self._receivers.setdefault(key, Receiver())


async def ledger_table(store: Store) -> list[LedgerRow]:
    """The proof, one row for each journal and lane, in order of gateway and journal. Raises StoreError."""
    found = await Beside(store.where).read(lambda db: journals(db, count_twice(db)))
    return [lane for journal in found for lane in journal.lanes]
