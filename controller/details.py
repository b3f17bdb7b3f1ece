"""What lies behind the counts of one journal: which blocks, which gap records, which messages."""

import json
import sqlite3
from typing import Any

from controller.proof import MOST_RANGES, journals
from devices.wire.block import Lane

_SHED = """SELECT lane, first, last FROM ledger JOIN stream ON stream.id = ledger.stream
WHERE journal = ? AND kind = 'shed' ORDER BY lane, first"""
_GAPS = """SELECT of.lane, ranges, why, lower(hex(gap.boot)) AS boot, from_us, to_us,
  boot.offset_us, boot.utc_offset_us
FROM gap JOIN stream AS of ON of.id = of_stream
LEFT JOIN boot ON boot.boot = gap.boot AND boot.gateway = gap.gateway
WHERE of.journal = ? ORDER BY gap.id DESC"""
_QUARANTINE = """SELECT quarantine.id, quarantine.gateway, topic, reason, detail, size,
  iif(lane IS NULL, NULL, lower(hex(journal))) AS journal, lane, number, first_ms, last_ms, times
FROM quarantine LEFT JOIN stream ON stream.id = quarantine.stream"""

Json = dict[str, Any]


def details(db: sqlite3.Connection, journal: bytes) -> Json | None:
    """All of one journal for the API, the newest of each; None: there is no such journal."""
    found = journals(db, None, journal)
    if not found:
        return None
    shed, gaps = _by_lane(db.execute(_SHED, (journal,))), _by_lane(db.execute(_GAPS, (journal,)))
    lanes: list[Json] = []
    for row in found[0].lanes:
        ranges = [[one["first"], one["last"]] for one in shed.get(row.lane, ())]
        about = gaps.get(row.lane, [])
        lanes.append(
            {
                "lane": row.lane,
                "missing_ranges": row.missing_ranges,
                "holes": row.holes,
                "shed_ranges": ranges[:MOST_RANGES],
                "shed_range_count": len(ranges),
                "gaps": [_gap(one) for one in about[:MOST_RANGES]],
                "gap_count": len(about),
            }
        )
    return {"journal": found[0], "lanes": lanes, "quarantine": quarantined(db, "WHERE journal = ?", journal)}


def quarantined(db: sqlite3.Connection, where: str = "", *parameters: Any) -> Json:
    """The newest messages that could not be used, and how many there are."""
    order = f"ORDER BY last_ms DESC, quarantine.id DESC LIMIT {MOST_RANGES}"
    rows = db.execute(f"{_QUARANTINE} {where} {order}", parameters).fetchall()
    joined = "quarantine LEFT JOIN stream ON stream.id = quarantine.stream"
    count = db.execute(f"SELECT count(*) FROM {joined} {where}", parameters).fetchone()[0]
    return {"count": count, "messages": [_message(row) for row in rows]}


def _by_lane(rows: sqlite3.Cursor) -> dict[str, list[sqlite3.Row]]:
    found: dict[str, list[sqlite3.Row]] = {}
    for row in rows:
        found.setdefault(Lane(row["lane"]).name.lower(), []).append(row)
    return found


def _message(row: sqlite3.Row) -> Json:
    lane = row["lane"]
    return {**dict(row), "lane": None if lane is None else Lane(lane).name.lower()}


def _gap(row: sqlite3.Row) -> Json:
    """With its times by every clock that is known: the boot's own, the controller's, UTC."""

    def ms(column: str, offset: str) -> int | None:
        return None if row[offset] is None else (row[column] + row[offset]) // 1000

    return {
        "ranges": json.loads(row["ranges"])[:MOST_RANGES],
        "why": row["why"],
        "boot": row["boot"],
        "from_mono_ms": row["from_us"] // 1000,
        "to_mono_ms": row["to_us"] // 1000,
        "from_ms": ms("from_us", "offset_us"),
        "to_ms": ms("to_us", "offset_us"),
        "from_utc_ms": ms("from_us", "utc_offset_us"),
        "to_utc_ms": ms("to_us", "utc_offset_us"),
    }
