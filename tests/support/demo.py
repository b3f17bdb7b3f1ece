"""`wardlink demo` as a process, and what it prints.

demo = Demo(folder, "--port", "0")
demo.says("first value after")
demo.pid("controller")
"""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
DEADLINE_S = 300.0


class Told:
    """A `wardlink demo` that runs."""

    def __init__(self, data: Path, *options: str) -> None:
        command = [sys.executable, "-m", "wardlink", "demo", "--data", str(data), *options]
        self.data = data
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "150"},
            stdin=subprocess.DEVNULL,
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

    def says(self, pattern: str, after: int = 0, seconds: float = DEADLINE_S) -> str:
        """The first line, from line `after` on, that matches."""

        def found() -> str | None:
            return next((line for line in self.lines[after:] if re.search(pattern, line)), None)

        with self._news:
            assert self._news.wait_for(found, seconds), f"never said {pattern!r}:\n{self.output}"
            return found() or ""

    def ends(self, seconds: float = DEADLINE_S) -> int:
        return self.process.wait(seconds)


class Demo(Told):
    """The one that is there for others, with processes of its own."""

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
