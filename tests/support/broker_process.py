"""The broker as a process that a test kills and starts again, with the permissions of production."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
from pathlib import Path

from controller.broker import command
from controller.identity.files import FOLDER, open_authority
from controller.orders.signing import Signer
from hil.identities import lone_broker, now
from tests.support.waiting import wait_for


def free_port() -> int:
    """A port that is free now, of those that the kernel never gives away by itself.

    A client of another test would otherwise take it while the killed broker is down.
    """
    while True:
        port = secrets.randbelow(10_000) + 20_000
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class BrokerProcess:
    """`start`, `kill` (SIGKILL) and start again, on the same port; its store is kept between."""

    def __init__(self, folder: Path, *gateways: str) -> None:
        self.port = free_port()
        self.url = f"mqtts://127.0.0.1:{self.port}"
        self._folder = folder
        self._config = folder / "nats.conf"
        _, self.tls = lone_broker(folder, *gateways, port=self.port)
        """For each client: "controller", and the gateways."""
        self.process: subprocess.Popen[bytes] | None = None

    def identity(self, gateway: str) -> Path:
        """The folder with the identity of `gateway`."""
        return self._folder / "identities" / gateway

    @property
    def signer(self) -> Signer:
        """Signs as the controller of this broker's gateways."""
        return Signer(open_authority(self._folder / FOLDER, now()))

    def start(self) -> "BrokerProcess":
        """Start it and wait until it takes connections."""
        self.process = subprocess.Popen(command(self._config), stderr=subprocess.DEVNULL)
        wait_for(self.listens, "the broker listens")
        return self

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self) -> None:
        """As a crash or a power cut ends it."""
        self._end(signal.SIGKILL)
        assert not self.listens()

    def stop(self) -> None:
        """As its supervisor ends it."""
        if self.process and self.process.poll() is None:
            self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, how)
        self.process.wait(10)
