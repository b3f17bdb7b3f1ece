"""`wardlink controller gateway`: let gateways in and out, from the controller's own machine."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock
from controller.config import Config, load
from controller.errors import ControllerError
from controller.files import write_private
from controller.identity.addresses import told_addresses
from controller.identity.certificates import By, moment
from controller.identity.files import FOLDER, open_authority
from controller.identity.provisioning import GatewayClass, Listed, Provisioning, Record
from controller.identity.qr import as_terminal
from controller.store import Store
from devices.errors import DevicesError

T = TypeVar("T")

WIDTH = 500
"""Columns that the list may take: nothing is cut, and on a narrower terminal the lines wrap."""

app = typer.Typer(no_args_is_help=True, help="Let gateways in and out.")
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The controller's TOML file; without: all defaults, data here."),
]
Gateway = Annotated[str, typer.Argument(help="Its id: a-z 0-9 - .")]
Why = Annotated[str, typer.Option(help="The reason, for the audit trail.")]


@app.command()
def provision(
    gateway: Gateway,
    *,
    place: Annotated[str, typer.Option(help="The id of its ward or vehicle.")],
    kind: Annotated[GatewayClass, typer.Option("--class", help="What it is.")] = GatewayClass.WARD,
    name: Annotated[str, typer.Option(help="What people call it; without: its id.")] = "",
    asset_tag: Annotated[str, typer.Option(help="The hospital's inventory number.")] = "",
    out: Annotated[Path | None, typer.Option(help="The claim's file; without: GATEWAY.claim, here.")] = None,
    est: Annotated[str, typer.Option(help="https://HOST:PORT that the gateway enrols at.")] = "",
    mqtt: Annotated[str, typer.Option(help="mqtts://HOST:PORT that it reports to.")] = "",
    config: ConfigOption = None,
) -> None:
    """Record a gateway, and make the claim that lets it in: a QR code and a file, good once, for 24 hours.

    Without --est and --mqtt the claim has the addresses of the running controller.
    """
    record = Record(gateway, name, asset_tag, place, kind)
    claim = _with_service(config, lambda service: service.provision(record, _me()), est, mqtt)
    file = out or Path(f"{gateway}.claim")
    with _explained():
        write_private(file, claim.to_text() + "\n")
    typer.echo(as_terminal(claim))
    until = f"{moment(claim.expires):%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{file}: let {gateway} scan the code or give it this file, before {until}; then delete it")


@app.command("list")
def list_gateways(config: ConfigOption = None) -> None:
    """Every gateway: what it is, whether it may come in, and until when."""
    table = Table(box=None, pad_edge=False)
    for column in ("gateway", "name", "asset tag", "place", "class", "state"):
        table.add_column(column, no_wrap=True)
    for one in _with_service(config, lambda service: service.listing()):
        table.add_row(one.gateway, one.name, one.asset_tag, one.place, one.kind, _state(one))
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table, markup=False)


@app.command()
def revoke(
    gateway: Gateway,
    serial: Annotated[str, typer.Option(help="One certificate; without: all that it has.")] = "",
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """Take certificates back; the broker ends their sessions within a second. A new claim lets it in."""
    for ended in _with_service(config, lambda service: service.revoke(gateway, _me(why), serial)):
        typer.echo(ended)


@app.command()
def decommission(
    gateway: Gateway,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the receipt; without: on the screen.")
    ] = None,
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """End everything that lets a gateway in. Gives a signed receipt, for `openssl cms -verify`."""
    receipt = _with_service(config, lambda service: service.decommission(gateway, _me(why)))
    if out is None:
        typer.echo(receipt)
    else:
        with _explained():
            write_private(out, receipt)
        typer.echo(f"{out}: the receipt", err=True)


def _me(why: str = "") -> By:
    return By(f"cli:{getpass.getuser()}", why=why)


def _state(one: Listed) -> str:
    now_s = SystemClock().utc_us() // 1_000_000
    if not one.provisioned:
        return "not let in"
    if one.claim_until_utc_s and one.claim_until_utc_s > now_s:
        return f"claim open until {moment(one.claim_until_utc_s):%Y-%m-%d %H:%M} UTC"
    if one.certified_until_utc_s is None:
        return "no certificate: provision it again"
    ended = "" if one.certified_until_utc_s > now_s else ", it can renew"
    return f"certificate until {moment(one.certified_until_utc_s):%Y-%m-%d %H:%M} UTC{ended}"


@contextmanager
def _explained() -> Iterator[None]:
    """Errors that a person can mend are told, not traced."""
    try:
        yield
    except (ControllerError, DevicesError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _with_service(
    config: Path | None, work: Callable[[Provisioning], Awaitable[T]], est: str = "", mqtt: str = ""
) -> T:
    async def opened(loaded: Config) -> T:
        clock, folder = SystemClock(), loaded.data / FOLDER
        authority = open_authority(folder, moment(clock.utc_us() // 1_000_000))
        store = await Store.open(loaded.where, folder=loaded.data)
        try:
            told = partial(told_addresses, loaded.data, est, mqtt)
            return await work(Provisioning(store, clock, authority=authority, folder=folder, addresses=told))
        finally:
            await store.close()

    with _explained():
        return asyncio.run(opened(load(config)))
