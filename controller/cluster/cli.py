"""`wardlink broker`: run a member of the cluster. `wardlink controller broker-member`: make its folder."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from controller.clock import SystemClock
from controller.cluster.files import member_files, write_member
from controller.command import ConfigOption, explained
from controller.config import load
from controller.errors import ConfigError
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, Lives, keep_controller, open_authority
from controller.registry import CONTROLLER
from host.systemd import stopping

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A broker on a host of its own.")


@app.callback()
def broker() -> None:
    """One of several brokers, any of which is enough."""


@app.command()
def run(
    folder: Annotated[Path, typer.Argument(help="What `wardlink controller broker-member` made.")],
) -> None:
    """Run it until Ctrl-C or SIGTERM."""
    from controller.cluster.serving import serve  # noqa: PLC0415 - the other command needs no MQTT

    async def until_stopped() -> None:
        serving = asyncio.create_task(serve(folder))

        def end() -> None:
            stopping()
            serving.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end)
        await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with explained():
        asyncio.run(until_stopped())


def broker_member(
    address: Annotated[str, typer.Argument(help="One of `[mqtt] members`: mqtts://HOST:PORT.")],
    out: Annotated[Path, typer.Option(help="The folder to write, for that host.")],
    *,
    listen: Annotated[str, typer.Option(help="The address that it binds there.")] = "0.0.0.0",
    config: ConfigOption = None,
) -> None:
    """Make the folder by which a host runs one of the brokers; again before two years are over."""
    with explained():
        loaded = load(config)
        if address not in loaded.mqtt.members:
            known = ", ".join(loaded.mqtt.members) or "there are none"
            raise ConfigError(f"expected one of [mqtt] members ({known}), got {address}: add it there")
        now, folder = moment(SystemClock().utc_us() // 1_000_000), loaded.data / FOLDER
        where = urlsplit(address)
        authority = open_authority(folder, now)
        keep_controller(folder, authority, CONTROLLER, now, Lives().controller)
        place = where.hostname or "", where.port or 8883
        write_member(out, member_files(place, listen, authority, now, folder))
        typer.echo(f"{out}: two keys are in it: carry it over where nobody reads them, then delete it here")
        typer.echo(f"next, on {place[0]}: `wardlink broker run {out.name}`")
