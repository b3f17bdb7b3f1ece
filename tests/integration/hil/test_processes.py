"""Children are kept alive, logged, stopped by their pid, and never outlive their parent."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from hil.processes import Kept
from tests.support.radio import until

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = """
import asyncio, sys
from pathlib import Path
from hil.processes import Kept
async def main():
    child = Kept("child", [sys.executable, "-c", sys.argv[2]], log=Path(sys.argv[1]), died=print)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


class Deaths(list[tuple[str, int, list[str]]]):
    def __call__(self, name: str, status: int, lines: list[str]) -> None:
        self.append((name, status, lines))


def child(code: str, tmp_path: Path, deaths: Deaths) -> Kept:
    return Kept("child", [sys.executable, "-c", code], log=tmp_path / "logs" / "child.log", died=deaths)


async def up(kept: Kept, times: int = 1) -> None:
    await until(lambda: kept.log.exists() and kept.log.read_text().count("up") == times)


async def test_a_killed_process_is_started_again_and_its_death_is_told(tmp_path: Path) -> None:
    deaths = Deaths()
    kept = child(SLEEPER, tmp_path, deaths)
    await kept.start()
    await up(kept)
    first = kept.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await up(kept, times=2)
    assert deaths == [("child", -signal.SIGKILL, ["up"])]
    assert kept.pid not in {None, first}
    await kept.stop()


async def test_stopping_is_no_death_and_nothing_is_started_again(tmp_path: Path) -> None:
    deaths = Deaths()
    kept = child(SLEEPER, tmp_path, deaths)
    await kept.start()
    await up(kept)
    pid = kept.pid
    await kept.stop()
    assert (deaths, kept.pid, kept.starts) == ([], None, 1)
    assert not psutil.pid_exists(pid or 0)


async def test_a_process_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    kept = child(STUBBORN, tmp_path, Deaths())
    await kept.start()
    await up(kept)
    pid = kept.pid
    await kept.stop(grace_s=0.2)
    assert not psutil.pid_exists(pid or 0)


async def test_a_process_that_cannot_start_is_tried_more_and_more_seldom(tmp_path: Path) -> None:
    deaths = Deaths()
    kept = child("raise SystemExit('no such thing')", tmp_path, deaths)
    await kept.start()
    await until(lambda: len(deaths) == 2)
    await kept.stop()
    assert deaths[0] == ("child", 1, ["no such thing"])
    assert kept.starts <= 3


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log"), SLEEPER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        process = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    process.wait(timeout=20)
