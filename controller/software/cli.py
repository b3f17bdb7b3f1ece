"""`wardlink controller software`: take over releases, say which gateway runs which, see what became of it."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock
from controller.command import ConfigOption, explained, with_store
from controller.config import load
from controller.errors import SoftwareError
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.software.offered import FOLDER, offered
from controller.software.progress import latest
from controller.store import Store
from devices.model.lying import without_lying
from devices.model.orders import SOFTWARE_RELEASE, Arguments
from devices.wire.orders import Configuration

if TYPE_CHECKING:
    from controller.software.mirror import Mirror

_GATEWAYS = "SELECT id FROM gateway WHERE provisioned = 1 ORDER BY id"

app = typer.Typer(no_args_is_help=True, help="Releases of the gateways' software.")


@app.command("import")
def take(
    folder: Annotated[Path, typer.Argument(help="A repository, as its maintainer gives it out.")],
    root: Annotated[Path | None, typer.Option(help="Whose releases to trust: needed the first time.")] = None,
    config: ConfigOption = None,
) -> None:
    """Verify a repository of releases and offer it to the gateways. Nothing is installed by that."""
    with explained():
        mirror = _mirror(config)
        for one in mirror.take(folder, root):
            typer.echo(f"release {one.number}\t{one.platform}\t{one.size / 1e6:.1f} MB")


@app.command("list")
def listed(config: ConfigOption = None) -> None:
    """The releases that are offered."""
    with explained():
        for one in offered(load(config).data / FOLDER):
            typer.echo(f"release {one.number}\t{one.platform}\t{one.size / 1e6:.1f} MB")


@app.command()
def use(
    release: Annotated[int, typer.Argument(min=1, help="Its number, as `list` shows it.")],
    gateways: Annotated[list[str], typer.Argument(help="Their ids.")],
    why: Annotated[str, typer.Option(help="The reason, for the audit trail.")] = "",
    config: ConfigOption = None,
) -> None:
    """Have gateways run a release: each fetches it, and tries it when it monitors no patient."""
    with explained():
        if release not in {one.number for one in offered(load(config).data / FOLDER)}:
            raise SoftwareError(f"release {release} is not offered: `wardlink controller software list`")
    by = By(f"cli:{getpass.getuser()}", why=why)
    for gateway in gateways:
        with_store(config, lambda store, gateway=gateway: _use(store, gateway, release, by))
        typer.echo(f"{gateway}: is to run release {release}")


async def _use(store: Store, gateway: str, release: int, by: By) -> None:
    desk = OrderDesk(store, SystemClock())
    revision, settings = await _newest(desk, gateway)
    await desk.configure(gateway, {**settings, SOFTWARE_RELEASE: release}, by, over=revision)


async def _newest(desk: OrderDesk, gateway: str) -> tuple[int, Arguments]:
    """Revision and settings of the gateway's configuration; 0 when it was never configured from here."""
    orders = [one.order for one in await desk.configurations(gateway)]
    newest = [one for one in orders if isinstance(one, Configuration)]
    return next(((one.revision, without_lying(one.settings)) for one in newest), (0, {}))


@app.command()
def show(config: ConfigOption = None) -> None:
    """Which release each gateway is to run, and how far it is."""
    table = Table(box=None, pad_edge=False)
    for column in ("gateway", "wanted", "release", "progress", "why"):
        table.add_column(column, no_wrap=True)
    for row in with_store(config, _progress):
        table.add_row(*row)
    console = Console()
    console.width = max(console.width, 300)
    console.print(table, markup=False)


async def _progress(store: Store) -> list[tuple[str, ...]]:
    desk, found = OrderDesk(store, SystemClock()), list[tuple[str, ...]]()
    for gateway in [row["id"] for row in await store.read(_GATEWAYS)]:
        wanted = (await _newest(desk, gateway))[1].get(SOFTWARE_RELEASE, "")
        told = await latest(store, gateway)
        said = (str(told.release), told.progress, told.why) if told else ("", "", "")
        found.append((gateway, str(wanted), *said))
    return found


def _mirror(config: Path | None) -> "Mirror":
    from controller.software.mirror import Mirror  # noqa: PLC0415 - no other command needs The Update Framework

    return Mirror(load(config).data / FOLDER)
