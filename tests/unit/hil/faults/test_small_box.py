"""The box holds whatever is started by its command, says what it had, and is gone afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

from hil.faults.small_box import ROOT, peak_rss_mb, small_box, usable

BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
GREEDY = "x = bytearray(200 << 20); print(len(x))"
WAITS = "import sys; print('up', flush=True); sys.stdin.read()"

needs_groups = pytest.mark.skipif(len(usable()) < 3, reason="needs root and control groups v1")


@needs_groups
def test_a_busy_process_is_held_back_and_its_time_is_counted() -> None:
    with small_box(processors=0.1) as box:
        subprocess.run([*box.argv, sys.executable, "-c", BUSY], check=True)
        used = box.used()
    assert used.waited is not None
    assert used.waited >= 3
    assert used.waited_s
    assert used.cpu_s is not None
    assert used.cpu_s >= 0.3


@needs_groups
def test_a_process_that_wants_more_memory_than_there_is_does_not_get_it() -> None:
    with small_box(memory_mb=64) as box:
        ended = subprocess.run([*box.argv, sys.executable, "-c", GREEDY], check=False, capture_output=True)
        used = box.used()
    assert ended.returncode != 0
    assert used.refused
    assert used.peak_mb == pytest.approx(64, abs=1)
    free = subprocess.run([sys.executable, "-c", GREEDY], check=True, capture_output=True)
    assert free.stdout.strip() == str(200 << 20).encode()


@needs_groups
def test_the_limits_hold_for_whatever_is_started_by_its_command_and_for_nothing_else() -> None:
    with small_box() as box:
        command, pipe = [*box.argv, sys.executable, "-c", WAITS], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as inside:
            assert inside.stdout is not None
            assert inside.stdout.readline() == b"up\n"
            assert box.problems(inside.pid) == []
            assert peak_rss_mb(inside.pid) > 1
            assert len(box.problems(1)) == len(box.groups)
            (box.groups["memory"] / "memory.limit_in_bytes").write_text("-1", encoding="ascii")
            assert "512 MB" in box.problems(inside.pid)[0]
            inside.communicate()


@needs_groups
def test_nothing_of_it_is_left() -> None:
    with small_box() as box:
        places = list(box.groups.values())
        assert all(path.is_dir() for path in places)
    assert not any(path.exists() for path in places)
    assert {path.parents[1] for path in places} == {ROOT}


def test_where_there_are_no_groups_it_says_what_is_not_emulated(tmp_path: Path) -> None:
    with small_box(root=tmp_path) as box:
        assert box.argv == []
        assert box.used().peak_mb is None
        assert box.problems(1) == []
        assert [line.partition(":")[0] for line in box.missing] == ["0.5 of a processor", "512 MB of memory"]


def test_a_process_that_is_gone_has_no_memory() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert peak_rss_mb(ended.pid) == 0
