"""`wardlink controller`: run it; let gateways, beds and people in; prove the ledger."""

import asyncio
import json
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from controller import ledger_report
from controller.clock import SystemClock
from controller.config import Config, load
from controller.errors import ControllerError
from controller.files import write_private
from controller.history.retention import dropped_table
from controller.hub import Hub
from controller.registry import Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from devices.errors import DevicesError

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The controller.")
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The controller's TOML file; without: all defaults, data here."),
]


@contextmanager
def _explained() -> Iterator[None]:
    """Errors that a person can mend are told, not traced."""
    try:
        yield
    except (ControllerError, DevicesError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


@app.command()
def run(
    config: Annotated[Path | None, typer.Argument(help="TOML file; without: all defaults.")] = None,
) -> None:
    """Run the controller until Ctrl-C or SIGTERM."""
    from controller import app as process  # noqa: PLC0415 - the other commands need no web server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with _explained():
        asyncio.run(_until_stopped(process.run(load(config))))


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")


@app.command()
def add_gateway(
    gateway: Annotated[str, typer.Argument(help="Its id: a-z 0-9 - .")],
    config: ConfigOption = None,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where to write its credentials file (mode 0600).")] = None,
) -> None:
    """Let a gateway in, and make its credentials; a running controller knows it within a second."""
    password = _registry(config, lambda registry: registry.add_gateway(gateway, name or gateway))
    if out is None:
        typer.echo(f"{gateway}\n{password}")
    else:
        write_private(out, f"{gateway}\n{password}\n")
        typer.echo(f"{out}: copy it to the gateway and name it in its configuration", err=True)


@app.command()
def add_ward(ward: str, name: str, config: ConfigOption = None) -> None:
    """Add a ward."""
    _registry(config, lambda registry: registry.add_ward(ward, name))


@app.command()
def add_bed(bed: str, ward: str, name: str, config: ConfigOption = None) -> None:
    """Add a bed to a ward."""
    _registry(config, lambda registry: registry.add_bed(bed, ward, name))


@app.command()
def add_user(
    user: str,
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.NURSE,
    password_file: Annotated[
        Path | None, typer.Option(exists=True, help="Its first line is the password; without: one is made.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Give a person a login (again: a new password), and print the password that was made."""
    if password_file is None:
        password = secrets.token_urlsafe(12)
    else:
        password = password_file.read_text(encoding="utf-8").partition("\n")[0]
    _with_store(config, lambda store: set_password(store, SystemClock(), user, password, role))
    if password_file is None:
        typer.echo(password)


@app.command()
def dropped(config: ConfigOption = None) -> None:
    """What was dropped for its age: kind, device, metric, from, to (UTC), records, why; by tabs."""
    for row in _with_store(config, dropped_table):
        typer.echo("\t".join(map(str, row)))


@app.command()
def ledger(
    config: ConfigOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when anything is missing or stored twice.")
    ] = False,
    gateway: Annotated[str, typer.Option(help="Only gateways with this in their id.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    export: Annotated[
        Path | None, typer.Option(help="Write everything to this file, for `./run ledgercheck FILE`.")
    ] = None,
) -> None:
    """Prove it: what every gateway produced, and what became of every block."""
    database = _with_store(config, _path_of)  # it exists from here on, in the present schema
    with _explained():
        if export is not None:
            typer.echo(f"{export}: {ledger_report.export_to(database, export)} lines", err=True)
            return
        found, now_ms = ledger_report.read_proof(database, gateway)
    if as_json:
        typer.echo(json.dumps(ledger_report.as_json(found, now_ms)))
    else:
        console = Console()
        console.width = max(console.width, ledger_report.WIDTH)
        console.print(ledger_report.as_table(found, now_ms))
        console.print(ledger_report.verdict(found))
    if check and any(one.sums["missing"] or one.sums["duplicated"] for one in found):
        raise typer.Exit(1)


async def _path_of(store: Store) -> Path:
    return store.path


def _registry(config: Path | None, work: Callable[[Registry], Awaitable[T]]) -> T:
    async def loaded(store: Store) -> T:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, "cli"), clock)
        await registry.load()
        return await work(registry)

    return _with_store(config, loaded)


def _with_store(config: Path | None, work: Callable[[Store], Awaitable[T]]) -> T:
    async def opened(loaded: Config) -> T:
        store = await Store.open(loaded.database)
        try:
            return await work(store)
        finally:
            await store.close()

    with _explained():
        return asyncio.run(opened(load(config)))
