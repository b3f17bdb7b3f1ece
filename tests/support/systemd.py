"""What systemd is to a service: a socket that hears it, a limit of silence, and what starts it again.

with Systemd(folder, watchdog_s=1) as systemd, systemd.runs("gateway", "run", config) as process:
    systemd.hears("READY=1")
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0


class Systemd:
    """Of one service. `watchdog_s`: after so much silence it is taken to be stuck."""

    def __init__(self, folder: Path, watchdog_s: float = 1.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.watchdog_s = watchdog_s
        self.environment = {
            "WATCHDOG_USEC": str(int(watchdog_s * 1e6)),
            "NOTIFY_SOCKET": str(folder / "notify"),
        }
        self._socket.bind(self.environment["NOTIFY_SOCKET"])

    def __enter__(self) -> "Systemd":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def hears(self, line: str) -> list[str]:
        """Waits for it; returns the whole message."""
        self._socket.settimeout(PATIENCE_S / 120)
        for _ in range(120):
            try:
                while line not in (said := self._next()):
                    pass
            except TimeoutError:
                assert self._process is None or self._process.poll() is None, self._log.read_text(
                    encoding="utf-8"
                )
            else:
                return said
        raise AssertionError(f"{line} was not said within {PATIENCE_S} s")

    def is_silent(self) -> bool:
        """Whether there was no sign of life in the time in which there has to be one."""
        self._socket.settimeout(0.01)
        try:
            while True:  # what was said before
                self._next()
        except TimeoutError:
            self._socket.settimeout(self.watchdog_s)
        try:
            while "WATCHDOG=1" not in self._next():
                pass
        except TimeoutError:
            return True
        return False

    def _next(self) -> list[str]:
        return self._socket.recv(4096).decode().split("\n")

    @contextmanager
    def runs(self, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
        """`wardlink …` inside the block, as its service."""
        command = [sys.executable, "-m", "wardlink", *map(str, arguments)]
        told = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT)}
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=told)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
