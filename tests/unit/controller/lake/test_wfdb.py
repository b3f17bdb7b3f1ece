"""Waveforms as WFDB: PhysioNet's own reader finds every sample, its unit, its time, and the gaps."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import wfdb

from controller.errors import NotFound, StoreError
from controller.history.reading import Run
from controller.identity.certificates import By
from controller.lake.recordings import Wanted, export, noted, take_out
from controller.lake.wfdb import records
from controller.store import Store
from controller.store.beside import reading
from tests.support.history import BASE_US

SECOND = 1_000_000
RATE = 250


def run(at_us: int, values: list[int], scale: float = 0.005, offset: float = 0.0) -> Run:
    samples = np.array(values, "<i2").tobytes()
    return Run("ecg_ii", "monitor-1", at_us, RATE * 1000, scale, offset, 0, samples)


def kept(folder: Path, runs: list[Run]) -> list[str]:
    """Write them; gives the names of the records."""
    names = []
    for files in records("s1_ecg", runs):
        for name, content in files.items():
            (folder / name).write_bytes(content)
        names.append(min((one for one in files if one.endswith(".hea")), key=len).removesuffix(".hea"))
    return names


def test_every_sample_its_unit_and_its_time_are_read_back(tmp_path: Path) -> None:
    values = [*range(-500, 500), -32767, 32767, -32768, 7]
    [name] = kept(tmp_path, [run(BASE_US + 1234, values, 0.005, -1.0)])
    read = wfdb.rdrecord(str(tmp_path / name), physical=False)
    assert read.d_signal[:, 0].tolist() == values
    assert (read.fs, read.units, read.sig_name, read.fmt) == (RATE, ["mV"], ["ecg_ii"], ["16"])
    assert read.base_datetime.isoformat() == "1971-11-26T10:40:00.001234"
    physical = wfdb.rdrecord(str(tmp_path / name)).p_signal[:, 0]
    assert np.isnan(physical[values.index(-32768)])
    wanted = [np.nan if one == -32768 else one * 0.005 - 1.0 for one in values]
    np.testing.assert_allclose(physical, wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("metric", "unit"), [("abp_wave", "mmHg"), ("paw_wave", "cmH2O"), ("pleth", "1")])
def test_a_unit_with_brackets_is_one_word_for_its_reader(tmp_path: Path, metric: str, unit: str) -> None:
    [name] = kept(tmp_path, [run(BASE_US, [100, 120])._replace(metric=metric)])
    read = wfdb.rdrecord(str(tmp_path / name), physical=False)
    assert (read.units, read.sig_name, read.init_value) == ([unit], [metric], [100])


def test_a_gap_is_a_segment_of_its_own_and_what_follows_keeps_its_time(tmp_path: Path) -> None:
    runs = [run(BASE_US + n * SECOND, [n] * RATE) for n in (0, 1, 5, 6)]
    [name] = kept(tmp_path, runs)
    read = wfdb.rdrecord(str(tmp_path / name), physical=True)
    signal = read.p_signal[:, 0]
    assert len(signal) == 7 * RATE
    assert np.isnan(signal[2 * RATE : 5 * RATE]).all()
    np.testing.assert_allclose(signal[5 * RATE : 6 * RATE], 5 * 0.005)
    np.testing.assert_allclose(signal[RATE : 2 * RATE], 1 * 0.005)


def test_jitter_of_arrival_makes_no_gap_and_another_scale_another_record(tmp_path: Path) -> None:
    jittered = [run(BASE_US + n * SECOND + (n % 3) * 4000, [n] * RATE) for n in range(5)]
    assert len(kept(tmp_path, [*jittered, run(BASE_US + 9 * SECOND, [1], 0.01)])) == 2
    read = wfdb.rdrecord(str(tmp_path / "s1_ecg-1"), physical=False)
    assert read.d_signal[:, 0].tolist() == [n for n in range(5) for _ in range(RATE)]


WAVE = """INSERT INTO waveform (stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale,
"offset", samples, quality) VALUES (1, ?, 0, 1, 0, ?, ?, 250000, 0.005, 0.0, ?, 0)"""


def two_monitors(db: sqlite3.Connection) -> None:
    """Their names differ by what no record may be called."""
    db.execute("INSERT INTO ward VALUES ('ward-a', 'A')")
    db.execute("INSERT INTO bed VALUES ('bed-1', 'ward-a', '1')")
    stay = "INSERT INTO stay (bed, identifier, name, from_ms, by) VALUES ('bed-1', '4711', 'N', ?, 'x')"
    db.execute(stay, (BASE_US // 1000,))
    for n, device in enumerate(("icu.3", "icu-3"), 1):
        db.execute(
            "INSERT INTO series (id, device, bed, metric) VALUES (?, ?, 'bed-1', 'ecg_ii')", (n, device)
        )
        db.execute(WAVE, (n, BASE_US, n, np.full(RATE, n, "<i2").tobytes()))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    begun = await Store.open(tmp_path / "wardlink.sqlite")
    await begun.write(two_monitors)
    yield begun
    await begun.close()


async def test_two_devices_never_share_a_record(store: Store, tmp_path: Path) -> None:
    hour = Wanted("bed-1", BASE_US, BASE_US + 3600 * SECOND)
    told = await take_out(store, tmp_path / "out", hour, By("cli:ann"))
    names = sorted(path.stem for path in (tmp_path / "out").glob("*.hea"))
    signals = [wfdb.rdrecord(str(tmp_path / "out" / one), physical=False).d_signal[0, 0] for one in names]
    assert (told.records, sorted(signals)) == (2, [1, 2])


async def test_no_file_is_there_before_the_trail_has_whose_it_is(store: Store, tmp_path: Path) -> None:
    await store.write(lambda db: db.execute("ALTER TABLE audit RENAME TO audit_away"))
    hour = Wanted("bed-1", BASE_US, BASE_US + 3600 * SECOND)
    with pytest.raises(StoreError):
        await take_out(store, tmp_path / "out", hour, By("cli:ann"))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bed_is_exported_stay_by_stay_and_on_record(tmp_path: Path) -> None:
    asyncio.run(exported(tmp_path))


async def exported(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    base_ms = BASE_US // 1000

    def fill(db):  # noqa: ANN001, ANN202
        db.execute("INSERT INTO ward VALUES ('ward-a', 'A')")
        db.execute("INSERT INTO bed VALUES ('bed-1', 'ward-a', '1')")
        stay = (
            "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ('bed-1', ?, 'N', ?, ?, 'x')"
        )
        db.execute(stay, ("4711", base_ms, base_ms + 1500))
        db.execute(stay, ("4712", base_ms + 1500, None))
        db.execute("INSERT INTO series (device, bed, metric) VALUES ('monitor-1', 'bed-1', 'ecg_ii')")
        wave = """INSERT INTO waveform (stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale,
        "offset", samples, quality) VALUES (1, ?, 0, 1, 0, ?, 1, 250000, 0.005, 0.0, ?, 0)"""
        for n in range(3):
            db.execute(wave, (n, BASE_US + n * SECOND, np.full(RATE, n, "<i2").tobytes()))

    await store.write(fill)
    with reading(store.where) as db:
        told = export(db, tmp_path / "out", Wanted("bed-1", BASE_US, BASE_US + 60 * SECOND))
        with pytest.raises(NotFound, match="no waveform"):
            export(db, tmp_path / "none", Wanted("bed-1", 0, 1))
    await store.write(lambda db: noted(db, told, By("cli:ann"), 1))
    rows = await store.read("SELECT entry FROM audit")
    await store.close()
    assert [json.loads(row["entry"])["patient"] for row in rows] == ["4711", "4712"]
    signals = {}
    for path in (tmp_path / "out").glob("*.hea"):
        read = wfdb.rdrecord(str(path.with_suffix("")), physical=False)
        signals[path.name[:2]] = read.d_signal[:, 0].tolist()
        assert not any(one in path.read_text() for one in ("4711", "4712"))
    half = RATE // 2
    assert signals == {"s1": [0] * RATE + [1] * half, "s2": [1] * half + [2] * RATE}
