"""`wardlink controller device`: what the page at /inventory does, from the controller's own machine."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock
from controller.config import Config, load
from controller.errors import ControllerError
from controller.files import write_private
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.identity.receipts import signed_receipt
from controller.inventory.record import needed
from controller.inventory.records import Pairing
from controller.inventory.service import Inventory, Who
from controller.registry import Registry
from controller.store import Store
from devices.errors import DevicesError

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Devices: record, place, pair, import, decommission.")
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The controller's TOML file; without: all defaults, data here."),
]
Device = Annotated[str, typer.Argument(help="Its name: a-z 0-9 - .")]
Why = Annotated[str, typer.Option(help="The reason, for its history.")]
Move = Annotated[bool, typer.Option("--move", help="Also when it is on another bed.")]
_WIDEST = 400
"""Characters of a line of the list: a narrow terminal wraps it, nothing is cut."""
_LISTED = ("device", "profile", "serial", "asset_tag", "gateway", "bed", "battery_percent", "firmware")


@app.command("list")
def list_devices(
    only: Annotated[
        str, typer.Option(help="unrecorded, withdrawn, calibration, battery, unseen or unplaced.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Every device that is recorded or was heard, and what is to be looked after."""
    table = Table(box=None, pad_edge=False)
    for column in (*_LISTED, "attention"):
        table.add_column(column, no_wrap=True)
    for one in _with_service(config, lambda service: service.devices()):
        if not only or only in one["attention"]:
            table.add_row(*(_text(one[name]) for name in _LISTED), " ".join(one["attention"]))
    console = Console()
    console.width = max(
        console.width, console.measure(table, options=console.options.update(max_width=_WIDEST)).maximum
    )
    console.print(table, markup=False)


@app.command()
def show(device: Device, config: ConfigOption = None) -> None:
    """One device, every change of its record and every bed that it was on; the newest first."""
    found = _with_service(config, lambda service: service.device(device))
    for name in (*_LISTED, "gtin", "address", "pairing", "calibration_due", "notes"):
        typer.echo(f"{name}\t{_text(found[name])}")
    for change in found["history"]:
        typer.echo(f"{change['utc_ms']}\t{change['by']}\t{change['what']}\t{_changes(change['detail'])}")
    for place in found["placements"]:
        typer.echo(f"{place['from_ms']}\t{place['by'] or 'its gateway'}\ton {place['bed']}\t{_until(place)}")


@app.command()
def scan(
    text: Annotated[str, typer.Argument(help="What a scanner or a person read from a label.")],
    config: ConfigOption = None,
) -> None:
    """What a label says: whose it is already, or which profiles it fits."""
    found = _with_service(config, lambda service: service.scan(text))
    for name in ("kind", "gtin", "serial", "lot", "made", "expires", "address"):
        if value := getattr(found.label, name):
            typer.echo(f"{name}\t{value}")
    for device in found.devices:
        typer.echo(f"recorded as\t{device}")
    for fit in found.fits:
        typer.echo(f"fits\t{fit.profile}\tby {fit.why}")
    if not found.devices and not found.fits:
        typer.echo("fits no profile that is known: name it with `record --profile`, see `wardlink devices`")


@app.command()
def record(
    device: Device,
    *,
    profile: Annotated[str, typer.Option(help="Its model: see `wardlink devices`.")],
    serial: str = "",
    asset_tag: str = "",
    gtin: Annotated[str, typer.Option(help="The UDI's device identifier.")] = "",
    address: Annotated[str, typer.Option(help="Bluetooth.")] = "",
    gateway: Annotated[str, typer.Option(help="That it hangs on; without: it is in stock.")] = "",
    calibration_due: Annotated[str, typer.Option(help="YYYY-MM-DD.")] = "",
    notes: str = "",
    bed: Annotated[str | None, typer.Option(help="Place it there, too.")] = None,
    move: Move = False,
    again: Annotated[bool, typer.Option("--again", help="Also when it was decommissioned.")] = False,
    config: ConfigOption = None,
) -> None:
    """Record a device, or replace what is recorded of it."""
    names = {"device": device, "profile": profile, "serial": serial, "asset_tag": asset_tag, "gtin": gtin}
    others = {"address": address, "gateway": gateway, "calibration_due": calibration_due, "notes": notes}
    kept = partial(needed, {**names, **others})
    options = {"bed": bed, "move": move, "again": again}
    typer.echo(_with_service(config, lambda service: service.record(kept(), _me(), **options)))


@app.command()
def place(device: Device, bed: str, move: Move = False, config: ConfigOption = None) -> None:
    """Put a device on a bed or vehicle."""
    _with_service(config, lambda service: service.place(device, bed, _me(), move=move))


@app.command()
def take_off(device: Device, config: ConfigOption = None) -> None:
    """Take a device off its bed."""
    _with_service(config, lambda service: service.place(device, None, _me()))


@app.command()
def pair(
    device: Device,
    pairing: Annotated[str, typer.Argument(help="bonded, encrypted or none.")],
    why: Why,
    config: ConfigOption = None,
) -> None:
    """Let a device be paired anew, or less securely than before."""
    kinds = {one.code: one for one in Pairing}
    if pairing not in kinds:
        raise typer.BadParameter(f"expected {', '.join(kinds)}, got {pairing!r}")
    _with_service(config, lambda service: service.pair(device, kinds[pairing], why, _me()))


@app.command()
def decommission(
    device: Device,
    why: Why,
    out: Annotated[Path | None, typer.Option(help="Where to write the receipt; without: printed.")] = None,
    config: ConfigOption = None,
) -> None:
    """Take a device out of use. Gives a signed receipt, for `openssl cms -verify`."""
    receipt = _with_service(config, lambda service: service.decommission(device, why, _me()))
    if out is None:
        typer.echo(receipt)
    else:
        write_private(out, receipt)
        typer.echo(f"{out}: the receipt", err=True)


@app.command("import")
def import_table(
    table: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV; an export is the pattern.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    config: ConfigOption = None,
) -> None:
    """Record every good row of a table; each other row has its error, and then the exit status is 1."""
    data = table.read_bytes()
    done = _with_service(config, lambda service: service.take_in(data, _me(), dry_run=dry_run))
    for fault in done.faults:
        typer.echo(f"row {fault.row}: {fault.problem}", err=True)
    counts = ", ".join(f"{count} {name}" for name, count in done.outcomes.items())
    typer.echo(f"{counts}, {len(done.faults)} errors{' (nothing was changed)' if dry_run else ''}")
    if done.faults:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The CSV file to write.")], config: ConfigOption = None
) -> None:
    """All records as CSV, for a maintenance system."""
    out.write_bytes(_with_service(config, lambda service: service.give_out()))


def _me() -> Who:
    return Who(f"cli:{getpass.getuser()}")


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _changes(detail: Mapping[str, Any]) -> str:
    return "; ".join(
        f"{name}: {' → '.join(map(_text, value)) if isinstance(value, list) else value}"
        for name, value in detail.items()
    )


def _until(place: Mapping[str, Any]) -> str:
    stays = " ".join(str(stay["id"]) for stay in place["stays"])
    return f"until {place['to_ms'] or 'now'}, stays {stays or 'none'}"


def _with_service(config: Path | None, work: Callable[[Inventory], Awaitable[T]]) -> T:
    async def opened(loaded: Config) -> T:
        store = await Store.open(loaded.where, folder=loaded.data)
        try:
            clock = SystemClock()
            registry = Registry(store, Hub(clock, "cli"), clock)
            await registry.load()
            sign = partial(signed_receipt, loaded.data / FOLDER)
            return await work(Inventory(store, registry, clock, sign))
        finally:
            await store.close()

    try:
        return asyncio.run(opened(load(config)))
    except (ControllerError, DevicesError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
