"""`wardlink controller`: run it; let gateways, beds and people in; prove the ledger."""

import asyncio
import getpass
import json
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console

from controller import ledger_report, people_cli
from controller.audit.cli import app as audit_cli
from controller.clock import SystemClock
from controller.cluster.cli import broker_member
from controller.command import ConfigOption, explained, with_store
from controller.config import load
from controller.external_cli import broker_config
from controller.firmware.cli import app as firmware_cli
from controller.history.retention import dropped_table
from controller.hub import Hub
from controller.identity.authority_cli import app as authority_cli
from controller.identity.certificates import By
from controller.identity.cli import app as gateway_cli
from controller.inventory.cli import app as device_cli
from controller.orders.cli import app as order_cli
from controller.patient_access.homes import Homes
from controller.radiology.cli import app as report_cli
from controller.registry import Registry
from controller.shards.duty import Duty
from controller.signing.cli import app as signing_cli
from controller.software.cli import app as software_cli
from controller.store import Store
from controller.store.where import Where
from controller.store_cli import move_store
from host.systemd import stopping

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The controller.")
app.add_typer(gateway_cli, name="gateway")
app.add_typer(authority_cli, name="authority")
app.add_typer(device_cli, name="device")
app.add_typer(audit_cli, name="audit")
app.add_typer(order_cli, name="order")
app.add_typer(software_cli, name="software")
app.add_typer(firmware_cli, name="firmware")
app.add_typer(report_cli, name="report")
app.add_typer(signing_cli, name="signing")


@app.command()
def run(
    config: Annotated[Path | None, typer.Argument(help="TOML file; without: all defaults.")] = None,
) -> None:
    """Run the controller until Ctrl-C or SIGTERM."""
    from controller import app as process  # noqa: PLC0415 - the other commands need no web server
    from controller.lake.nightly import beside  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with explained():
        loaded = load(config)
        duty = Duty(is_shared=loaded.cluster.replicas)
        asyncio.run(_until_stopped(beside(loaded, process.run(loaded, duty), duty)))


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _end, task)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")


def _end(task: asyncio.Task[None]) -> None:
    stopping()
    task.cancel()


@app.command()
def add_ward(ward: str, name: str, config: ConfigOption = None) -> None:
    """Add a ward."""
    _registry(config, lambda registry: registry.add_ward(ward, name))


@app.command()
def add_bed(bed: str, ward: str, name: str, config: ConfigOption = None) -> None:
    """Add a bed to a ward."""
    _registry(config, lambda registry: registry.add_bed(bed, ward, name))


@app.command()
def add_home(
    place: str,
    config: ConfigOption = None,
    *,
    end: Annotated[bool, typer.Option("--end", help="It is none any more.")] = False,
) -> None:
    """Say that a patient lives at a place: nobody of the hospital sees what is measured there."""
    who = By(f"cli:{getpass.getuser()}")
    with_store(config, lambda store: Homes(store, SystemClock()).use(place, who, is_home=not end))


for command in (*people_cli.COMMANDS, broker_config, broker_member, move_store):
    app.command()(command)


@app.command()
def dropped(config: ConfigOption = None) -> None:
    """What was dropped for its age: kind, device, metric, from, to (UTC), records, why; by tabs."""
    for row in with_store(config, dropped_table):
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
    database = with_store(config, _path_of)  # it exists from here on, in the present schema
    with explained():
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


async def _path_of(store: Store) -> Where:
    return store.where


def _registry(config: Path | None, work: Callable[[Registry], Awaitable[T]]) -> T:
    async def loaded(store: Store) -> T:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, "cli"), clock)
        await registry.load()
        return await work(registry)

    return with_store(config, loaded)
