"""Annotations are read as annot(5) of physionet.org describes them, and counted as EC57 says."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.bench.ecg.annotations import Annotations, annotations_in, read_annotations
from hil.bench.ecg.counted import Counts, count_beats, count_windows, share
from hil.bench.ecg.made import fibrillating, sinus
from hil.bench.ecg.table import lines
from hil.errors import HilError

NORMAL, RHYTHM, BEGIN, END, SKIP, AUX = 1, 28, 32, 33, 59, 63


def written(entries: list[tuple[int, int, str]]) -> bytes:
    """Sample number, code, text of each."""
    out, last = b"", 0
    for sample, code, text in entries:
        step, last = sample - last, sample
        if step > 1023:
            out += struct.pack("<HHH", SKIP << 10, step >> 16, step & 0xFFFF)
            step = 0
        out += struct.pack("<H", code << 10 | step)
        if text:
            raw = text.encode()
            out += struct.pack("<H", AUX << 10 | len(raw)) + raw + b"\0" * (len(raw) % 2)
    return out + b"\0\0"


def test_beats_rhythms_and_flutter_are_told_apart() -> None:
    data = written(
        [
            *((5, RHYTHM, "(N"), (80, NORMAL, ""), (5000, RHYTHM, "(AFIB"), (5100, NORMAL, "")),
            *((6000, BEGIN, ""), (90_000, END, ""), (90_001, NORMAL, "")),
        ]
    )
    found = annotations_in(data)
    assert found.beats == [80, 5100, 90_001]
    assert found.rhythms == [(5, "N"), (5000, "AFIB")]
    assert found.fluttering == [(6000, 90_000)]


@given(st.lists(st.integers(0, 10**7), max_size=40, unique=True).map(sorted))
def test_beats_come_out_as_they_went_in(times: list[int]) -> None:
    assert annotations_in(written([(one, NORMAL, "") for one in times])).beats == times


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_read_or_refused(data: bytes) -> None:
    with suppress(struct.error):
        annotations_in(data)


def test_a_rhythm_lasts_until_the_next() -> None:
    told = Annotations([], [(100, "N"), (200, "AFIB"), (300, "N")])
    assert told.share("AFIB", 200, 300) == 1
    assert told.share("AFIB", 150, 250) == 0.5
    assert told.share("AFIB", 0, 100) == 0
    assert told.share("N", 300, 400) == 1


def test_beats_in_flutter_count_on_neither_side() -> None:
    one = sinus(np.random.default_rng(1), 20)
    told = Annotations(one.beats[:10], fluttering=[(one.beats[10] - 5, 10**9)])
    counts = count_beats("one", [one.signal], one.rate, told)
    assert (counts.hits, counts.wanted, counts.found) == (10, 10, 10)


def test_windows_of_two_rhythms_do_not_count() -> None:
    one = fibrillating(np.random.default_rng(1), 90)
    told = Annotations(one.beats, [(0, "N"), (45 * one.rate, "AFIB")])
    counts = count_windows("one", one.signal, one.rate, told, 30)
    assert counts.wanted == 1
    assert counts.found + counts.silent == 2


def test_shares_have_intervals_over_records_and_perfection_is_not_certainty() -> None:
    perfect = [Counts(f"{n}", 10, 10, 10) for n in range(10)]
    assert share(perfect, "wanted") == "100.00 % (100 of 100; 95 %: from 70 %)"
    mixed = [*perfect, Counts("bad", 0, 100, 10)]
    low, high = share(mixed, "wanted").split("95 %: ")[1].removesuffix(" %)").split(" to ")
    assert float(low) < 50 < float(high)
    assert share([Counts("none", 0, 0, 0)], "found") == "none to count"


def test_without_records_the_bench_says_that_it_measures_synthetic_ones() -> None:
    first, *rest = lines(None)
    assert first.startswith("SYNTHETIC")
    assert "nothing about patients" in first
    assert any("sensitivity 100.00 %" in line for line in rest)


def test_a_folder_without_annotated_records_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HilError, match="none"):
        list(lines(tmp_path))
    with pytest.raises(HilError, match="MIT format"):
        read_annotations(tmp_path / "100.atr")
