"""What the benchmark prints is what it measured."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from controller.store.migrate import migrate
from devices.profiles import profile
from hil.bench import codecs, delay, first_light, size

SECOND = 1_000_000_000
OFFSET = 1000 * SECOND
"""UTC less the time since boot, ns."""
BOOT_COLUMNS = "(id, boot, gateway, offset_us, measured_us, first_observation, first_waveform)"


def item(utc_ms: int, value: float | None = 97) -> dict[str, Any]:
    return {"device": "ox-1", "metric": "spo2", "value": value, "utc_ms": utc_ms}


def ms(item_: dict[str, Any], at_ns: int, *sendings: tuple[int, float | None]) -> float | None:
    return delay._delay_ms(item_, at_ns, {("ox-1", "spo2"): list(sendings)}, OFFSET)


def test_a_delay_counts_from_the_sending_before_the_gateways_stamp() -> None:
    assert ms(item(1_005_010), 5 * SECOND + 90_000_000, (4 * SECOND, 97), (5 * SECOND, 97)) == 90


def test_a_late_event_is_not_taken_for_the_next_sending_of_the_same_value() -> None:
    assert ms(item(1_005_010), 9 * SECOND, (5 * SECOND, 97), (6 * SECOND, 97), (8 * SECOND, 97)) == 4000


def test_a_sending_of_another_value_is_passed_over() -> None:
    assert ms(item(1_005_010), 6 * SECOND, (4 * SECOND, 97), (5 * SECOND, 95)) == 2000


def test_a_value_that_nobody_sent_has_no_delay() -> None:
    assert ms(item(1_005_010), 6 * SECOND, (4 * SECOND, 90)) is None


def test_percentiles_are_those_of_the_sorted_delays() -> None:
    assert first_light._delays([float(n) for n in reversed(range(1, 101))]) == "51 / 100 / 100"


def test_the_table_has_a_line_for_each_row_beside_its_baseline() -> None:
    lines = list(first_light.table([first_light.Row("bytes", "12", "130")]))
    assert lines == ["| what | Wardlink | baseline |", "|---|---|---|", "| bytes | 12 | 130 |"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Two blocks: three readings of one device, then one of another."""
    path = tmp_path / "wardlink.sqlite"
    with sqlite3.connect(path, isolation_level=None) as db:
        db.row_factory = sqlite3.Row
        migrate(db)
        db.execute("INSERT INTO stream VALUES (1, x'0102030405060708', 1, 'ward-a', 2, 0)")
        db.execute(f"INSERT INTO boot {BOOT_COLUMNS} VALUES (1, zeroblob(16), 'ward-a', 0, 0, 1, 1)")
        db.executemany(
            "INSERT INTO series VALUES (?, ?, 'bed-1', ?)", [(1, "ox-1", "spo2"), (2, "hr-1", "hr")]
        )
        rows = [(0, 0, 1, 97.0), (0, 1, 1, 96.0), (0, 2, 1, None), (1, 0, 2, 72.0)]
        for number, place, series, value in rows:
            reason = 2 if value is None else None
            where = (number, place, 1, 5_000_000, 5_000_000)
            columns = "stream, number, place, boot, mono_us, at_us, series, value, reason, quality"
            values = (1, *where, series, value, reason, 0)
            db.execute(f"INSERT INTO observation ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return path


def test_bytes_are_those_of_the_blocks_as_they_were_cut(database: Path) -> None:
    whole = size.block_bytes(database)
    with sqlite3.connect(database) as db:
        db.execute("UPDATE observation SET number = 0, place = 3 WHERE series = 2")
    assert size.block_bytes(database) < whole


def test_json_costs_more_than_a_block(database: Path) -> None:
    assert size.json_bytes(database) > size.block_bytes(database) > 0


def test_a_codec_that_is_too_slow_stands_out_at_the_top_of_its_table() -> None:
    rows = [codecs.Row("quick", 900.0, 9000.0, 0.1), codecs.Row("slow", 49.0, 9000.0, 4.0)]
    _, _, first, second = codecs.table(rows)
    assert first == "| slow | 49 **too slow** | 9,000 | 4.00 |"
    assert second == "| quick | 900 | 9,000 | 0.10 |"


def test_the_load_of_a_serial_device_is_its_line_filled_without_a_pause() -> None:
    load = codecs._load(profile("nonin-xpod"))
    assert load.seconds == pytest.approx(load.size * 10 / 9600)
