"""The `wardlink` command: loads only the side that is named, so that each installs without the other.

wardlink demo                     a whole ward on this machine
wardlink gateway run CONFIG       a ward's gateway
wardlink controller run CONFIG    the central controller
wardlink broker run FOLDER        one of several brokers, on a host of its own
wardlink ledger                   what became of every block
wardlink objects check            whether every image and recording is there; move them into a bucket
wardlink lake                     data for reports and research: Parquet, DuckDB, WFDB
wardlink model                    early warning beyond scores: train, show, check for drift
wardlink audit                    who did what to whom, and whether the trail is whole
wardlink rx verify FILE           who signed a document, when and what: without a controller
wardlink devices [--check]        the models that are supported; replays every capture
wardlink record PROFILE PORT      a capture of a live device
wardlink decode PROFILE FILE      a capture to readings
wardlink firmware                 nodes: flash, monitor; update over the air, logs
wardlink hil                      hardware in the loop: run a rig, read its evidence, turn a patient's dials
"""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
import typer.main

from devices import rendering
from devices.capture import decoded
from devices.catalogue import kind, markdown
from devices.codecs import Said
from devices.errors import DevicesError
from devices.model.judgement import judged
from devices.model.observation import Reading
from devices.profiles import Evidence, profile, profiles
from devices.replay import difference, served

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
nodes = typer.Typer(no_args_is_help=True, help="Nodes' firmware: put it on, listen, update over the air.")
app.add_typer(nodes, name="firmware")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_CAPTURES = Path(__file__).parent / "tests" / "captures"
_OURS = {"devices", "firmware", "gateway", "controller", "hil", "host", "screen"}


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
    words = ctx.command_path.split(" ")
    name = " ".join(words[: len(words) - len(before)])
    typer.main.get_command(side).main(args=[*before, *ctx.args], prog_name=name)


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
def broker(ctx: typer.Context) -> None:
    """Run one of several brokers on a host of its own."""
    _pass_on(ctx, "controller.cluster.cli", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def ledger(ctx: typer.Context) -> None:
    """Prove it: what every gateway produced, and what became of every block."""
    _pass_on(ctx, "controller.cli", "controller", "ledger")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def audit(ctx: typer.Context) -> None:
    """Who did what, to whom, when and why; and whether the trail is whole."""
    _pass_on(ctx, "controller.cli", "controller", "audit")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def objects(ctx: typer.Context) -> None:
    """Images and recordings: in a folder or a bucket, whole or not, moved from one to the other."""
    _pass_on(ctx, "controller.objects.cli", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def lake(ctx: typer.Context) -> None:
    """Data for reports and research: Parquet files, questions to them, data sets, waveforms."""
    _pass_on(ctx, "controller.lake.cli", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def model(ctx: typer.Context) -> None:
    """Models of early warning: train one, read its card, check it for drift."""
    _pass_on(ctx, "controller.models.cli", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def rx(ctx: typer.Context) -> None:
    """Signed documents, such as prescriptions: who signed, when and what."""
    _pass_on(ctx, "controller.signing.rx", "controller")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def record(ctx: typer.Context) -> None:
    """Make a capture of a live device, with time stamps."""
    _pass_on(ctx, "gateway.cli", "gateway", "record")


@app.command(context_settings=_PASS_ON, add_help_option=False)
def hil(ctx: typer.Context) -> None:
    """Hardware in the loop: run a rig's tests, read and compare their evidence, turn a patient's dials."""
    _pass_on(ctx, "hil.cli", "demo")


@nodes.command(context_settings=_PASS_ON, add_help_option=False)
def flash(ctx: typer.Context) -> None:
    """Put the firmware on a board."""
    _pass_on(ctx, "firmware.cli", "firmware", "flash")


@nodes.command(context_settings=_PASS_ON, add_help_option=False)
def monitor(ctx: typer.Context) -> None:
    """Show what a node says on a serial port."""
    _pass_on(ctx, "firmware.cli", "firmware", "monitor")


@nodes.command(context_settings=_PASS_ON, add_help_option=False)
def update(ctx: typer.Context) -> None:
    """Have a gateway update a node, and follow it."""
    _pass_on(ctx, "controller.cli", "controller", "firmware", "update")


@nodes.command(context_settings=_PASS_ON, add_help_option=False)
def logs(ctx: typer.Context) -> None:
    """What a node logged, when it was reset, and what became of its updates."""
    _pass_on(ctx, "controller.cli", "controller", "firmware", "logs")


@app.command()
def devices(
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The page docs/devices.md.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Replay every capture in --captures.")] = False,
    captures: Annotated[Path, typer.Option(help="Captures with what is expected of them.")] = _CAPTURES,
) -> None:
    """List the device models that are supported, or check them against their captures."""
    if check:
        _check(captures)
    elif as_markdown:
        typer.echo(markdown(), nl=False)
    else:
        for one in profiles().values():
            model = f"{one.manufacturer} {one.model}"
            typer.echo(f"{one.name:30} {kind(one.link):7} {one.evidence:11} {model}")


def _beside(expectation: Path) -> Path:
    """The capture that is text, or else raw bytes."""
    text = expectation.with_suffix(".txt")
    return text if text.exists() else expectation.with_suffix(".bin")


def _check(folder: Path) -> None:
    """Replay each capture for each profile that it serves; exit with 1 if one differs."""
    replayed, wrong = 0, 0
    for path in sorted(folder.glob("*.json")):
        wanted = json.loads(path.read_text(encoding="utf-8"))
        content = _beside(path).read_bytes()
        for name in served(wanted):
            replayed += 1
            try:
                problem = difference(name, content, wanted["expected"])
            except DevicesError as error:
                problem = str(error)
            if problem:
                wrong += 1
                typer.echo(f"{path.stem}: {problem}", err=True)
    unverified = [one.name for one in profiles().values() if one.evidence == Evidence.UNVERIFIED]
    typer.echo(f"{replayed} captures replayed, {wrong} differ from what is expected")
    typer.echo(f"unverified: {', '.join(unverified) or 'none'}")
    if wrong or not replayed:
        raise typer.Exit(1)


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
    render = rendering.as_json if as_json else rendering.as_text
    try:
        for said in decoded(profile(profile_name), file.read_bytes()):
            for one in _judged(said):
                typer.echo(render(one))
    except DevicesError as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None


def _judged(said: Said) -> Iterator[Said]:
    """As a gateway passes it on: an impossible number is none, and is told beside."""
    found = judged(said) if isinstance(said, Reading) else (said, None)
    yield from (one for one in found if one is not None)


def main() -> None:
    """Run the command line."""
    app(prog_name="wardlink")


if __name__ == "__main__":
    main()
