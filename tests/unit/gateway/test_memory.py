"""What a device's codecs remember survives restarts and power cuts, and what cannot be read is forgotten."""

from pathlib import Path

import pytest

from devices.model.identity import device_id
from gateway.memory import forget_memory, load_memory, save_memory

METER, OTHER = device_id("meter-1"), device_id("meter-2")


def test_a_memory_comes_back_and_is_the_device_s_own(tmp_path: Path) -> None:
    save_memory(tmp_path / "devices", METER, {"sequence": 17})
    assert load_memory(tmp_path / "devices", METER) == {"sequence": 17}
    assert load_memory(tmp_path / "devices", OTHER) == {}


def test_a_new_memory_replaces_the_old_one(tmp_path: Path) -> None:
    save_memory(tmp_path, METER, {"sequence": 17, "resets": 1})
    save_memory(tmp_path, METER, {"sequence": 18})
    assert load_memory(tmp_path, METER) == {"sequence": 18}


def test_a_save_that_a_power_cut_interrupted_leaves_the_old_one(tmp_path: Path) -> None:
    save_memory(tmp_path, METER, {"sequence": 17})
    (tmp_path / "meter-1.new").write_text('{"sequence": 1')
    assert load_memory(tmp_path, METER) == {"sequence": 17}


@pytest.mark.parametrize("content", ["", "{", "[1]", '"x"', '{"sequence": "17"}'])
def test_what_is_no_memory_counts_as_none_so_that_all_is_fetched_again(tmp_path: Path, content: str) -> None:
    (tmp_path / "meter-1.json").write_text(content)
    assert load_memory(tmp_path, METER) == {}


def test_what_is_wiped_is_gone_a_half_written_file_too_and_others_stay(tmp_path: Path) -> None:
    for name in ("meter-1", "meter-2"):
        save_memory(tmp_path, device_id(name), {"fetched": 7})
    (tmp_path / "meter-1.new").write_text("{")
    forget_memory(tmp_path, "meter-1")
    forget_memory(tmp_path, "meter-9")
    assert [path.name for path in tmp_path.iterdir()] == ["meter-2.json"]
