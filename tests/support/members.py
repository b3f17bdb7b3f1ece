"""Members of a cluster of brokers in a test: folders made by the command, each served in the test's loop."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from controller.cluster.files import member_files, write_member
from controller.cluster.serving import serve
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.registry import CONTROLLER
from hil.identities import now
from tests.support.broker import listening
from tests.support.broker_process import free_port


class Members:
    """`ports` and `urls` of `count` members of the controller that keeps its data in `data`."""

    def __init__(self, folder: Path, data: Path, count: int = 3) -> None:
        self.folder, self.data = folder, data
        self.ports = [free_port() for _ in range(count)]
        self.urls = [f"mqtts://127.0.0.1:{port}" for port in self.ports]
        self._running: dict[int, asyncio.Task[None]] = {}

    @property
    def section(self) -> str:
        """Of the controller's configuration."""
        return f"[mqtt]\nmembers = {json.dumps(self.urls)}\n"

    def place(self, index: int) -> Path:
        """The folder of a member."""
        return self.folder / f"member-{index}"

    def make(self, index: int) -> None:
        """Its folder, as on a new disk."""
        ca, at = self.data / FOLDER, now()
        authority = open_authority(ca, at)
        keep_controller(ca, authority, CONTROLLER, at, Lives().controller)
        shutil.rmtree(self.place(index), ignore_errors=True)
        where = "127.0.0.1", self.ports[index]
        write_member(self.place(index), member_files(where, "127.0.0.1", authority, at, ca))

    async def start(self, *which: int) -> None:
        """Until they listen."""
        for index in which:
            self._running[index] = asyncio.create_task(serve(self.place(index)))
            await listening(self.ports[index])

    async def stop(self, *which: int) -> None:
        """They end, and their brokers with them."""
        for index in which:
            task = self._running.pop(index)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All of them run inside the block, from new disks."""
        try:
            for index in range(len(self.ports)):
                self.make(index)
                await self.start(index)
            yield
        finally:
            await self.stop(*self._running)

    def log(self, index: int) -> str:
        """What its nats-server says."""
        return (self.place(index) / "broker" / "nats.log").read_text(encoding="utf-8")
