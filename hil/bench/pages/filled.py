"""A large hospital's store, by the product's own tables: beds, stays, a month of readings, alerts, the trail.

fill(connect(where), Hospital(beds=1000, days=30), now_us)

Eight beds measure once a minute, the others each half hour: what a trend of one bed reads is whole, and the
tables are as large as one host holds. Rows are in order of time, as the intake writes them.
"""

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from controller.audit.chain import append_all
from controller.audit.entry import Entry
from controller.history.rollup import MINUTE, SUMS
from controller.store.where import many

METRICS = ("hr", "spo2", "rr", "temp")
DENSE, DENSE_S, SPARSE_S = 8, 60, 1800
BEDS_A_WARD, BEDS_A_GATEWAY = 50, 20
ALERTS_A_DAY, EVENTS_A_DAY, LOOKS_A_DAY = 10, 8, 8
"""Of each bed; an alert is two rows."""
DAY_US, BLOCK_US = 86_400_000_000, 10_000_000
_AT_ONCE = 2_000
"""A server ends a transaction that asks nothing for 3 s."""
_STAMP = "stream, number, place, boot, mono_us, at_us, utc_us"
_WHOSE = f"{_STAMP}, gateway, device, bed"
_ROLL_UP = f"INSERT INTO rollup SELECT series, {MINUTE} AS minute, 0, {SUMS} FROM observation GROUP BY 1, 2"
_ROLLED_UP = "UPDATE meta SET value = (SELECT max(id) FROM observation) WHERE key = 'rolled-up'"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Hospital:
    """Its size."""

    beds: int = 1000
    days: int = 30

    @property
    def gateways(self) -> int:
        """Whole ones."""
        return -(-self.beds // BEDS_A_GATEWAY)

    def gateway(self, bed: int) -> str:
        """Of the device at bed 1, 2, …"""
        return f"gw-{(bed - 1) // BEDS_A_GATEWAY + 1}"


def fill(db: sqlite3.Connection, of: Hospital, now_us: int) -> None:
    """All of it, up to `now_us`, in some transactions. Raises sqlite3.Error."""
    from_us = now_us - of.days * DAY_US
    with db:
        db.execute("BEGIN IMMEDIATE")
        _registry(db, of, from_us)
        _journals(db, of, from_us)
    _insert(db, "observation", f"{_STAMP}, series, value, quality", _readings(of, from_us, now_us))
    alerts = f"{_WHOSE}, code, priority, active, detail"
    _insert(db, "alert", alerts, _alerts(of, from_us))
    _insert(db, "device_event", f"{_WHOSE}, kind, detail", _events(of, from_us))
    with db:
        db.execute("BEGIN IMMEDIATE")
        looks = _looks(of, from_us)
        while some := list(islice(looks, _AT_ONCE)):
            append_all(db, some)
        db.execute(_ROLL_UP)
        db.execute(_ROLLED_UP)


def _insert(db: sqlite3.Connection, table: str, columns: str, rows: Iterator[Row]) -> None:
    some: list[Row] = []
    with db:
        db.execute("BEGIN IMMEDIATE")
        for row in rows:
            some.append(row)
            if len(some) == _AT_ONCE:
                many(db, table, columns, some)
                some = []
        if some:
            many(db, table, columns, some)


def _registry(db: sqlite3.Connection, of: Hospital, from_us: int) -> None:
    beds, from_ms = range(1, of.beds + 1), from_us // 1000
    wards = range(-(-of.beds // BEDS_A_WARD))
    many(db, "ward", "id, name", [(f"ward-{n}", f"Ward {n}") for n in wards])
    where = [(f"bed-{n}", f"ward-{(n - 1) // BEDS_A_WARD}", f"Bed {n}") for n in beds]
    many(db, "bed", "id, ward, name", where)
    names = [f"gw-{n + 1}" for n in range(of.gateways)]
    many(db, "gateway", "id, name, added_ms, provisioned", [(name, name, from_ms, 1) for name in names])
    whose = [(f"dev-{n}", of.gateway(n), "nonin-xpod", "[]", from_ms) for n in beds]
    many(db, "device", "id, gateway, profile, metrics, added_ms", whose)
    many(db, "assignment", "device, bed, from_ms", [(f"dev-{n}", f"bed-{n}", from_ms) for n in beds])
    stays = [(f"bed-{n}", f"P-{n}", f"Patient {n}", from_ms, "nurse") for n in beds]
    many(db, "stay", "bed, identifier, name, from_ms, by", stays)
    series = [(f"dev-{n}", f"bed-{n}", metric) for n in beds for metric in METRICS]
    many(db, "series", "device, bed, metric", series)
    empty = "asset_tag, serial, gtin, address, gateway, calibration_due, notes"
    records = [
        (f"dev-{n}", "nonin-xpod", f"T-{n}", f"S-{n}", "", "", of.gateway(n), "2030-01-01", "") for n in beds
    ]
    many(db, "inventory", f"device, profile, {empty}", records)


def _journals(db: sqlite3.Connection, of: Hospital, from_us: int) -> None:
    """A journal of each gateway and day, with its boot; a hole in each tenth."""
    journals = [(gateway + 1, day) for gateway in range(of.gateways) for day in range(of.days)]
    names = [f"{gateway:08x}{day:08x}" for gateway, day in journals]
    at = [from_us + (day + 1) * DAY_US - 1_000_000 for _, day in journals]
    begun = [from_us + day * DAY_US for _, day in journals]
    ids = [bytes.fromhex(name) for name in names]
    boots = [
        (one.rjust(16, b"\1"), f"gw-{gateway}", begin, end, 1, 1)
        for one, (gateway, _), begin, end in zip(ids, journals, begun, at, strict=True)
    ]
    columns = "boot, gateway, offset_us, measured_us, first_observation, first_waveform"
    many(db, "boot", columns, boots)
    streams = [(ids[n], lane, f"gw-{g}", 10_000, 0) for n, (g, _) in enumerate(journals) for lane in range(4)]
    many(db, "stream", "journal, lane, gateway, produced, resent", streams)
    held = [
        (n + 1, "committed", first, last)
        for n in range(len(streams))
        for first, last in (((0, 4_999), (5_001, 9_999)) if n % 10 == 0 else ((0, 9_999),))
    ]
    many(db, "ledger", "stream, kind, first, last", held)


def _stamp(of: Hospital, bed: int, at_us: int, from_us: int, place: int = 0) -> Row:
    """Where a record of the bed's device is from: its gateway's journal of that day, a block each 10 s."""
    day = min((at_us - from_us) // DAY_US, of.days - 1)
    boot = (bed - 1) // BEDS_A_GATEWAY * of.days + day + 1
    mono_us = at_us - from_us - day * DAY_US
    spot = mono_us // BLOCK_US, bed % BEDS_A_GATEWAY * len(METRICS) + place
    return 4 * (boot - 1) + 2, *spot, boot, mono_us, at_us, at_us


def _readings(of: Hospital, from_us: int, now_us: int) -> Iterator[Row]:
    draw = random.Random(1)
    for second in range(0, (now_us - from_us) // 1_000_000, DENSE_S):
        last = of.beds if second % SPARSE_S == 0 else min(DENSE, of.beds)
        for bed in range(1, last + 1):
            for n in range(len(METRICS)):
                stamp = _stamp(of, bed, from_us + second * 1_000_000 + bed, from_us, n)
                yield *stamp, (bed - 1) * len(METRICS) + n + 1, 60.0 + draw.randrange(400) / 10, 0


def _alerts(of: Hospital, from_us: int) -> Iterator[Row]:
    step = DAY_US // ALERTS_A_DAY
    for number in range(of.days * ALERTS_A_DAY):
        for active in (1, 0):
            for bed in range(1, of.beds + 1):
                at_us = from_us + number * step + (step // 2 if not active else 0) + bed
                whose = of.gateway(bed), f"dev-{bed}", f"bed-{bed}"
                yield *_stamp(of, bed, at_us, from_us), *whose, "spo2-low", 2, active, "{}"


def _events(of: Hospital, from_us: int) -> Iterator[Row]:
    kinds = ("connected", "{}"), ("battery", '{"percent": 80}'), ("identity", '{"firmware": "1.2"}')
    for number in range(of.days * EVENTS_A_DAY):
        kind, detail = kinds[number % len(kinds)]
        for bed in range(1, of.beds + 1):
            at_us = from_us + number * (DAY_US // EVENTS_A_DAY) + bed
            whose = of.gateway(bed), f"dev-{bed}", f"bed-{bed}"
            yield *_stamp(of, bed, at_us, from_us), *whose, kind, detail


def _looks(of: Hospital, from_us: int) -> Iterator[tuple[Entry, int]]:
    for number in range(of.days * LOOKS_A_DAY):
        for bed in range(1, of.beds + 1):
            at_us = from_us + number * (DAY_US // LOOKS_A_DAY) + bed
            yield Entry("trends", "nurse", f"bed/bed-{bed}", patient=f"P-{bed}"), at_us
