"""Child processes that are kept alive: each with its own log, started again when it dies, stopped by its pid.

    gateway = Kept("gateway", [sys.executable, "-m", ...], log=folder / "gateway.log", died=print)
    await gateway.start()
    await gateway.stop()

Children stand outside the terminal's process group, so that Ctrl-C reaches only their parent, which stops
them in order; and the kernel sends them SIGTERM when the parent itself is killed.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_GRACE_S = 10.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 5.0
_HEALTHY_S = 10.0
"""A process that lived so long is started again at once; one that dies sooner waits longer each time."""


def _end_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Kept:
    """One child; `died` is told (name, exit status, last lines of its log) each time it dies unasked."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        died: Callable[[str, int, list[str]], None],
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.starts = 0
        self._argv = argv
        self._died = died
        self._cwd = cwd
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def start(self) -> None:
        """Start it, and keep it alive until `stop`."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self, grace_s: float = _GRACE_S) -> None:
        """SIGTERM, and SIGKILL when that has not ended it within `grace_s` seconds."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def restart(self) -> None:
        """Stop it and start it."""
        await self.stop()
        await self.start()

    def last_lines(self, count: int = 8) -> list[str]:
        """The end of its log."""
        with contextlib.suppress(FileNotFoundError):
            return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        return []

    async def _spawn(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._cwd,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            assert self._process is not None
            status = await self._process.wait()
            self._died(self.name, status, self.last_lines())
            pause = _FIRST_PAUSE_S if loop.time() - started > _HEALTHY_S else min(2 * pause, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause)
            await self._spawn()
