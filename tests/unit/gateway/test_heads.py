"""A gateway keeps the controller's heads: each minute one, no torn line, a bounded file, whatever is sent."""

from pathlib import Path

import pytest

from gateway import heads
from gateway.heads import EARLIER, EVERY_S, FILE, HeadFile

MINUTE = 60_000_000_000


def lines(folder: Path, name: str = FILE) -> list[str]:
    return (folder / name).read_text(encoding="ascii").splitlines()


def test_each_new_head_is_a_line_that_only_the_owner_reads(tmp_path: Path) -> None:
    kept = HeadFile(tmp_path / "audit")
    assert [kept.take(f"head-{n}", n * MINUTE) for n in range(3)] == [True] * 3
    assert lines(tmp_path / "audit") == ["head-0", "head-1", "head-2"]
    assert (tmp_path / "audit" / FILE).stat().st_mode & 0o777 == 0o600


def test_the_same_head_again_is_not_written_again(tmp_path: Path) -> None:
    kept = HeadFile(tmp_path)
    kept.take("head-1", 0)
    assert not kept.take("head-1", MINUTE)
    assert lines(tmp_path) == ["head-1"]


def test_a_flood_of_heads_pushes_none_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MOST_BYTES", 100)
    kept = HeadFile(tmp_path)
    kept.take("the-true-one", 0)
    for n in range(10_000):
        kept.take(f"forged-{n}", n * (EVERY_S * 1_000_000_000 - 1) // 10_000)
    assert lines(tmp_path) == ["the-true-one"]


def test_the_file_is_bounded_and_the_one_before_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "MOST_BYTES", 50)
    kept = HeadFile(tmp_path)
    for n in range(20):
        kept.take(f"head-{n:04}", n * MINUTE)
    assert lines(tmp_path, EARLIER) == [f"head-{n:04}" for n in range(10, 15)]
    assert lines(tmp_path) == [f"head-{n:04}" for n in range(15, 20)]


def test_half_a_line_that_a_power_cut_left_goes(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("head-1\nhea")
    HeadFile(tmp_path).take("head-2", 0)
    assert lines(tmp_path) == ["head-1", "head-2"]


def test_a_disk_that_takes_nothing_is_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("not a folder")
    kept = HeadFile(tmp_path / "audit")
    with pytest.raises(OSError, match="audit"):
        kept.take("head-1", 0)
    (tmp_path / "audit").unlink()
    assert kept.take("head-1", 0)
