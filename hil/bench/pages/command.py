"""`./run bench pages`."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from controller.clock import SystemClock
from controller.security.permissions import Role
from controller.store import Store, connect
from controller.store.moved import FILE
from controller.store.postgres.moving import move, ready
from controller.store.where import Where, moment
from hil.bench.pages.asked import Took, ask, questions, slow, table
from hil.bench.pages.filled import Hospital, fill
from hil.bench.pages.served import served
from hil.postgres import Server
from hil.prepare import quiet_port
from hil.ward import Folder

Say = Callable[[str], None]


async def _filled(file: Path, hospital: Hospital, now_us: int, say: Say) -> None:
    await (await Store.open(file)).close()
    say(f"{hospital.beds} beds and {hospital.days} days are written")
    with closing(connect(file)) as db:
        await asyncio.to_thread(fill, db, hospital, now_us)


def _moved(file: Path, url: str, say: Say) -> None:
    """As `wardlink controller move-store` does it."""
    began = time.monotonic()
    with closing(moment(file)) as rows, ready(url) as server:
        count = move(rows, server, lambda _: None)
    took_s = time.monotonic() - began
    say(f"{count:,} rows were moved and compared in {took_s:,.0f} s, {count / took_s:,.0f} a second")
    with ready(url) as server:
        server.execute("VACUUM ANALYZE")  # autovacuum would, while it is measured


async def _asked(
    folder: Folder,
    where: Where,
    servers: list[int],
    asked: tuple[Mapping[str, tuple[Role, str]], int],
    say: Say,
) -> dict[str, Took]:
    async with served(folder, where) as here:
        say(f"the controller was up after {here.start_s:.1f} s")
        took = await ask(here, servers, *asked)
    for name, one in took.items():
        say(f"{name}: {median(one.ms):,.0f} ms, {one.cpu_ms:,.0f} ms of processor")
    return took


async def measure(root: Path, hospital: Hospital, times: int, say: Say) -> dict[str, dict[str, Took]]:
    """By database and question. Raises NotReady, StoreError."""
    one, other, now_us = Folder(root / "sqlite"), Folder(root / "postgresql"), SystemClock().utc_us()
    for folder in (one, other):
        folder.controller.mkdir(parents=True)
    file = one.controller / FILE
    await _filled(file, hospital, now_us, say)
    asked = questions(now_us // 1000, hospital.days), times
    with Server.made(quiet_port()) as server:
        url = server.database("wardlink")
        await asyncio.to_thread(_moved, file, url, say)
        return {
            "SQLite": await _asked(one, file, [], asked, say),
            "PostgreSQL": await _asked(other, url, [server.pid], asked, say),
        }


def command(
    beds: Annotated[int, typer.Option(min=8, help="Eight of them measure each minute.")] = 1000,
    days: Annotated[int, typer.Option(min=1, help="So much is in the store.")] = 30,
    times: Annotated[int, typer.Option(help="How often each is asked.")] = 20,
) -> None:
    """What pages ask of a thousand beds and a month, in SQLite and PostgreSQL; exit with 1 if it is slow."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as name:
        took = asyncio.run(measure(Path(name), Hospital(beds, days), times, typer.echo))
    for line in table(took):
        typer.echo(line)
    if problems := slow(took):
        typer.echo("\n".join(problems), err=True)
        raise typer.Exit(1)
