"""`wardlink demo` as a person starts it: real processes, a real broker, the virtual radio, PTYs."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 90.0
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(240)]


class Demo:
    """A running demo and what it prints."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "wardlink", "demo", "--data", str(data), *options]
        self.data = data
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "150"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip())
                self._news.notify_all()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def says(self, pattern: str, after: int = 0) -> str:
        """The first line, from line `after` on, that matches."""

        def found() -> str | None:
            return next((line for line in self.lines[after:] if re.search(pattern, line)), None)

        with self._news:
            assert self._news.wait_for(found, DEADLINE_S), f"never said {pattern!r}:\n{self.output}"
            return found() or ""

    def ends(self) -> int:
        return self.process.wait(DEADLINE_S)

    def pid(self, name: str) -> int:
        match = re.search(r"process (\d+)", self.says(rf"^  {name} +process \d+"))
        assert match
        return int(match[1])

    def left_over(self) -> list[psutil.Process]:
        return [p for p in psutil.process_iter() if str(self.data) in " ".join(command_line(p))]


def command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def all_live(demo: Demo, after: int = 0) -> None:
    demo.says(r"7/7 beds live, 23/23 devices connected, gateway amb-1 online, ward-a online, 0 blocks", after)


def test_a_headless_run_proves_itself_and_a_second_start_continues_it(tmp_path: Path) -> None:
    pins: list[str] = []
    for run in (1, 2):
        demo = Demo(tmp_path / "data", "--seconds", "6", "--headless", "--port", "0")
        assert demo.ends() == 0, demo.output
        assert "Nothing is missing, nothing is twice." in demo.output
        demo.says("first value after")
        # A journal of each gateway for each start.
        assert len(re.findall(r"│ vital +│", demo.output)) == 2 * run
        pins.append(demo.says(r"Name and PIN: +kim +\d{6}$"))
        for device in ("hr-1", "temp-6", "ox-1", "ox-6", "gnss-a", "oxygen-a"):
            demo.says(rf"│ {device} ")
        assert demo.left_over() == []
    assert pins[0] != pins[1]


def test_ctrl_c_leaves_nothing_behind_a_second_demo_is_refused_and_a_busy_port_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        demo = Demo(tmp_path / "data", "--port", str(busy))
        demo.says(f"port {busy} is busy: the board is at http://127.0.0.1:")
        demo.says("first value after")
        second = Demo(tmp_path / "data")
        assert second.ends() == 2
        assert f"another demo (process {demo.process.pid}) uses" in second.output
        all_live(demo)
        demo.process.send_signal(signal.SIGINT)
        assert demo.ends() == 0, demo.output
    assert demo.left_over() == []


def test_killed_gateway_and_controller_come_back_and_nothing_accepted_is_lost(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", "--port", "0")
    all_live(demo)
    for name in ("gateway", "ambulance", "controller"):
        seen = len(demo.lines)
        os.kill(demo.pid(name), signal.SIGKILL)
        demo.says(rf"{name} ended \(killed by signal 9\) and is started again", seen)
        all_live(demo, len(demo.lines))
    demo.process.send_signal(signal.SIGINT)
    assert demo.ends() == 0, demo.output
    assert demo.left_over() == []


def test_a_killed_demo_takes_its_processes_with_it(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", "--port", "0")
    demo.says("first value after")
    processes = demo.left_over()
    demo.process.kill()
    _, alive = psutil.wait_procs(processes, DEADLINE_S)
    assert alive == []
