"""A PostgreSQL of one's own, from Debian's programs: in a folder, as an ordinary user, on loopback only.

    with Server.made(port) as server:      # a folder of its own, which goes at the end
        url = server.database("wardlink")              # made if it is not there: sorted as our tables are
        server.kill()                                  # SIGKILL for all of it; start() brings it back
        standby = server.standby(other_port)     # follows; promote() makes it the primary
        server.follow(standby, "old")          # the old one, which is dead, comes back as its standby

PostgreSQL does not run as root: root's tests run it as the user that Debian's package made.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from controller.ports import free_port
from hil.errors import NotReady

USER = "postgres"
_PROGRAMS = Path("/usr/lib/postgresql")
_MEMORY = Path("/dev/shm")
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
log_min_messages = warning
max_connections = 200
shared_buffers = 64MB
wal_level = replica
max_wal_senders = 8
hot_standby = on
wal_log_hints = on
wal_keep_size = 128MB
"""
_MAKE = sql.SQL(
    "CREATE DATABASE {} TEMPLATE {} LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8' STRATEGY FILE_COPY"
)


def programs() -> Path:
    """The folder of the newest PostgreSQL here. Raises NotReady."""
    found = sorted(_PROGRAMS.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise NotReady(f"expected PostgreSQL in {_PROGRAMS}: apt-get install postgresql")
    return found[-1].parent


class Server:
    """One, in `folder`, which its user owns. `durable`: commits wait for the disk, as in a hospital."""

    def __init__(self, folder: Path, port: int, *, durable: bool = True) -> None:
        self.folder, self.port, self._durable = folder, port, durable
        self._data, self._programs = folder / "data", programs()

    @classmethod
    def made(cls, port: int, *, durable: bool = True) -> Self:
        """In a new folder of the temporary ones; in memory if it need not be durable."""
        memory = None if durable or not _MEMORY.is_dir() else _MEMORY
        folder = Path(tempfile.mkdtemp(prefix="wardlink-pg-", dir=memory))
        if os.getuid() == 0:
            account = pwd.getpwnam(USER)
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = cls(folder, port, durable=durable)
        server._run("initdb", "-D", server._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        server._set(_SETTINGS)
        return server

    def standby(self, port: int, name: str = "standby", by: int | None = None) -> "Server":
        """A copy that follows this one, in a folder of its own; not started. `name`: as which it reports;
        `by`: the port by which it reaches this one."""
        other = Server.__new__(type(self))
        Server.__init__(other, self.folder.parent / f"{self.folder.name}-{name}", port)
        other.folder.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(other.folder, USER, USER)
        other.follow(self, name, by)
        return other

    def follow(self, primary: "Server", name: str, by: int | None = None) -> None:
        """Be a copy of `primary`, and nothing of what was here; not started. `by`: as of `standby`."""
        if self._data.exists():
            shutil.rmtree(self._data)
        source = f"host=127.0.0.1 port={by or primary.port} user={USER} application_name={name}"
        self._run("pg_basebackup", "-D", self._data, "-d", source, "-R", "-X", "stream", "-c", "fast")

    def rewind(self, primary: "Server", name: str) -> None:
        """The same with what is here, where only the end of its log differs; `wal_log_hints` has to be on.

        Until the checkpoint after its promotion is done, a primary looks as if it had never been promoted:
        pg_rewind (PostgreSQL 15) does nothing then, and the standby never follows.
        """
        with psycopg.connect(primary.url(), autocommit=True) as db:
            db.execute("CHECKPOINT")
        source = f"host=127.0.0.1 port={primary.port} user={USER} application_name={name} dbname=postgres"
        self._run("pg_rewind", "-D", self._data, f"--source-server={source}", "-R")

    def url(self, database: str = "postgres") -> str:
        """Of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def database(self, name: str, template: str = "template0") -> str:
        """Its URL; it is made."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(_MAKE.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def ask_synchronous(self, names: str) -> None:
        """Commits wait for these standbys, too ('' for none)."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            db.execute(sql.SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(names))
            db.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """Until it answers."""
        options = f"-p {self.port}" + ("" if self._durable else " -c fsync=off -c full_page_writes=off")
        log = self.folder / "log"
        self._run("pg_ctl", "start", "-w", "-t", "60", "-D", self._data, "-l", log, "-o", options)

    def promote(self) -> None:
        """A standby is the primary from now on."""
        self._run("pg_ctl", "promote", "-w", "-D", self._data)

    def stop(self, mode: str = "fast") -> None:
        """In order; `immediate`: as if it crashed."""
        if self.running:
            self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", self._data)

    def kill(self, number: int = signal.SIGKILL) -> None:
        """The postmaster and all that it started, at once (SIGSTOP and SIGCONT too)."""
        pid = self.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for one in (pid, *(int(child) for child in children)):
            os.kill(one, number)
        if number == signal.SIGKILL:
            while _lives(pid):
                time.sleep(0.01)
            (self._data / "postmaster.pid").unlink()  # its id may stay taken by what nobody waited for

    @property
    def pid(self) -> int:
        """Of the postmaster. Raises NotReady."""
        try:
            return int((self._data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except FileNotFoundError:
            raise NotReady(f"{self.folder}: expected a running PostgreSQL, it was not started") from None

    @property
    def running(self) -> bool:
        """Whether its postmaster is there."""
        try:
            return _lives(self.pid)
        except NotReady:
            return False

    def __enter__(self) -> Self:
        """The next free port, if its own is taken."""
        self.port = free_port("127.0.0.1", self.port, "PostgreSQL")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def _set(self, settings: str) -> None:
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(settings)

    def _run(self, program: str, *arguments: object) -> None:
        """Raises NotReady with what it said."""
        command = [str(self._programs / program), *map(str, arguments)]
        user = {"user": USER, "group": USER, "extra_groups": []} if os.getuid() == 0 else {}
        said = (
            subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE
        )  # its server would keep a pipe open
        done = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False, **user
        )
        if done.returncode:
            why = (done.stderr or b"").decode(errors="replace") or self._tail()
            raise NotReady(f"{program}: expected success, got {done.returncode}: {why}")

    def _tail(self) -> str:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""


def _lives(pid: int) -> bool:
    """Whether it runs: one that died and was not waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
