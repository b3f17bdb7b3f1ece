"""The screen bench: what is painted is matched with what was sent, and judged by what the machine draws."""

from pathlib import Path

import pytest

from hil.bench import screen
from hil.bench.listen import Span
from hil.bench.screen import Delays, Screen
from hil.bench.screen_gateway import Counting
from hil.bench.screen_page import Watched
from hil.bench.site import Used
from hil.sims.emitted import Emitted
from hil.ward import SERIAL_OXIMETER, Folder

MS = 1_000_000
SENT = {("bed-1", "hr"): [(0, "61"), (100 * MS, "62"), (200 * MS, "61")]}


def watched(frame_ms: list[float]) -> Watched:
    return Watched(10, [], frame_ms, [60.0], 0.3, 0.1, 0.2, 10)


def measured(board: list[float], empty: list[float], strange: int = 0) -> Screen:
    span = Span(0, 1, {"controller": Used(0.1, 80), "gateway": Used(0.2, 60)}, 14, 80_000)
    return Screen(50, Delays([10.0, 20.0], strange), Delays([5.0], 0), watched(board), watched(empty), span)


def test_a_number_counts_from_the_last_time_that_it_was_sent() -> None:
    arrived = [
        ("bed-1", "hr", "61", 150 * MS),
        ("bed-1", "hr", "61", 250 * MS),
        ("bed-1", "hr", "62", 150 * MS),
    ]
    assert screen.delays(SENT, arrived) == Delays([150, 50, 50], 0)


def test_a_number_that_nobody_sent_yet_is_strange() -> None:
    arrived = [("bed-1", "hr", "62", 50 * MS), ("bed-2", "hr", "61", 50 * MS)]
    assert screen.delays(SENT, arrived) == Delays([], 2)


def test_values_are_compared_as_a_tile_writes_them() -> None:
    assert screen.text("hr", 61.0) == "61"
    assert screen.text("temp_body", 37) == "37.0"
    assert screen.text("spo2", None) == "--"


def test_what_a_device_sent_is_found_by_its_bed_and_vital_sign(tmp_path: Path) -> None:
    folder, ward = Folder(tmp_path), screen.fifty(1)
    folder.save(ward.devices)
    for device in ward.devices:
        with Emitted(folder.emitted(device.id)) as emitted:
            emitted.sent(5, {"hr": 61, "pr_spo2": 62, "temp_body": 36.96})
    assert screen.sent_in(folder) == {
        ("bed-1", "hr"): [(5, "61")] * 3,
        ("bed-1", "temp"): [(5, "37.0")] * 3,
    }


def test_each_of_fifty_beds_has_a_strap_a_thermometer_and_a_pleth() -> None:
    ward = screen.fifty(50)
    assert len(ward.devices) == 150
    assert sum(device.profile == SERIAL_OXIMETER for device in ward.devices) == 50


def test_every_number_of_a_counting_patient_differs_from_those_before() -> None:
    patient = Counting(3)
    for tell, different in ((patient.heart_rate, 180), (patient.spo2, 51), (patient.temperature, 120)):
        assert len({f"{tell(0):.1f}" for _ in range(different)}) == different


@pytest.mark.parametrize(
    ("board", "empty", "found"),
    [
        ([1000 / 56] * 9, [1000 / 60] * 9, []),
        ([1000 / 50] * 9, [1000 / 60] * 9, ["fewer than 55 frames/s"]),
        ([1000 / 39] * 9, [1000 / 40] * 9, []),
        ([1000 / 30] * 9, [1000 / 40] * 9, ["fewer than 38 frames/s"]),
    ],
)
def test_too_few_frames_are_those_that_the_machine_could_have_drawn(
    board: list[float], empty: list[float], found: list[str]
) -> None:
    assert screen.problems(measured(board, empty)) == found


def test_a_number_that_no_device_sent_is_a_problem() -> None:
    assert screen.problems(measured([16.7], [16.7], strange=3)) == ["3 numbers that no device sent"]


def test_each_row_has_its_baseline_beside_it() -> None:
    rows = {row.what: row for row in screen.rows(measured([20.0] * 9, [16.0] * 9))}
    frames = rows["frames/s (≥ 55)"]
    assert (frames.measured, frames.baseline[:4]) == ("50.0", "62.5")
    assert rows["sensor → number painted, p50 / p99, ms"].measured == "20 / 20"
