"""A data folder has one demo."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hil.errors import DemoRunning
from hil.lock import locked

HOLDER = """
import sys
from pathlib import Path
from hil.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_which_process_is_the_first(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    with locked(path), pytest.raises(DemoRunning, match=rf"process {os.getpid()}\).*--data"), locked(path):
        pass


def test_the_lock_can_be_taken_again_after_it_was_released(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path / "demo.lock"):
            assert str(os.getpid()) in (tmp_path / "demo.lock").read_text()


def test_a_killed_holder_leaves_no_lock_behind(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DemoRunning), locked(path):
            pass
        holder.kill()
        holder.wait()
    with locked(path):
        pass
