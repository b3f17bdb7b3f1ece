"""The waveforms' benchmark compares every sample and prints what it measured."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from controller.store.migrate import migrate
from hil.bench import waveforms
from hil.bench.waves import codecs, signals
from hil.bench.waves.checked import Checked, check, stretches
from hil.bench.waves.run import PROCESSES, Cost

ECG, PLETH = ("monitor-1", "ecg_ii"), ("monitor-1", "pleth")
OFFERED = {ECG: signals.packed([1, 2, 3, -32768]), PLETH: signals.packed([7, 8])}
COST = Cost(
    dict.fromkeys(PROCESSES, 0.1), 0.9, 0.9, 3.0, [100.0, 120.0, 250.0], Checked(1200, 1200, 0), 0, True
)


def database(folder: Path, *chunks: tuple[tuple[str, str], bytes]) -> Path:
    """A store with these chunks, in order of time."""
    path = folder / "wardlink.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.row_factory = sqlite3.Row
        migrate(db)
        db.execute(
            "INSERT INTO series VALUES (1, 'monitor-1', NULL, 'ecg_ii'), (2, 'monitor-1', NULL, 'pleth')"
        )
        for number, ((_, metric), samples) in enumerate(chunks):
            row = number, 1 if metric == "ecg_ii" else 2, samples
            db.execute(
                "INSERT INTO waveform (stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale,"
                ' "offset", samples, quality) VALUES (1, ?1, 0, 1, ?1, 0, ?2, 500000, 1, 0, ?3, 0)',
                row,
            )
    return path


def test_samples_that_are_all_there_are_found_so_however_they_were_cut(tmp_path: Path) -> None:
    ecg = OFFERED[ECG]
    path = database(tmp_path, (ECG, ecg[:2]), (PLETH, OFFERED[PLETH]), (ECG, ecg[2:]))
    assert check(OFFERED, path) == Checked(6, 6, 0)


@pytest.mark.parametrize(
    ("what", "ecg", "stored", "different"),
    [
        ("a changed sample", signals.packed([1, 2, 4, -32768]), 6, 1),
        ("a sample too few", signals.packed([1, 2, 3]), 5, 1),
        ("a sample too many", signals.packed([1, 2, 3, -32768, 0]), 7, 1),
        ("nothing", b"", 2, 4),
    ],
)
def test_what_is_not_as_it_was_offered_is_counted(
    tmp_path: Path, what: str, ecg: bytes, stored: int, different: int
) -> None:
    path = database(tmp_path, (ECG, ecg), (PLETH, OFFERED[PLETH]))
    assert check(OFFERED, path) == Checked(6, stored, different)


def test_samples_that_nobody_offered_are_different(tmp_path: Path) -> None:
    assert check({}, database(tmp_path, (ECG, OFFERED[ECG]))) == Checked(0, 4, 4)


def test_an_event_stream_has_to_tell_a_stretch_of_every_signal() -> None:
    assert stretches(OFFERED, {ECG: signals.packed([2, 3]), PLETH: OFFERED[PLETH]})
    assert not stretches(OFFERED, {ECG: signals.packed([1, 3]), PLETH: OFFERED[PLETH]})
    assert not stretches(OFFERED, {ECG: OFFERED[ECG]})


def test_every_way_that_is_tried_keeps_every_sample_of_every_signal() -> None:
    rows = {row.name: row for row in waveforms.ways(waveforms.Load(beds=3))}
    plain, ours = rows["int16 as it is"], rows["**second differences, LEB128, block by DEFLATE**"]
    assert len(rows) == len(codecs.WAYS)
    assert ours.bytes < plain.bytes / 2


def test_a_way_that_changes_samples_is_not_tried() -> None:
    way = replace(codecs.WAYS[0], read=lambda data, _: data[::-1])
    [groups, *_] = waveforms._blocks(waveforms.Load(beds=1))
    with pytest.raises(AssertionError, match="int16 as it is changes samples"):
        codecs.tried(way, [groups], waveforms._CLOCK)


@pytest.mark.parametrize(("metric", "rate"), signals.RATES_HZ.items())
def test_a_signal_is_the_same_for_the_same_patient_and_another_for_another(metric: str, rate: int) -> None:
    one = signals.signal(metric, 1, 2.0)
    assert len(one) == 2 * 2 * rate
    assert one == signals.signal(metric, 1, 2.0) != signals.signal(metric, 2, 2.0)


def test_a_recorded_ecg_is_read_from_its_two_channels_of_twelve_bits(tmp_path: Path) -> None:
    # 1 and -1, then 100 and -2048: low byte, two halves, low byte.
    (tmp_path / "100.dat").write_bytes(bytes([0x01, 0xF0, 0xFF, 100, 0x80, 0x00]) * 500)
    even, odd = (signals.signal("ecg_ii", seed, 0.25, tmp_path) for seed in (0, 1))
    assert set(memoryview(even).cast("h")) == {1, 100}
    assert set(memoryview(odd).cast("h")) == {-1, -2048}


def test_the_table_has_the_sum_of_the_processes_and_the_ratio_of_each_pair() -> None:
    raw = replace(COST, cpu=dict.fromkeys(PROCESSES, 0.2), wire=2.7)
    lines = list(waveforms.table([waveforms.Pair(COST, raw)] * 2))
    assert "| **all three, % of one core** | 30.0 | 60.0 | 0.50 |" in lines
    assert "| **bytes a sample on the wire** | 0.90 | 2.70 | 0.33 |" in lines
    assert "| samples offered / stored / different | 2,400 / 2,400 / 0 | 2,400 / 2,400 / 0 | – |" in lines


@pytest.mark.parametrize(
    "cost",
    [
        replace(COST, checked=Checked(1200, 1199, 1)),
        replace(COST, missing_blocks=1),
        replace(COST, events_right=False),
        replace(COST, wire=1.51),
        replace(COST, cpu=dict.fromkeys(PROCESSES, 0.2)),
    ],
)
def test_a_changed_sample_or_too_high_a_cost_is_a_failure(cost: Cost) -> None:
    assert waveforms.failures([waveforms.Pair(COST, COST)]) == []
    assert len(waveforms.failures([waveforms.Pair(cost, COST)])) == 1
