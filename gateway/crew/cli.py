"""`wardlink gateway`: crew-add CONFIG NAME, crew-remove CONFIG NAME, crew-list CONFIG, crew-ca CONFIG."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.crew.config import CrewConfig
from gateway.errors import ConfigError, GatewayError

if TYPE_CHECKING:
    from gateway.crew.people import People

ConfigPath = Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As it stands in the record: who did it.")]


def register(app: typer.Typer) -> None:
    """The commands."""
    app.command("crew-add")(add)
    app.command("crew-remove")(remove)
    app.command("crew-list")(list_)
    app.command("crew-ca")(ca)


def add(
    config: ConfigPath,
    name: Name,
    pin_stdin: Annotated[bool, typer.Option("--pin-stdin", help="Read the PIN from standard input.")] = False,
) -> None:
    """Let NAME log in at the crew's page, or give them another PIN."""
    with _refusals():
        people = _people(config)
        pin = sys.stdin.readline().strip() if pin_stdin else _asked()
        people.put(name, pin)
        typer.echo(f"{name} may log in at the crew's page")


def remove(config: ConfigPath, name: Name) -> None:
    """Let NAME in no more; whoever is logged in as NAME is out at once."""
    with _refusals():
        was_there = _people(config).remove(name)
        typer.echo(f"{name} is out" if was_there else f"there is no {name}: see crew-list")


def list_(config: ConfigPath) -> None:
    """Say who may log in at the crew's page."""
    with _refusals():
        people = _people(config)
        people.load()
        typer.echo("\n".join(people.names) or "nobody: add people with crew-add")


def ca(config: ConfigPath) -> None:
    """Print the SHA-256 fingerprint of the box's authority: compare it before a tablet trusts /ca.crt."""
    from gateway.crew.tls import BoxAuthority  # noqa: PLC0415 - other commands need none of it

    with _refusals():
        whole, crew = _configured(config)
        if crew.is_local:
            raise ConfigError(f"{config}: crew.address is this box itself: no certificate is needed there")
        authority = BoxAuthority(whole.gateway.data / "crew", crew.hosts, SystemClock())
        typer.echo(f"SHA-256 {authority.fingerprint}")


def _asked() -> str:
    return typer.prompt("PIN (6 to 12 digits)", hide_input=True, confirmation_prompt=True)


def _people(config: Path) -> "People":
    from gateway.crew.people import People  # noqa: PLC0415 - other commands need none of it

    whole, _ = _configured(config)
    return People(whole.gateway.data / "crew")


def _configured(config: Path) -> tuple[Config, CrewConfig]:
    """Raises ConfigError."""
    whole = load(config)
    if whole.crew is None:
        raise ConfigError(f'{config}: has no [crew]: add it, with vehicle = "BED" of the devices on board')
    return whole, whole.crew


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (GatewayError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
