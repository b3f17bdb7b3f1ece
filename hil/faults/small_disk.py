"""A controller, and a gateway whose journal has a small disk that another process can fill.

async with SmallDisk(folder) as disk:
    disk.fill()         another process takes all the space that is left
    disk.free()         and gives it back
"""

import asyncio
import contextlib
import os
import sys
from contextlib import AsyncExitStack
from errno import ENOSPC
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.ports import free_port
from hil.errors import NotReady
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.ward import Folder, six_kinds

_ROOT = Path(__file__).parents[2]
_KILOBYTES, QUOTA_BYTES = 3000, 1_000_000
_CHUNK = 65_536
_START_S = 30.0
_UNSHARED = ("unshare", "--user", "--map-root-user", "--mount")


class SmallDisk:
    """The processes. `emitted` is what the devices sent, `database` what the controller has."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.emitted = folder.root / "emitted"
        self.database = folder.controller / "wardlink.sqlite"
        self._journal = folder.gateway / "journal"
        self.deaths: list[str] = []
        """Processes that ended though nobody ended them."""
        ward = six_kinds(1)
        http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        self._controller_config = write_controller_config(folder, http, mqtt)
        gateway_config = write_gateway_config(folder, ward, f"mqtts://127.0.0.1:{mqtt}")
        with gateway_config.open("a", encoding="utf-8") as file:
            file.write(f"\n[journal]\nquota_mb = {QUOTA_BYTES / 1e6}\n")
        self.controller = self._kept(
            "controller", sys.executable, "-m", "wardlink", "controller", "run", str(self._controller_config)
        )
        gateway = (sys.executable, "-m", "hil.faults.small_disk_gateway", str(gateway_config))
        self.gateway = self._kept("gateway", *_UNSHARED, *gateway, str(_KILOBYTES), str(self.emitted))

    def _kept(self, name: str, *argv: str) -> Kept:
        def died(who: str, status: int, lines: list[str]) -> None:
            self.deaths.append(f"{who} ended with {status}: {lines}")

        return Kept(name, argv, log=self._folder.log(name), died=died, cwd=_ROOT)

    async def __aenter__(self) -> Self:
        """Start everything. Raises NotReady."""
        await enrol(self._folder, self._controller_config, six_kinds(1))
        async with AsyncExitStack() as unfinished:
            unfinished.push_async_callback(self.stop)
            await self.controller.start()
            await self.gateway.start()
            await self._up()
            unfinished.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """The gateway first: it hands over what it has."""
        await self.gateway.stop()
        await self.controller.stop()

    async def _up(self) -> None:
        for _ in range(int(_START_S / 0.1)):
            if self.database.exists() and self.refused() == 0 and self.journal_bytes():
                return
            await asyncio.sleep(0.1)
        raise NotReady(f"not up after {_START_S:.0f} s: see {self._folder.log('gateway')}")

    @property
    def _inside(self) -> Path:
        """The journal's folder as the gateway sees it. Raises NotReady."""
        if self.gateway.pid is None:
            raise NotReady("the gateway does not run")
        return Path(f"/proc/{self.gateway.pid}/root{self._journal.absolute()}")

    def journal_bytes(self) -> int:
        """How much the journal has on its disk."""
        total = 0
        for path in self._inside.rglob("*-*"):
            # The gateway removes files while they are counted.
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def refused(self) -> int:
        """How often the disk has refused the gateway for want of space, by its log."""
        log = self._folder.log("gateway")
        return log.read_text(encoding="utf-8").count(f"[Errno {ENOSPC}]") if log.exists() else 0

    def fill(self) -> int:
        """Take all the space that is left. Returns how many bytes were taken."""
        ballast = os.open(self._inside / "ballast", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        taken = 0
        try:
            for size in (_CHUNK, 4096):
                taken += _write_all(ballast, size)
        finally:
            os.close(ballast)
        return taken

    def free(self) -> None:
        """Give it back."""
        (self._inside / "ballast").unlink(missing_ok=True)


def _write_all(file: int, size: int) -> int:
    """Append until the disk is full."""
    taken = 0
    while True:
        try:
            taken += os.write(file, bytes(size))
        except OSError as error:
            if error.errno != ENOSPC:
                raise
            return taken
