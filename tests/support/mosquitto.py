"""A hospital's own mosquitto on loopback, set up as its administrator does it, kept by an `ExternalBroker`.

async with running_mosquitto(tmp_path, "ward-a") as hospital:
    async with hospital.client("ward-a") as gateway: ...
"""

import asyncio
import contextlib
import getpass
import json
import secrets
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt
from cryptography import x509

from controller.clock import SystemClock
from controller.external_access import CONTROL, RESPONSE, username
from controller.external_broker import ExternalBroker
from controller.external_files import CONF, RULES, Place, broker_files, controller_name
from controller.files import write_private
from controller.identity.authority import Authority
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.identity.site import distinguished
from controller.registry import CONTROLLER
from devices.model.observation import Priority
from gateway.enrolment.identity import IdentityFolder
from hil.identities import made, now, of_controller
from tests.support.broker_process import free_port
from tests.support.sender import until
from tests.support.waiting import wait_for


class ShiftedClock(SystemClock):
    """The host's clocks, and the time that a test has let pass without waiting for it."""

    passed_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.passed_us

    def utc_us(self) -> int:
        return super().utc_us() + self.passed_us


class Mosquitto:
    """The process. `files` is the folder that `broker-config` made, with itself as the place on the host."""

    def __init__(self, files: Path, port: int, more: str = "") -> None:
        self.port = port
        self._files = files
        self._first_rules = (files / RULES).read_bytes()
        self._config = files / "mosquitto.conf"
        listener = f"listener {port}\n"
        ours = (files / CONF).read_text(encoding="utf-8")
        assert listener in ours
        log = f"user {getpass.getuser()}\nlog_dest file {files / 'log'}\nlog_type all\n"
        text = log + ours.replace(listener, f"listener {port} 127.0.0.1\n") + more
        self._config.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        tool = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin") or "mosquitto"
        self._process = subprocess.Popen([tool, "-c", str(self._config)], stderr=subprocess.DEVNULL)
        wait_for(self._listens, "mosquitto listens")

    def forget(self) -> None:
        """While it is down it loses all but what the administrator once gave it."""
        (self._files / RULES).write_bytes(self._first_rules)

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self) -> None:
        """As a crash ends it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """What it says."""
        return (self._files / "log").read_text(encoding="utf-8")

    def rules(self) -> dict[str, Any]:
        """What its plugin holds: it writes that down at each change. Empty while it writes."""
        try:
            return json.loads((self._files / RULES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def users(self) -> set[str]:
        """The user names that its plugin knows."""
        return {one["username"] for one in self.rules().get("clients", [])}


@dataclass
class Hospital:
    """A running mosquitto, the part of the controller that keeps it, and its clients."""

    folder: Path
    mosquitto: Mosquitto
    authority: Authority
    tls: dict[str, ssl.SSLContext]
    """Of "controller" and the gateways."""
    certificates: dict[str, x509.Certificate] = field(default_factory=dict[str, x509.Certificate])
    told: list[tuple[str, Priority]] = field(default_factory=list[tuple[str, Priority]])
    """What the broker's condition was said to be."""
    clock: ShiftedClock = field(default_factory=ShiftedClock)
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The controller starts, and knows of no gateway yet."""
        url = f"mqtts://127.0.0.1:{self.mosquitto.port}"
        self.broker = ExternalBroker(
            url, self.folder / FOLDER, self.clock, lambda *what: self.told.append(what)
        )
        self._task = asyncio.create_task(self.broker.run())

    async def end(self) -> None:
        """The controller is gone."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def client(self, name: str, tls: ssl.SSLContext | None = None, **options: Any) -> aiomqtt.Client:
        """A client that shows the certificate of `name`, or another one."""
        options = {"identifier": secrets.token_hex(8), "timeout": 5, **options}
        return aiomqtt.Client("127.0.0.1", self.mosquitto.port, tls_context=tls or self.tls[name], **options)

    async def admit(self, *gateways: str, also: dict[str, str] | None = None) -> None:
        """Let these in, by their certificates, others by a distinguished name, and nobody else."""
        wanted = {distinguished(self.certificates[name]): name for name in gateways} | (also or {})
        self.broker.configure(controller_name(self.broker.ca), wanted)
        await self.knows(*wanted)

    async def knows(self, *names: str) -> None:
        """Wait until the broker knows these, the controller, and nobody else of ours."""
        wanted = {username(name) for name in (*names, controller_name(self.broker.ca))}
        await until(lambda: {one for one in self.mosquitto.users() if "O=Wardlink" in one} == wanted)

    async def ask(self, *commands: dict[str, Any]) -> list[dict[str, Any]]:
        """As an administrator: commands of the plugin."""
        async with self.client(CONTROLLER) as admin:
            await admin.subscribe(RESPONSE, qos=1)
            await admin.publish(CONTROL, json.dumps({"commands": commands}))
            async with asyncio.timeout(20):
                message = await anext(aiter(admin.messages))
        assert isinstance(message.payload, bytes)
        return json.loads(message.payload)["responses"]


def set_up(folder: Path, ca: Path, *, more: str = "") -> Mosquitto:
    """What an administrator does with what `broker-config` makes; not started."""
    authority, at = open_authority(ca, now()), now()
    keep_controller(ca, authority, CONTROLLER, at, Lives().controller)
    port = free_port()
    place = Place("127.0.0.1", port, folder, controller_name(ca))
    for name, text in broker_files(place, authority, at).items():
        write_private(folder / name, text)
    return Mosquitto(folder, port, more)


@asynccontextmanager
async def running_mosquitto(folder: Path, *gateways: str, more: str = "") -> AsyncIterator[Hospital]:
    """A mosquitto that lets `gateways` in, and the controller. `more`: lines of its configuration."""
    ca = folder / FOLDER
    authority = open_authority(ca, now() - timedelta(days=10))
    mosquitto = set_up(folder / "mosquitto", ca, more=more)
    mosquitto.start()
    hospital = Hospital(folder, mosquitto, authority, {CONTROLLER: of_controller(ca)})
    for name in gateways:
        where = folder / "identities" / name
        hospital.certificates[name] = made(authority, name, where, hospital.broker.url, now())
        hospital.tls[name] = IdentityFolder(where).context()
    try:
        await hospital.admit(*gateways)
        yield hospital
    finally:
        mosquitto.kill()
        await hospital.end()
