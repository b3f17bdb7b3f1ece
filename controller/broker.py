"""The message broker: a nats-server child process, kept alive, that ends when the controller does.

It is a pipe and never a store: what it kept is thrown away at every start (blocks without a receipt
are sent again by their gateways).

    broker = Broker(folder, ca, "127.0.0.1", 8883)
    broker.prepare()                     # ends a stale one, takes a free port
    broker.configure(controller, users)  # again whenever that changes: no other connection is lost
    await broker.run()                   # until cancelled
"""

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
from controller.child import END_S, Child, guarded
from controller.files import write_private
from controller.identity.files import SERVER
from controller.identity.takeover import ISSUERS
from controller.ports import free_port

log = logging.getLogger(__name__)


class Broker:
    """One nats-server, its folder (configuration, log, process id) and its MQTT address."""

    own = True
    again_s = 0.2  # it is on this machine

    def __init__(self, folder: Path, ca: Path, host: str, port: int, *, member: str = "") -> None:
        """`member`: see controller/broker_config.py."""
        self.folder = folder
        self._member = member
        self.ca = ca
        """The authority's folder (controller/identity/files.py)."""
        self.host = host
        self.port = port
        self._admitted: tuple[str, Mapping[str, str]] | None = None
        self._configured = ""
        self._child = Child("the broker", self._command, str(self._log))

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"mqtts://{self.host}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._child.pid

    @property
    def starts(self) -> int:
        """How often it was started."""
        return self._child.starts

    def prepare(self) -> None:
        """End what an earlier controller left behind, choose a port. Raises BrokerError, ControllerError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._end_stale()
        self.port = free_port(self.host, self.port, "MQTT")

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let exactly these in: the controller, and gateways by the distinguished name of a certificate.

        A running broker takes news over at once: who is not among them any more is disconnected.
        """
        if (controller, gateways) == self._admitted:
            return
        at = Listener(self.host, self.port, self.ca / SERVER, self.ca / ISSUERS, self._member)
        text = broker_config(self.folder, at, controller, gateways)
        write_private(self._config, text)
        self._admitted = controller, dict(gateways)
        self._configured = text
        self.reload()

    def reload(self) -> None:
        """Have a running broker read its configuration and its certificate again."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGHUP)

    async def run(self) -> None:
        """Keep the broker running until cancelled, then end it. Raises ChildError."""
        await self._child.run()

    def _command(self) -> list[str]:
        shutil.rmtree(self.folder / "pipe", ignore_errors=True)
        if not self._config.exists():  # whoever took the broker may have taken its folder
            write_private(self._config, self._configured)
        return command(self._config)

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
    """How the broker is started."""
    return guarded([str(Path(sys.executable).with_name("nats-server")), "-c", str(config)])


def command_line(pid: int) -> list[str]:
    """The arguments of a process; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
