"""PhysioNet's records are read as physionet.org describes them, and beats are matched one to one."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.bench.rhythm.records import beats_in, read_record, twelve_bits
from hil.bench.rhythm.table import lines, matched
from hil.errors import HilError
from tests.unit.gateway.alarms.rhythm.signals import PER_MV, beats, ecg

TWELVE = st.integers(-2048, 2047)


def packed(samples: list[int]) -> bytes:
    """Format 212, as signal(5) says: low bytes, and both high nibbles between them."""
    pairs = zip(samples[::2], samples[1::2], strict=True)
    return b"".join(
        bytes((one & 0xFF, (one >> 8 & 0x0F) | (other >> 4 & 0xF0), other & 0xFF)) for one, other in pairs
    )


def annotations(times: list[int]) -> bytes:
    """Format MIT, as annot(5) says: normal beats, and where it is far to the next, a skip."""
    out, last = b"", 0
    for time in times:
        step, last = time - last, time
        if step > 1023:
            out += struct.pack("<HHH", 59 << 10, step >> 16, step & 0xFFFF)
            step = 0
        out += struct.pack("<H", 1 << 10 | step)
    return out + b"\0\0"


@given(st.lists(st.tuples(TWELVE, TWELVE), max_size=50))
def test_samples_of_twelve_bits_come_out_as_they_went_in(pairs: list[tuple[int, int]]) -> None:
    samples = [one for pair in pairs for one in pair]
    assert list(twelve_bits(packed(samples))) == samples


def test_a_record_has_its_signals_by_name_with_rate_and_gain(tmp_path: Path) -> None:
    (tmp_path / "r.hea").write_text(
        "r 2 125 2\nr.dat 212x3 200/mV 12 0 0 0 0 MCL1\n"
        "r.dat 212 12.84(-1605)/mmHg 12 0 0 0 0 ABP\n# False alarm\n"
    )
    (tmp_path / "r.dat").write_bytes(packed([1, 2, 3, 90, 4, 5, 6, 91]))
    record = read_record(tmp_path, "r")
    ecg_lead, pressure = record.signals["MCL1"], record.signals["ABP"]
    assert (list(ecg_lead.samples), ecg_lead.rate, ecg_lead.gain) == ([1, 2, 3, 4, 5, 6], 375, 200)
    assert (list(pressure.samples), pressure.rate, pressure.gain) == ([90, 91], 125, 12.84)
    assert record.notes == ("False alarm",)


def test_what_is_no_record_is_said(tmp_path: Path) -> None:
    (tmp_path / "r.hea").write_text("r 1 125 2\nr.dat 80 200/mV 12 0 0 0 0 II\n")
    (tmp_path / "r.dat").write_bytes(b"\0\0\0")
    with pytest.raises(HilError, match="expected format 16 or 212, got 80"):
        read_record(tmp_path, "r")
    with pytest.raises(HilError):
        list(lines(tmp_path / "nowhere"))


@given(st.lists(st.integers(1, 70_000), min_size=1, max_size=30))
def test_annotated_beats_come_out_as_they_went_in(steps: list[int]) -> None:
    times = [sum(steps[: n + 1]) for n in range(len(steps))]
    assert list(beats_in(annotations(times))) == times


def test_each_beat_is_matched_once() -> None:
    assert matched([100, 101, 300], [99, 305, 500], 10) == 2
    assert matched([], [1], 10) == matched([1], [], 10) == 0
    assert matched([100], [111], 10) == 0


def test_a_record_of_known_beats_is_measured(tmp_path: Path) -> None:
    samples = ecg(times := beats(60, 40), 40)
    (tmp_path / "r.hea").write_text(f"r 1 250 {len(samples)}\nr.dat 212 {PER_MV}/mV 12 0 0 0 0 II\n")
    (tmp_path / "r.dat").write_bytes(packed(samples))
    (tmp_path / "r.atr").write_bytes(annotations([round(time * 250) for time in times]))
    first, second, *_ = lines(tmp_path)
    assert first.startswith("r II: 39 beats, 39 found, sensitivity 100.00 %, PPV 100.00 %")
    assert second == "r: without the pulse no alarm; with it no alarm"
