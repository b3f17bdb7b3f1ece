"""`wardlink controller order`: ask gateways to do something, set them up, see what became of it."""

import getpass
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock, utc_text
from controller.command import ConfigOption, explained, with_store
from controller.errors import OrderError
from controller.identity.certificates import By
from controller.orders.desk import LIFE_US, OrderDesk
from controller.orders.followed import Followed
from devices.model.lying import without_lying
from devices.model.orders import COMMANDS, SETTINGS
from devices.wire.orders import Command

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Commands to gateways, and their configuration from here.")
Gateway = Annotated[str, typer.Argument(help="Its id.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit trail.")]
_WIDEST = 400
_MINUTE_US = 60_000_000


@app.command()
def command(
    gateway: Gateway,
    name: Annotated[str, typer.Argument(help=f"{', '.join(COMMANDS)}.")],
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...")] = None,
    *,
    minutes: Annotated[int, typer.Option(help="After so long it is not done any more.")] = (
        LIFE_US // _MINUTE_US
    ),
    why: Why = "",
    config: ConfigOption = None,
) -> None:
    """Ask a gateway to do something, once. The running controller sends it until it is answered."""
    with explained():
        given = dict(map(_pair, arguments or []))
    life_us = minutes * _MINUTE_US
    made = _with_desk(config, lambda desk: desk.command(gateway, name, given, _me(why), life_us))
    typer.echo(made.id.hex())


@app.command()
def configure(
    gateway: Gateway,
    file: Annotated[Path, typer.Argument(help=f"TOML with {', '.join(SETTINGS)}; empty: as its own file.")],
    why: Why = "",
    over: Annotated[
        int | None, typer.Option(help="Only if this revision is the newest; 0: if none was sent.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Set a gateway up from here: FILE replaces what was set before, whole."""
    with explained():
        settings = _settings(file)
    made = _with_desk(config, lambda desk: desk.configure(gateway, settings, _me(why), over=over))
    typer.echo(made.revision)


@app.command()
def show(
    gateway: Annotated[str, typer.Argument(help="Its id; without: of all.")] = "", config: ConfigOption = None
) -> None:
    """The configuration of each gateway and its last commands, and what became of them."""
    orders = [
        *_with_desk(config, lambda desk: desk.configurations(gateway)),
        *_with_desk(config, lambda desk: desk.commands(gateway)),
    ]
    table = Table(box=None, pad_edge=False)
    for column in ("gateway", "order", "what", "by", "issued", "state", "why"):
        table.add_column(column, no_wrap=True)
    for one in orders:
        table.add_row(*_row(one))
    console = Console()
    console.width = max(console.width, _WIDEST)
    console.print(table, markup=False)


def _with_desk(config: Path | None, work: Callable[[OrderDesk], Awaitable[T]]) -> T:
    return with_store(config, lambda store: work(OrderDesk(store, SystemClock())))


def _me(why: str) -> By:
    return By(f"cli:{getpass.getuser()}", why=why)


def _pair(text: str) -> tuple[str, str | int]:
    name, equals, value = text.partition("=")
    if not equals:
        raise OrderError(f"expected KEY=VALUE, got {text!r:.60}")
    return name, int(value) if value.isdecimal() else value


def _settings(file: Path) -> dict[str, str | int]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OrderError(
            f"{file}: cannot be read ({error.strerror}): give the path of a TOML file"
        ) from error
    except ValueError as error:
        raise OrderError(f"{file}: not TOML: {error}") from error


def _row(one: Followed) -> tuple[str, ...]:
    order = one.order
    number, what, given = (
        (order.id.hex(), order.name, order.arguments)
        if isinstance(order, Command)
        else (str(order.revision), "configuration", without_lying(order.settings))
    )
    spelled = " ".join((what, *(f"{key}={value}" for key, value in given.items())))
    return order.gateway, number, spelled, order.issuer, utc_text(order.issued_us), one.state, one.why
