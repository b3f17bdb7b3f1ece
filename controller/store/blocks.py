"""What a batch of messages changes in the database: one transaction for data and ledger."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from controller.anchors import Anchor, AnchorKey
from controller.ingest import Refused
from controller.ledger import StreamKey
from controller.places import put_on_bed
from controller.sorting import SortedBlock
from controller.store import rows
from controller.store.entered import enter
from controller.store.journals import Heard, save_heard
from controller.store.known import Known
from controller.store.restamp import save_again, save_anchor
from controller.store.where import lives
from devices.wire.block import BlockClock
from devices.wire.messages import Birth, GatewayState
from devices.wire.ranges import Ranges

KEPT_BEGINNING = 4096
"""Bytes kept of a message that is too large."""
KEPT_STRANGERS = 1000
"""Messages kept in quarantine that belong to no block of the ledger; the oldest go, and are counted."""


@dataclass(slots=True)
class Batch:
    """What was decided about some messages; all of it is stored, or nothing."""

    now_ms: int
    blocks: list[SortedBlock] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    anchors: dict[AnchorKey, Anchor] = field(default_factory=dict)
    owners: dict[bytes, str] = field(default_factory=dict)
    """The gateway of every journal named here."""
    produced: dict[StreamKey, int] = field(default_factory=dict)
    """The next block number, as far as the batch tells."""
    resent: Counter[StreamKey] = field(default_factory=Counter)
    heard: dict[bytes, Heard] = field(default_factory=dict)
    """What is new of each journal that something came of."""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(gateway, name): how many."""
    births: list[tuple[str, Birth]] = field(default_factory=list)
    devices: dict[str, str] = field(default_factory=dict)
    """New devices and their gateways."""
    moves: dict[str, str] = field(default_factory=dict)
    """Devices that a gateway says are at another bed."""

    def is_produced(self, key: StreamKey, following: int) -> None:
        """The number after the last one of `key` is at least `following`."""
        self.produced[key] = max(self.produced.get(key, 0), following)

    def hear(
        self, journal: bytes, gateway: str, clock: BlockClock, at_us: int, told: GatewayState | None = None
    ) -> None:
        """A block of `journal`, or a live state that names it, arrived at `at_us`."""
        news = self.heard.setdefault(journal, Heard(gateway, at_us // 1000, clock))
        news.and_then(clock, at_us // 1000, told)


class BlockWriter:
    """Writes batches. It lives in the writer's thread and remembers ids, and what is there already."""

    def __init__(self) -> None:
        self._series: dict[rows.SeriesKey, int] = {}
        self._known = Known()
        self._lives = 0

    def forget(self) -> None:
        """A transaction failed: what was made in it does not exist."""
        self._series.clear()
        self._known = Known()

    def keeps_to_itself(self, batch: Batch) -> bool:
        """Whether what it touches is of its gateways alone: other gateways' batches may be written meanwhile.

        What may be another's: devices and where they are, series that are new, strangers' messages, and
        rows whose times are mended, for rollups and the lake hear of each.
        """
        shared = batch.births or batch.devices or batch.moves or batch.refused
        mended = any(anchor.changes or anchor.learned_utc for anchor in batch.anchors.values())
        return not (shared or mended) and all(
            key in self._series for block in batch.blocks for key in rows.series_of(block)
        )

    def write(self, db: sqlite3.Connection, batch: Batch) -> None:
        """Store the batch, inside a transaction. Raises sqlite3.Error."""
        if self._lives != (now := lives(db)):  # a standby that took over may lack what was written last
            self.forget()
            self._lives = now
        _register(db, batch, self._known)
        streams = _streams(db, batch, self._known)
        boots = _boots(db, batch, self._known)
        pending: rows.Pending = {}
        for block in batch.blocks:
            boot = boots[block.gateway, block.boot]
            rows.insert(rows.Source(db, streams[block.key], boot, self._series, pending), block)
            _insert_gaps(db, block, streams)
        rows.write(db, pending)
        enter(db, "committed", _numbers((streams[b.key], b.number) for b in batch.blocks))
        _quarantine(db, batch, streams)
        _save_heard(db, batch, self._known)
        for (gateway, name), count in batch.counts.items():
            db.execute(_COUNT, (gateway, name, count))


_COUNT = """INSERT INTO counter (gateway, name, value) VALUES (?, ?, ?)
ON CONFLICT (gateway, name) DO UPDATE SET value = counter.value + excluded.value"""
_STREAM = """INSERT INTO stream (journal, lane, gateway, produced, resent) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (journal, lane) DO UPDATE
SET produced = max(stream.produced, excluded.produced), resent = stream.resent + excluded.resent"""
_BORN = """INSERT INTO device (id, gateway, profile, metrics, added_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET gateway = excluded.gateway, profile = excluded.profile, metrics = excluded.metrics"""
_QUARANTINE = """INSERT INTO quarantine
(digest, gateway, topic, reason, detail, payload, size, stream, number, first_ms, last_ms, times)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (digest) DO UPDATE SET times = quarantine.times + 1, last_ms = excluded.last_ms"""
_DROP_STRANGERS = """DELETE FROM quarantine WHERE stream IS NULL AND id <= (
  SELECT id FROM quarantine WHERE stream IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?)"""


def _register(db: sqlite3.Connection, batch: Batch, known: Known) -> None:
    gateways = {*batch.owners.values(), *(gateway for gateway, _ in batch.births)} - known.gateways
    db.executemany(
        "INSERT OR IGNORE INTO gateway (id, name, added_ms) VALUES (?, ?, ?)",
        [(gateway, gateway, batch.now_ms) for gateway in gateways],
    )
    known.gateways |= gateways
    born = [
        (one.device, gateway, one.profile, json.dumps(one.metrics), batch.now_ms)
        for gateway, birth in batch.births
        for one in birth.devices
    ]
    db.executemany(_BORN, born)
    db.executemany(
        "INSERT OR IGNORE INTO device (id, gateway, metrics, added_ms) VALUES (?, ?, '[]', ?)",
        [(device, gateway, batch.now_ms) for device, gateway in batch.devices.items()],
    )
    for device, bed in batch.moves.items():
        put_on_bed(db, device, bed, batch.now_ms, None)


def _streams(db: sqlite3.Connection, batch: Batch, known: Known) -> dict[StreamKey, int]:
    """The ids of every stream that the batch touches, made or brought up to date."""
    ids: dict[StreamKey, int] = {}
    news: list[tuple[bytes, int, str, int, int]] = []
    # In order: where a journal was copied, two that are written at the same time wait for each other once.
    for key in sorted(batch.produced.keys() | batch.resent.keys()):
        produced, resent = batch.produced.get(key, 0), batch.resent[key]
        row = *key, batch.owners[key[0]], produced, resent
        if (held := known.streams.get(key)) is None:
            held = db.execute(f"{_STREAM} RETURNING id, produced", row).fetchone()
            known.streams[key] = held[0], held[1]
        elif resent or produced > held[1]:
            news.append(row)
            known.streams[key] = held[0], max(held[1], produced)
        ids[key] = held[0]
    db.executemany(_STREAM, news)
    return ids


def _boots(db: sqlite3.Connection, batch: Batch, known: Known) -> dict[AnchorKey, int]:
    """The ids of the boots that the batch has blocks of; what is known of them, and of others, is saved."""
    ids: dict[AnchorKey, int] = {}
    again: list[tuple[int, Anchor]] = []
    used = {(block.gateway, block.boot) for block in batch.blocks}
    for key, anchor in batch.anchors.items():
        held = known.boots.get(key)
        if held is None or anchor.changes or anchor.learned_utc:
            ids[key] = save_anchor(db, anchor)
        else:
            ids[key] = held[0]
            if key not in used and known.has_measured(anchor):
                continue
            again.append((held[0], anchor))
        known.boots[key] = ids[key], anchor.measured_us, anchor.line.last
    save_again(db, again)
    return ids


def _save_heard(db: sqlite3.Connection, batch: Batch, known: Known) -> None:
    fresh = {key: news for key, news in batch.heard.items() if not known.has_heard(key, news)}
    save_heard(db, fresh)
    for key, news in fresh.items():
        known.heard(key, news)


def _insert_gaps(db: sqlite3.Connection, block: SortedBlock, streams: dict[StreamKey, int]) -> None:
    for place, gap in block.gaps:
        of_stream = streams[gap.journal, gap.lane]
        span = gap.boot, gap.start // 1000, gap.end // 1000
        source = streams[block.key], block.number, place, block.gateway, of_stream
        db.execute(
            "INSERT INTO gap (stream, number, place, gateway, of_stream, ranges, boot, from_us, to_us, why)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*source, json.dumps(gap.ranges), *span, gap.why),
        )
        enter(db, "shed", {of_stream: Ranges(gap.ranges)})


def _numbers(blocks: Iterable[tuple[int, int]]) -> dict[int, Ranges]:
    held: dict[int, Ranges] = {}
    for stream, number in blocks:
        held.setdefault(stream, Ranges()).add(number, number)
    return held


def _quarantine(db: sqlite3.Connection, batch: Batch, streams: dict[StreamKey, int]) -> None:
    for refused in batch.refused:
        stream = number = None
        if refused.header is not None:
            stream, number = streams[refused.header.journal, refused.header.lane], refused.header.number
            enter(db, "quarantined", {stream: Ranges([(number, number)])})
        topic, payload = refused.arrived.topic, refused.arrived.payload
        kept = payload[:KEPT_BEGINNING] if refused.reason == "oversized" else payload
        digest = hashlib.sha256(topic.encode() + b"\0" + payload).digest()
        what = refused.gateway, topic, refused.reason, refused.detail, kept, len(payload)
        db.execute(_QUARANTINE, (digest, *what, stream, number, batch.now_ms, batch.now_ms))
    if batch.refused:
        dropped = db.execute(_DROP_STRANGERS, (KEPT_STRANGERS,)).rowcount
        if dropped > 0:
            db.execute(_COUNT, ("", "quarantine-dropped", dropped))
