"""`wardlink gateway`: enrol CONFIG, run CONFIG, check CONFIG, discover, record PROFILE WHERE, crew-…."""

import asyncio
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from devices.errors import DevicesError
from devices.profiles import Profile, SerialLink, profile
from devices.rendering import as_text
from gateway.app import run as run_gateway
from gateway.clock import SystemClock
from gateway.config import Config, DeviceConfig, load
from gateway.crew import cli as crew_cli
from gateway.enrolment.claims import from_file
from gateway.enrolment.enrol import enrol as enrol_with
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.errors import ConfigError, GatewayError, LinkError, NotEnrolled
from gateway.links import Link, Outlet
from gateway.links.make import make_link
from gateway.links.serial_discovery import ports, probe
from gateway.recorder import record as make_record
from host.systemd import stopping

if TYPE_CHECKING:
    from gateway.links.ble_discovery import Found
    from gateway.links.ble_radio import BleRadio

_PROBE_S = 3.0

app = typer.Typer(no_args_is_help=True, add_completion=False, help="A ward's gateway.")
crew_cli.register(app)

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
def enrol(
    config: ConfigPath,
    claim: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The claim; - reads a line of standard input.")
    ] = None,
    page: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve a page to paste or scan the claim.")
    ] = None,
    serial: Annotated[
        str | None, typer.Option(metavar="PORT", help="Ask for the claim on this serial console.")
    ] = None,
    replace: Annotated[
        bool, typer.Option(help="Also if there is an identity: it was revoked, or is damaged.")
    ] = False,
) -> None:
    """Give this box the certificate that lets it in, by the claim that an engineer made on the controller."""
    try:
        checked = load(config)
        folder = IdentityFolder(checked.gateway.data / "identity")
        if not replace and (held := _held(folder)):
            typer.echo(f"{held.gateway}: enrolled already, until {held.until}: nothing to do")
            return
        identity = asyncio.run(_enrolled(folder, checked.gateway.id, claim, page, serial))
    except (GatewayError, DevicesError, OSError) as error:
        _refuse(error)
    else:
        typer.echo(f"{identity.gateway}: enrolled until {identity.until}; it renews itself")
        typer.echo(f"next: `wardlink gateway run {config}`" + (f"; delete {claim}" if claim else ""))


async def _enrolled(
    folder: IdentityFolder, box: str, claim: Path | None, page: str | None, serial: str | None
) -> Identity:
    if (claim is None) == (page is None and serial is None):
        raise ConfigError("give the claim by --claim FILE, or let the box wait for it by --page or --serial")
    if claim is not None:
        return await enrol_with(folder, from_file(claim), box, SystemClock())
    # Here, because looking for others in the network costs 8 MB that no other command needs.
    from gateway.enrolment.page import local_address  # noqa: PLC0415
    from gateway.enrolment.waiting import Places, wait_for_claim  # noqa: PLC0415

    places = Places(local_address(page) if page else None, serial)
    return await wait_for_claim(folder, box, SystemClock(), places, _say_where)


def _say_where(page: str) -> None:
    typer.echo(f"waits for its claim: open {page} in a browser")


def _held(folder: IdentityFolder) -> Identity | None:
    try:
        return folder.load()
    except NotEnrolled:
        return None


@app.command()
def check(config: ConfigPath) -> None:
    """Say whether CONFIG can be used, and what is wrong with it."""
    try:
        checked = load(config)
        if checked.controller.claim is None:
            IdentityFolder(checked.gateway.data / "identity").load()
    except GatewayError as error:
        _refuse(error)
    else:
        typer.echo(f"{config}: good: {len(checked.devices)} devices")


@app.command()
def discover(
    seconds: Annotated[float, typer.Option(help="How long to listen on the radio.")] = 8.0,
    probe_port: Annotated[
        str | None,
        typer.Option("--probe", metavar="PORT", help="Ask the device on this serial port who it is."),
    ] = None,
    bluetooth: Annotated[bool, typer.Option(help="Listen on the radio.")] = True,
) -> None:
    """Find devices in reach, and the profiles that fit them."""
    try:
        if probe_port:
            fitting = asyncio.run(probe(probe_port, SystemClock(), _PROBE_S))
            typer.echo(f"{probe_port}: {', '.join(fitting) or 'no profile fits what is heard there'}")
            return
        for port in ports():
            typer.echo(f"{port.path}  {port.description}  {', '.join(port.profiles) or '(try --probe)'}")
        if bluetooth:
            for found in asyncio.run(_on_the_air(seconds)):
                fits = ", ".join(found.profiles) or "-"
                typer.echo(f"{found.address}  {found.name or '(no name)'}  {found.rssi} dBm  {fits}")
    except LinkError as error:
        _refuse(error)


async def _on_the_air(seconds: float) -> "list[Found]":
    from gateway.links.ble_discovery import discover as listen  # noqa: PLC0415 - it costs 20 MB
    from gateway.links.ble_radio import BleRadio  # noqa: PLC0415

    return await listen(BleRadio(), seconds, SystemClock())


@app.command()
def record(
    profile_name: Annotated[str, typer.Argument(metavar="PROFILE", help="As `wardlink devices` lists it.")],
    where: Annotated[str, typer.Argument(help="The port, the Bluetooth address, or HOST[:PORT].")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The capture.")] = Path("capture.txt"),
    seconds: Annotated[float | None, typer.Option(help="For how long; until Ctrl-C if left out.")] = None,
) -> None:
    """Record what a live device sends, and show what it means."""
    try:
        model = profile(profile_name)
        entry = {"id": "recorded", "profile": profile_name}
        entry["port" if isinstance(model.link, SerialLink) else "address"] = where
        device = DeviceConfig.model_validate(entry)
        asyncio.run(_recorded(model, device, out, seconds))
    except (GatewayError, DevicesError, ValidationError, OSError) as error:
        _refuse(error)
    typer.echo(f"{out}: read it with `wardlink decode {profile_name} {out}`")


async def _recorded(model: Profile, device: DeviceConfig, out: Path, seconds: float | None) -> None:
    clock = SystemClock()

    def radio() -> "BleRadio":
        from gateway.links.ble_radio import BleRadio  # noqa: PLC0415 - it costs 20 MB

        return BleRadio()

    def link(tapped: Profile, outlet: Outlet) -> Link:
        return make_link(device, tapped, clock, outlet, radio)

    recording = asyncio.create_task(
        make_record(model, out, clock, link, lambda said: typer.echo(as_text(said)))
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, recording.cancel)
    with suppress(TimeoutError, asyncio.CancelledError):
        await asyncio.wait_for(recording, seconds)


def _refuse(error: Exception) -> None:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


async def _until_stopped(config: Config) -> None:
    """SIGINT and SIGTERM end it in order: what waits is committed, the controller is told."""
    serving = asyncio.create_task(run_gateway(config))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _end, serving)
    try:
        await serving
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")


def _end(serving: asyncio.Task[None]) -> None:
    stopping()
    serving.cancel()
