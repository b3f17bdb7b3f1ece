"""`wardlink gateway`: run CONFIG, check CONFIG."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Annotated

import typer

from gateway.app import run as run_gateway
from gateway.config import Config, load, read_credentials
from gateway.errors import GatewayError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A ward's gateway.")

ConfigPath = Annotated[Path, typer.Argument(metavar="CONFIG", help="The configuration, a TOML file.")]


@app.command()
def run(config: ConfigPath) -> None:
    """Serve the devices in CONFIG until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_until_stopped(load(config)))
    except GatewayError as error:
        _refuse(error)


@app.command()
def check(config: ConfigPath) -> None:
    """Say whether CONFIG can be used, and what is wrong with it."""
    try:
        checked = load(config)
        read_credentials(checked.controller.credentials)
    except GatewayError as error:
        _refuse(error)
    else:
        typer.echo(f"{config}: good: {len(checked.devices)} devices")


def _refuse(error: GatewayError) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


async def _until_stopped(config: Config) -> None:
    """SIGINT and SIGTERM end it in order: what waits is committed, the controller is told."""
    serving = asyncio.create_task(run_gateway(config))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    try:
        await serving
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")
