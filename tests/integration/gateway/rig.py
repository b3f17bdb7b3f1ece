"""What the gateway's integration tests stand on."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import tty
from pathlib import Path

from devices.codecs.nonin_packet import Packet

ROOT = Path(__file__).parents[3]


class Ox:
    """An oximeter behind a PTY. Its pulse rate counts up, so that each packet can be told from the next."""

    def __init__(self, every_s: float = 0.05) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._every_s = every_s
        self.spo2 = 97
        self.silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self) -> None:
        rate = 0
        while not self._stop.wait(self._every_s):
            if self.silent:
                continue
            rate = (rate + 1) % 200
            packet = Packet(rate=rate + 30, spo2=self.spo2, pleth=tuple(range(25)))
            # Nobody reads: what a serial line cannot deliver is gone.
            with contextlib.suppress(BlockingIOError):
                os.write(self._master, packet.encode())

    def __enter__(self) -> "Ox":
        os.set_blocking(self._master, False)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)


def write_config(
    folder: Path, address: str, port: str, *, identity: Path | None = None, extra: str = ""
) -> Path:
    if identity is not None:
        shutil.copytree(identity, folder / "gateway-data" / "identity")
    path = folder / "ward-a.toml"
    path.write_text(
        f"""
[gateway]
id = "ward-a"
[controller]
address = "{address}"
{extra}
[[device]]
id = "ox-1"
profile = "nonin-xpod"
bed = "bed-1"
port = "{port}"
""",
        encoding="utf-8",
    )
    return path


class GatewayProcess:
    """`wardlink gateway run CONFIG` as a process."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "GatewayProcess":
        command = [sys.executable, "-m", "wardlink", "gateway", "run", str(self.config)]
        log = (self.config.parent / "gateway.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        return self

    def end(self, how: signal.Signals) -> int:
        """Send the signal and wait for the end. Returns the exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(15)

    def __enter__(self) -> "GatewayProcess":
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process and self.process.poll() is None:
            self.end(signal.SIGKILL)
