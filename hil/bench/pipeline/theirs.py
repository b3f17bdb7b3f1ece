"""thingsboard-gateway with its feeder and the stand-in for its server."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from controller.ports import free_port
from hil.bench.pipeline import stand_in, thingsboard
from hil.bench.pipeline.rig import Key, Rig, listening


class ThingsBoard(Rig):
    """Their side, with the settings `thingsboard.BEST` or `thingsboard.SHIPPED`."""

    source = "feeder"
    server = "server"
    table = "telemetry"

    def __init__(self, folder: Path, settings: thingsboard.Settings) -> None:
        super().__init__(folder)
        self.name = f"thingsboard-gateway ({settings.name})"
        self._settings = settings

    @property
    def database(self) -> Path:
        """See `Rig`."""
        return self.folder / "server.sqlite"

    async def start(self) -> None:
        """See `Rig`."""
        self.folder.mkdir(parents=True)
        stand_in.open_database(self.database).close()
        server, feeder = (free_port("127.0.0.1", 0, what) for what in ("the server", "the feeder"))
        thingsboard.configure(self.folder, server, feeder, self._settings)
        modules = {
            "server": ("stand_in", str(server), str(self.database)),
            "feeder": ("feeder", str(feeder), str(self.folder), str(self.database)),
        }
        for name, (module, *arguments) in modules.items():
            argv = [sys.executable, "-m", f"hil.bench.pipeline.{module}", *arguments]
            await self.kept(name, argv).start()
        await listening(server)
        await listening(feeder)
        await self.kept("gateway", thingsboard.command(self.folder)).start()
        count, number = self.counter(), self.order(total=60, stamped=True)
        await self.until("thingsboard-gateway delivers", lambda: count() >= 60)
        assert self.said(number)[1]

    def pids(self) -> dict[str, int]:
        """See `Rig`."""
        return {name: self.pid(name) for name in self.processes}

    def held(self) -> int:
        """See `Rig`: its storage has a row for each message, and each message one reading then."""
        path = thingsboard.storage(self.folder)
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute("SELECT count(*) FROM messages").fetchone()[0]

    def unsettled(self) -> int:
        """See `Rig`."""
        return self.held()

    def alarms(self, since: int) -> int:
        """See `Rig`."""
        return len(self.rows("SELECT key, ts FROM telemetry WHERE id > ? AND key = 'alarm'", (since,)))

    def stored(self, since: int) -> list[Key]:
        """See `Rig`."""
        return self.rows("SELECT device, ts FROM telemetry WHERE id > ? AND key = 'spo2'", (since,))
