"""A block's records as rows."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import count, repeat
from typing import Any, NamedTuple

from controller.sorting import Series, SortedBlock
from controller.store.where import many

SeriesKey = tuple[str, str | None, str]
"""Device, bed, metric."""
Pending = dict[tuple[str, str, str], list[tuple[Any, ...]]]
"""Rows to write by what is done when there is such a row already, table and columns."""


class Source(NamedTuple):
    """Where rows go and come from: `stream`, `boot` are ids, `series` those known; `pending`: to write."""

    db: sqlite3.Connection
    stream: int
    boot: int
    series: dict[SeriesKey, int]
    pending: Pending

    def series_id(self, key: SeriesKey) -> int:
        """The id of a series, made when it is new."""
        if (held := self.series.get(key)) is None:
            find = "SELECT id FROM series WHERE device = ? AND bed IS ? AND metric = ?"
            make = "INSERT INTO series (device, bed, metric) VALUES (?, ?, ?) RETURNING id"
            row = self.db.execute(find, key).fetchone() or self.db.execute(make, key).fetchone()
            held = self.series[key] = row[0]
        return held


def series_of(block: SortedBlock) -> Iterator[SeriesKey]:
    """Of everything in the block that is of one."""
    for series in block.series:
        yield from ((series.device, series.bed, name) for name in set(series.metrics))
    for _, bed, value in (*block.readings, *block.waves):
        yield value.device, bed, value.metric


def insert(source: Source, block: SortedBlock) -> None:
    """Every record of the block, gaps excepted, is to be written."""
    values = "series, value, reason, quality"
    for series in block.series:
        _put(source.pending, "observation", values, _columns(source, block, series))
    _put(source.pending, "observation", values, _observations(source, block))
    waves = 'series, rate_mhz, scale, "offset", samples, quality'
    _put(source.pending, "waveform", waves, _waveforms(source, block))
    whose = "gateway, device, bed"
    _put(source.pending, "device_event", f"{whose}, kind, detail", _events(source, block))
    _put(source.pending, "alert", f"{whose}, code, priority, active, detail", _alerts(source, block))
    _put(source.pending, "unknown_record", f"{whose}, raw", _unknown(source, block))
    chunk = 'digest, size, "offset", data'
    _put(source.pending, "attachment", f"{whose}, {chunk}", _chunks(source, block), "OR IGNORE")


def write(db: sqlite3.Connection, pending: Pending) -> None:
    """All of them, table by table, in the order in which they came."""
    for (or_else, table, columns), rows in pending.items():
        if not or_else:
            many(db, table, columns, rows)
            continue
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT {or_else} INTO {table} ({columns}) VALUES ({marks})", rows)


def _put(
    pending: Pending, table: str, columns: str, rows: Sequence[tuple[Any, ...]], or_else: str = ""
) -> None:
    if rows:
        stamp = "stream, number, place, boot, mono_us, at_us, utc_us"
        pending.setdefault((or_else, table, f"{stamp}, {columns}"), []).extend(rows)


def _columns(source: Source, block: SortedBlock, series: Series) -> list[tuple[Any, ...]]:
    ids = {name: source.series_id((series.device, series.bed, name)) for name in set(series.metrics)}
    where = repeat(source.stream), repeat(block.number), count(series.place), repeat(source.boot)
    when = series.mono_us, series.at_us, series.utc_us
    what = (ids[name] for name in series.metrics), series.values, repeat(None), series.qualities
    return list(zip(*where, *when, *what, strict=False))


def _observations(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    stream, number, boot, series = source.stream, block.number, source.boot, source.series_id
    return [
        (
            *(stream, number, place, boot, value.place.mono_us, value.place.at_us, value.utc_us),
            *(series((value.device, bed, value.metric)), value.value, value.reason, value.quality),
        )
        for place, bed, value in block.readings
    ]


def _waveforms(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    stream, number, boot, series = source.stream, block.number, source.boot, source.series_id
    return [
        (
            *(stream, number, place, boot, wave.place.mono_us, wave.place.at_us, wave.utc_us),
            *(series((wave.device, bed, wave.metric)), wave.rate_mhz, wave.scale, wave.offset),
            *(wave.samples, wave.quality),
        )
        for place, bed, wave in block.waves
    ]


def _events(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    return [
        (
            *(source.stream, block.number, place, source.boot),
            *(event.place.mono_us, event.place.at_us, event.utc_us, event.gateway, event.device, bed),
            *(event.kind, json.dumps(dict(event.detail))),
        )
        for place, bed, event in block.events
    ]


def _alerts(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    return [
        (
            *(source.stream, block.number, place, source.boot),
            *(alert.place.mono_us, alert.place.at_us, alert.utc_us, alert.gateway, alert.device, bed),
            *(alert.code, alert.priority, alert.active, json.dumps(dict(alert.detail))),
        )
        for place, bed, alert in block.alerts
    ]


def _unknown(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    return [
        (
            *(source.stream, block.number, place, source.boot),
            *(record.place.mono_us, record.place.at_us, record.utc_us, block.gateway, record.device, bed),
            record.raw,
        )
        for place, bed, record in block.unknown
    ]


def _chunks(source: Source, block: SortedBlock) -> list[tuple[Any, ...]]:
    return [
        (
            *(source.stream, block.number, place, source.boot),
            *(chunk.place.mono_us, chunk.place.at_us, chunk.utc_us, block.gateway, chunk.device, bed),
            *(chunk.digest, chunk.size, chunk.offset, chunk.data),
        )
        for place, bed, chunk in block.chunks
    ]
