"""`./run bench pages`."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from controller.clock import SystemClock
from controller.store import Store, connect
from controller.store.where import Where
from hil.bench.pages.asked import Took, ask, questions, slow, table
from hil.bench.pages.filled import Hospital, fill
from hil.bench.pages.served import served
from hil.postgres import Server
from hil.prepare import quiet_port
from hil.ward import Folder

Say = Callable[[str], None]


async def _measured(
    root: Path, where: Where, server: Server | None, asked: tuple[Hospital, int], say: Say
) -> dict[str, Took]:
    hospital, times = asked
    folder, now_us = Folder(root), SystemClock().utc_us()
    await (await Store.open(where, folder=folder.controller)).close()
    say(f"{hospital.beds} beds and {hospital.days} days are written")
    db = connect(where)
    try:
        await asyncio.to_thread(fill, db, hospital, now_us)
        if server:
            db.execute("ANALYZE")  # autovacuum would, some time later
    finally:
        db.close()
    async with served(folder, where) as here:
        say(f"the controller was up after {here.start_s:.1f} s")
        of = questions(now_us // 1000, hospital.days)
        took = await ask(here, [server.pid] if server else [], of, times)
    for name, one in took.items():
        say(f"{name}: {median(one.ms):,.0f} ms, {one.cpu_ms:,.0f} ms of processor")
    return took


async def measure(root: Path, hospital: Hospital, times: int, say: Say) -> dict[str, dict[str, Took]]:
    """By database and question. Raises NotReady."""
    took: dict[str, dict[str, Took]] = {}
    asked = hospital, times
    (root / "sqlite").mkdir()
    folder = Folder(root / "sqlite")
    took["SQLite"] = await _measured(folder.root, folder.controller / "wardlink.sqlite", None, asked, say)
    with Server.made(quiet_port()) as server:
        url = server.database("wardlink")
        took["PostgreSQL"] = await _measured(root / "postgresql", url, server, asked, say)
    return took


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
