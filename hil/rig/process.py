"""A process that is to be killed, frozen, and started again: not by itself, only when told.

gateway = Process("gateway", ["-m", "wardlink", "gateway", "run", str(config)], folder / "gateway.log")
gateway.start(); gateway.freeze(); gateway.thaw(); gateway.kill(); gateway.stop()
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hil.errors import NotReady

ROOT = Path(__file__).parents[2]
_GRACE_S = 10.0
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """`argv` with its output in `log`, started again at the end of it."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        *,
        cwd: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._argv = argv
        self._cwd = cwd
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process and running else None

    def start(self) -> None:
        """Begin, unless it runs."""
        if self.pid:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), **self._environment},
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 - one system call, which takes no lock
            )

    def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process is None or self.pid is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> int:
        """`kill -9`. Returns how it ended: -9 if it was that. Raises NotReady if it does not run."""
        process = self._running()
        process.kill()
        return process.wait()

    def freeze(self) -> bool:
        """SIGSTOP. Whether the kernel says that it is stopped. Raises NotReady if it does not run."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        stopped = os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        return stopped is not None and stopped.si_status == signal.SIGSTOP

    def thaw(self) -> None:
        """SIGCONT. Raises NotReady if it does not run."""
        self._running().send_signal(signal.SIGCONT)

    def last_lines(self, count: int = 8) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            raise NotReady(f"{self.name} does not run; {self.log} ends:\n{self.last_lines()}")
        return self._process
