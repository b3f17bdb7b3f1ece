"""The scores of all beds: when they are sent, and what they say."""

from typing import Any

import pytest

from controller.api.score_schemas import Score
from controller.live import Place, Value
from controller.scores.board import AGAIN_MS, Scoreboard
from controller.scores.entries import Assessment
from devices.model.observation import Quality

NOW_MS = 2_000_000_000_000


def value(metric: str, number: float, age_s: float = 0, quality: int = 0, device: str = "monitor-1") -> Value:
    at_us = int((NOW_MS - age_s * 1000) * 1000)
    return Value(device, metric, Place(b"boot", at_us, at_us), None, number, None, quality)


FULL = [
    value("rr", 16),
    value("spo2", 97),
    value("nibp_sys", 120, age_s=900),
    value("hr", 72),
    value("temp_core", 37.0, age_s=5),
]
ENTRIES = [
    Assessment("bed-1", "consciousness", {"acvpu": "A"}, NOW_MS - 60_000, "anna"),
    Assessment("bed-1", "oxygen", {"on": False, "l_min": None}, NOW_MS - 60_000, "anna"),
]


@pytest.fixture
def board() -> Scoreboard:
    scoreboard = Scoreboard()
    scoreboard.assessed(ENTRIES)
    return scoreboard


def look(board: Scoreboard, *values: Value, later_ms: int = 0) -> list[dict[str, Any]]:
    fresh = board.look({"bed-1": values} if values else {}, NOW_MS + later_ms)
    for item in fresh:
        Score.model_validate(item)
    return fresh


def part(item: dict[str, Any], parameter: str) -> dict[str, Any]:
    return next(one for one in item["news2"]["parts"] if one["parameter"] == parameter)


def test_a_complete_score_is_a_number_with_the_age_of_its_oldest_part(board: Scoreboard) -> None:
    [item] = look(board, *FULL)
    assert item["news2"]["total"] == item["news2"]["least"] == 0
    assert item["news2"]["risk"] == "low"
    assert item["news2"]["oldest_ms"] == NOW_MS - 900_000


def test_each_part_names_its_source_its_value_and_its_time(board: Scoreboard) -> None:
    [item] = look(board, *FULL)
    pressure = part(item, "systolic")
    assert (pressure["metric"], pressure["device"], pressure["value"]) == ("nibp_sys", "monitor-1", 120)
    assert (pressure["points"], pressure["reason"], pressure["at_ms"]) == (0, "111–219", NOW_MS - 900_000)
    assert part(item, "consciousness")["value"] == "A"
    assert part(item, "consciousness")["metric"] is None


def test_a_flawed_value_makes_the_score_incomplete(board: Scoreboard) -> None:
    artifact = value("spo2", 60, quality=Quality.ARTIFACT)
    [item] = look(board, *(one for one in FULL if one.metric != "spo2"), artifact)
    assert item["news2"]["total"] is None
    assert item["news2"]["missing"] == ["spo2"]
    assert part(item, "spo2")["lack"] == "flawed"


def test_what_did_not_change_is_sent_again_only_after_a_while(board: Scoreboard) -> None:
    assert len(look(board, *FULL)) == 1
    assert look(board, *FULL, later_ms=1000) == []
    assert len(look(board, *FULL, later_ms=AGAIN_MS)) == 1


def test_other_points_are_sent_at_once(board: Scoreboard) -> None:
    look(board, *FULL)
    [item] = look(board, *FULL[:-2], value("hr", 95), FULL[-1], later_ms=1000)
    assert (item["news2"]["total"], part(item, "pulse")["reason"]) == (1, "91–110")


def test_a_value_that_grows_old_is_missing_though_nothing_comes(board: Scoreboard) -> None:
    look(board, *FULL)
    [item] = look(board, *FULL, later_ms=10_001)
    assert set(item["news2"]["missing"]) == {"respiration", "spo2", "pulse"}
    assert part(item, "pulse")["lack"] == "stale"


def test_a_bed_without_anything_is_told_once_to_have_no_score() -> None:
    board = Scoreboard()
    look(board, *FULL)
    [gone] = look(board, later_ms=1000)
    assert gone["news2"] is None
    assert board.items == []
    assert look(board, later_ms=2000) == []


def test_another_patient_has_nothing_of_the_one_before(board: Scoreboard) -> None:
    look(board, *FULL)
    board.assessed([])
    [item] = look(board, *FULL, later_ms=1000)
    assert item["news2"]["missing"] == ["oxygen", "consciousness"]


def test_scale_2_holds_for_the_stay_and_asks_for_oxygen() -> None:
    board = Scoreboard()
    scale = Assessment("bed-1", "scale", {"spo2": 2}, NOW_MS - 86_400_000 * 7, "ben")
    oxygen = Assessment("bed-1", "oxygen", {"on": True, "l_min": 2.0}, NOW_MS, "anna")
    board.assessed([ENTRIES[0], scale, oxygen])
    [item] = look(board, *FULL)
    assert item["news2"]["scale"] == 2
    spo2 = part(item, "spo2")
    assert (spo2["points"], spo2["reason"], spo2["under"]) == (3, "≥97", "oxygen")
    assert part(item, "oxygen")["value"] == 2.0


def test_the_shock_index_has_both_ages(board: Scoreboard) -> None:
    [item] = look(board, *FULL)
    told = {"value": 0.6, "pulse": 72, "pulse_ms": NOW_MS}
    assert item["shock_index"] == {**told, "systolic": 120, "systolic_ms": NOW_MS - 900_000}


@pytest.mark.parametrize("gone", ["hr", "nibp_sys"])
def test_there_is_no_shock_index_without_one_of_the_two(board: Scoreboard, gone: str) -> None:
    [item] = look(board, *(one for one in FULL if one.metric != gone))
    assert item["shock_index"] is None


def test_an_old_coma_scale_is_told_as_old(board: Scoreboard) -> None:
    gcs = Assessment("bed-1", "gcs", {"eye": 3, "verbal": None, "motor": 6}, NOW_MS, "anna")
    board.assessed([*ENTRIES, gcs])
    [item] = look(board, *FULL)
    assert item["gcs"] == {"total": None, "text": "E3 VNT M6", "at_ms": NOW_MS, "old": False}
    [item] = look(board, *FULL, later_ms=4 * 3_600_000 + 1)
    assert item["gcs"]["old"]
