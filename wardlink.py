"""The `wardlink` command: loads only the side that is named, so that each installs without the other.

wardlink demo                     a whole ward on this machine
wardlink gateway run CONFIG       a ward's gateway
wardlink controller run CONFIG    the central controller
wardlink ledger                   what became of every block
wardlink devices                  the models that are supported
wardlink decode PROFILE FILE      a capture to readings
"""

import importlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from rich.console import Console
from rich.table import Table

from devices.capture import decoded
from devices.codecs import Said
from devices.errors import DevicesError
from devices.model.metrics import by_name
from devices.model.observation import NO_SAMPLE, DeviceEvent, Quality, Reading, Waveform
from devices.profiles import SerialLink, profile, profiles

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_OURS = {"devices", "gateway", "controller", "hil"}


def _pass_on(ctx: typer.Context, module: str, extra: str, *before: str) -> None:
    """Hand the rest of the command line, `--help` too, to the typer app of `module`."""
    try:
        side = importlib.import_module(module).app
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in _OURS:
            raise
        typer.echo(f"`{ctx.command_path}` needs {missing}: pip install 'wardlink[{extra}]'", err=True)
        raise typer.Exit(1) from None
    typer.main.get_command(side).main(args=[*before, *ctx.args], prog_name=ctx.command_path)


@app.callback()
def _root() -> None:
    """Carry what medical devices measure to the people who must act on it, and lose nothing on the way."""


@app.command(context_settings=_PASS_ON, add_help_option=False)
def demo(ctx: typer.Context) -> None:
    """Run a whole ward on this machine: six beds, their devices, a gateway and a controller."""
    _pass_on(ctx, "hil.demo", "demo")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def gateway(ctx: typer.Context) -> None:
    """Run a ward's gateway."""
    _pass_on(ctx, "gateway.cli", "gateway")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def controller(ctx: typer.Context) -> None:
    """Run the central controller; add gateways and users to it."""
    _pass_on(ctx, "controller.cli", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def ledger(ctx: typer.Context) -> None:
    """Prove it: what every gateway produced, and what became of every block."""
    _pass_on(ctx, "controller.cli", "controller", "ledger")


@app.command()
def devices() -> None:
    """List the device models that are supported."""
    table = Table("profile", "model", "link", "metrics", "source")
    for one in profiles().values():
        link = "serial" if isinstance(one.link, SerialLink) else "BLE"
        table.add_row(one.name, f"{one.manufacturer} {one.model}", link, " ".join(one.metrics), one.source)
    Console().print(table)


@app.command()
def decode(
    profile_name: Annotated[str, typer.Argument(metavar="PROFILE", help="As `wardlink devices` lists it.")],
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="`seconds [characteristic] hex` lines, or bytes."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="JSON, one object a line.")] = False,
) -> None:
    """Turn a capture of a device into readings."""
    render = _as_json if as_json else _as_text
    try:
        for said in decoded(profile(profile_name), file.read_bytes()):
            typer.echo(render(said))
    except DevicesError as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None


def _as_json(said: Said) -> str:
    return json.dumps({"at_s": said.at / 1e9, **_fields(said)}, default=float)


def _fields(said: Said) -> dict[str, Any]:
    match said:
        case Reading():
            reason = said.reason.name.lower() if said.reason else None
            quality = _words(said.quality)
            return {"metric": said.metric, "value": said.value, "reason": reason, "quality": quality}
        case Waveform():
            rate_hz, quality = said.rate_mhz / 1000, _words(said.quality)
            return {"metric": said.metric, "rate_hz": rate_hz, "samples": _samples(said), "quality": quality}
        case DeviceEvent():
            return {"event": said.kind, **said.detail}


def _as_text(said: Said) -> str:
    return f"{said.at / 1e9:9.3f} s  {_sentence(said)}"


def _sentence(said: Said) -> str:
    match said:
        case Reading():
            number = f"{said.value} {by_name(said.metric).unit}" if said.reason is None else "no value"
            against = [said.reason.name.lower()] if said.reason else []
            return f"{said.metric:12} {number:14} {', '.join(against + _words(said.quality))}".rstrip()
        case Waveform():
            return f"{said.metric:12} {len(said)} samples at {said.rate_mhz / 1000:g} Hz"
        case DeviceEvent():
            return f"{said.kind:12} {' '.join(f'{key}={value}' for key, value in said.detail.items())}"


def _samples(wave: Waveform) -> list[Decimal | None]:
    numbers = memoryview(wave.samples).cast("h")
    return [None if n == NO_SAMPLE else n * wave.scale + wave.offset for n in numbers]


def _words(quality: Quality) -> list[str]:
    return [str(flag.name).lower() for flag in quality]


def main() -> None:
    """Run the command line."""
    app(prog_name="wardlink")


if __name__ == "__main__":
    main()
