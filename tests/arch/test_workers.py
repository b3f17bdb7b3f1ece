"""Who runs what; a test that hangs or crashes costs that test: pytest with our plugin and three workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANGS = """
import time
import pytest

@pytest.mark.timeout(1)
def test_hangs():
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass
"""
DIES = """
import os

def test_dies():
    with open("begun", "a") as begun:
        begun.write("x")
    os._exit(1)
"""
DOES_NOT_END = """
import pathlib
import time

def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        try:
            pathlib.Path("hung").touch(exist_ok=False)
        except FileExistsError:
            return
        time.sleep(1000)
"""
IN_GROUPS = """
import time
import pytest

@pytest.mark.parametrize("group", [
    pytest.param(name, marks=pytest.mark.xdist_group(name))
    for name in ("cameras", *(f"browser/{n}" for n in range(5)), *(f"light/{n}" for n in range(8)))
    for _ in range(2)
])
def test_takes_a_while(group):
    for what in ("begins", "ends"):
        with open("log", "a") as log:
            log.write(f"{what} {group}\\n")
        time.sleep(0.2 * (what == "begins"))
"""
PASSES = "def test_{}(): pass\n"


def run(folder: Path, test: str, others: int, ends: int = pytest.ExitCode.TESTS_FAILED) -> str:
    (folder / "pytest.ini").write_text("[pytest]\ntimeout = 60\ngrace = 2\n")
    (folder / "test_one.py").write_text(test + "".join(PASSES.format(number) for number in range(others)))
    options = ["-p", "tests.support.workers", "-p", "no:cacheprovider", "-n", "3", "--dist", "loadgroup"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ends, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("others", [0, 1, 2, 3, 6, 40])
def test_a_test_that_takes_its_worker_down_fails_once_and_all_others_are_run(
    tmp_path: Path, others: int
) -> None:
    said = run(tmp_path, DIES, others)

    assert "1 failed" in said
    assert others == 0 or f"{others} passed" in said
    assert (tmp_path / "begun").read_text() == "x"


def test_a_test_that_hangs_over_its_alarm_fails_and_tells_where_it_was(tmp_path: Path) -> None:
    said = run(tmp_path, HANGS, 6)

    assert "1 failed, 6 passed" in said
    assert "in test_hangs" in said


def test_a_worker_that_does_not_end_is_ended(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(DOES_NOT_END)

    said = run(tmp_path, "", 6, pytest.ExitCode.OK)

    assert "6 passed" in said
    assert "in pytest_sessionfinish" in said


def test_of_those_with_a_browser_two_are_at_once_and_groups_stay_together(tmp_path: Path) -> None:
    assert "28 passed" in run(tmp_path, IN_GROUPS, 0, pytest.ExitCode.OK)

    running: list[str] = []
    most = 0
    for line in (tmp_path / "log").read_text().splitlines():
        what, group = line.split()
        if what == "begins":
            assert group not in running
            running.append(group)
            most = max(most, sum(not one.startswith("light") for one in running))
        else:
            running.remove(group)
    assert most == 2
