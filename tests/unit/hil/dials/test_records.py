"""PhysioNet's records become rhythms with their beats, and say where they are from."""

from array import array
from pathlib import Path

import pytest

from hil.dials.records import prepare
from hil.errors import HilError
from hil.sims.patient import Patient
from hil.sims.rhythms import load
from tests.unit.gateway.alarms.rhythm.signals import PER_MV, beats, ecg
from tests.unit.hil.rhythm.test_records import annotations

RATE, SECONDS = 250, 40
TIMES = beats(100, SECONDS)


def write(folder: Path, *, notes: str = "", pulse: bool = False, marked: bool = False) -> None:
    """A record in format 16 with a beat every 0.6 s."""
    folder.mkdir(exist_ok=True)
    columns = [ecg(TIMES, SECONDS, RATE)]
    header = f"r {1 + pulse} {RATE} {len(columns[0])}\nr.dat 16 {PER_MV}/mV 16 0 0 0 0 II\n"
    if pulse:
        patient = Patient(3)
        columns.append([round(9000 * patient.pleth(n / RATE)) for n in range(len(columns[0]))])
        header += "r.dat 16 100/NU 16 0 0 0 0 PLETH\n"
    (folder / "r.hea").write_text(header + notes)
    (folder / "r.dat").write_bytes(
        array("h", [each for frame in zip(*columns, strict=True) for each in frame]).tobytes()
    )
    if marked:
        (folder / "r.atr").write_bytes(annotations([round(RATE * one) for one in (1, 2, 3.5)]))


def test_beats_are_found_where_nobody_marked_them_and_the_source_says_how(tmp_path: Path) -> None:
    write(tmp_path / "records")
    sources = prepare(tmp_path / "records", tmp_path / "rhythms")
    assert sources == {
        "r": "PhysioNet record r, 0-40 s, II, no pulse recorded, beats as the gateway's detector finds them"
    }
    rhythm = load(tmp_path / "rhythms", "r")
    assert (rhythm.seconds, rhythm.rate_hz, rhythm.pulse) == (SECONDS, RATE, array("h"))
    assert len(rhythm.beat_times) == pytest.approx(len(TIMES), abs=2)
    highest = max(range(5 * RATE), key=rhythm.ecg.__getitem__) / RATE
    assert min(abs(highest - one) for one in TIMES) < 0.05
    assert 500 < max(rhythm.ecg) < 2500


def test_marked_beats_come_first(tmp_path: Path) -> None:
    write(tmp_path / "records", marked=True, pulse=True)
    [source] = prepare(tmp_path / "records", tmp_path / "rhythms").values()
    assert source.endswith("II and PLETH, beats as marked by cardiologists")
    assert load(tmp_path / "rhythms", "r").beat_times == [1, 2, 3.5]


def test_a_recorded_pulse_gives_beats_and_is_played(tmp_path: Path) -> None:
    write(tmp_path / "records", pulse=True)
    [source] = prepare(tmp_path / "records", tmp_path / "rhythms").values()
    assert source.endswith("beats as found in the pulse")
    rhythm = load(tmp_path / "rhythms", "r")
    assert len(rhythm.pulse) == len(rhythm.ecg)
    assert (min(rhythm.pulse), max(rhythm.pulse)) == (0, 10_000)
    assert len(rhythm.beat_times) == pytest.approx(len(Patient(3).beats(0, SECONDS)), abs=2)


def test_what_a_challenge_says_of_its_alarm_is_said(tmp_path: Path) -> None:
    write(tmp_path / "records", notes="#Asystole\n#False alarm\n")
    [source] = prepare(tmp_path / "records", tmp_path / "rhythms").values()
    assert source.startswith("PhysioNet record r (Asystole, False alarm), 0-40 s")


def test_a_folder_without_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HilError, match="expected PhysioNet's records"):
        prepare(tmp_path, tmp_path / "rhythms")
