"""`wardlink hil`: run a rig's tests, keep the evidence, read it, compare it, record lines and replay them."""

import subprocess
from collections.abc import Collection
from pathlib import Path
from time import time_ns
from typing import Annotated, NoReturn

import typer
import typer.main

from controller.models.cohort import write
from devices import rendering
from devices.capture import Chunk, chunks, decoded
from devices.errors import DevicesError
from devices.model.metrics import METRICS
from devices.profiles import profile
from hil.courses import Settings, simulated
from hil.errors import HilError
from hil.evidence import oximeter, stored
from hil.evidence.bench_key import FOLDER, BenchKey
from hil.evidence.bundle import opened
from hil.evidence.collect import Evidence
from hil.evidence.compare import compared
from hil.evidence.recording import play
from hil.evidence.recording import record as make_recording
from hil.evidence.run import Verdict
from hil.evidence.summary import comparison_page, difference, summary, told
from hil.measure.battery import Charge, Load, life
from hil.measure.captures import compared as compared_captures

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
ROOT = Path(__file__).parents[1]
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_NODE = "wardlink-node-vitals"
_OUT = Path("data/evidence")

Trust = Annotated[
    list[str] | None, typer.Option(help="Fingerprint of a bench's key; this machine's own is trusted anyway.")
]
Keys = Annotated[Path, typer.Option(help="Folder of this bench's key, which is made at first use.")]
Out = Annotated[Path, typer.Option(help="Where the bundle goes.")]
Seed = Annotated[int, typer.Option(help="The same seed does the same again.")]


@app.callback()
def hil() -> None:
    """Hardware in the loop: prove devices, gateways and controllers on a rig, and leave evidence of it."""


@app.command(context_settings=_PASS_ON)
def run(  # noqa: PLR0917 - typer reads them by name
    ctx: typer.Context,
    rig: Annotated[str, typer.Option(help="A rig of hil/rig/rigs, or a YAML file.")] = "emulated",
    seed: Seed = 1,
    rounds: Annotated[int | None, typer.Option(help="How many faults of each kind.")] = None,
    out: Out = _OUT,
    keys: Keys = FOLDER,
) -> None:
    """Run the tests of a rig (`./run rig`), show the bundle, exit with 1 unless it passed.

    pytest takes every other option.
    """
    before = set(out.glob("**/*.zip"))
    options = ["--lg-env", str(_rig_file(rig)), "--seed", str(seed)]
    options += ["--evidence", str(out.absolute()), "--bench-key", str(keys.expanduser().absolute())]
    options += [] if rounds is None else ["--rounds", str(rounds)]
    code = subprocess.run([str(ROOT / "run"), "rig", *options, *ctx.args], cwd=ROOT, check=False).returncode
    made = sorted(set(out.glob("**/*.zip")) - before)
    if not made:
        _refuse(f"the run ended with {code} and left no bundle in {out}: see above why")
    passed = [_passed(path, keys) for path in made]
    raise typer.Exit(code or int(not all(passed)))


def _rig_file(rig: str) -> Path:
    """Of a rig's name, or a path that is one already."""
    known = ROOT / "hil" / "rig" / "rigs"
    path = Path(rig) if rig.endswith((".yaml", ".yml")) else known / f"{rig}.yaml"
    if not path.exists():
        names = ", ".join(sorted(one.stem for one in known.glob("*.yaml")))
        _refuse(f"{path} is not there: expected the path of a rig's YAML file, or one of {names}")
    return path.absolute()


@app.command(name="oximeter")
def run_oximeter(seed: Seed = 1, out: Out = _OUT, keys: Keys = FOLDER) -> None:
    """Evidence of the firmware's oximeter on synthetic light: 70 to 100 %, 30 to 210 beats a minute."""
    try:
        command = f"wardlink hil oximeter --seed {seed}"
        evidence = Evidence(out, oximeter.RIG, seed, command, time_ns() // 1000)
        oximeter.fill(evidence)
        path = evidence.close(BenchKey.of(keys), typer.echo)
    except (HilError, OSError) as error:
        _refuse(error)
    raise typer.Exit(int(not _passed(path, keys)))


@app.command(context_settings=_PASS_ON, add_help_option=False)
def bench(ctx: typer.Context) -> None:
    """A ward on this machine whose patients and devices an engineer turns by hand."""
    from hil.dials.cli import app as dials  # noqa: PLC0415 - it loads the whole ward

    typer.main.get_command(dials).main(args=ctx.args, prog_name=ctx.command_path)


@app.command()
def report(
    bundle: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    trust: Trust = None,
    html: Annotated[Path | None, typer.Option(help="Put the report there, for a browser.")] = None,
    keys: Keys = FOLDER,
) -> None:
    """Check that a bundle is whole and signed by a bench that is trusted, then show what is in it."""
    files = _show(bundle, _trusted(trust, keys))
    if html:
        html.write_bytes(files["report.html"])
        typer.echo(f"{html}: open it in a browser; it needs no network")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    after: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    trust: Trust = None,
    html: Annotated[Path | None, typer.Option(help="Put the comparison there, too.")] = None,
    keys: Keys = FOLDER,
) -> None:
    """What changed between two bundles, such as two versions; exit with 1 if something got worse."""
    trusted = _trusted(trust, keys)
    found = compared(*(stored.read(_files(path, trusted)) for path in (before, after)))
    for line in difference(found):
        typer.echo(line)
    if html:
        html.write_text(comparison_page(found), encoding="utf-8")
    if found.is_worse:
        raise typer.Exit(1)


@app.command()
def key(keys: Keys = FOLDER) -> None:
    """The fingerprint of this bench's key: tell it to whoever is to trust its evidence."""
    try:
        typer.echo(BenchKey.of(keys).fingerprint)
    except (HilError, OSError) as error:
        _refuse(error)


@app.command()
def record(
    port: Annotated[str, typer.Argument(help="A serial port, or socket://HOST:PORT.")],
    file: Annotated[Path, typer.Argument(help="The recording; `wardlink decode` reads it.")],
    baud: Annotated[int, typer.Option(help="Bits a second.")] = 115200,
    seconds: Annotated[float | None, typer.Option(help="For how long; until Ctrl-C if left out.")] = None,
    through: Annotated[
        Path | None, typer.Option(help="Make a port here for a gateway to open; both ways are recorded.")
    ] = None,
) -> None:
    """Write down the raw bytes of a serial line, with their times."""
    try:
        counts = make_recording(port, file, baud, seconds, through)
    except (HilError, OSError) as error:
        _refuse(error)
    typer.echo(f"{file}: {counts.from_device} bytes from the device, {counts.to_device} to it")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    to: Annotated[Path | None, typer.Option(help="Make a port here, and play to whoever opens it.")] = None,
    profile_name: Annotated[
        str | None, typer.Option("--profile", help="Whose recording it is; without --to it is decoded.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0, help="Times as fast; 0: as fast as it is read.")] = 1,
) -> None:
    """Play a recording to a gateway, with its timing, or through a profile's codec."""
    try:
        if to:
            played = play(_chunks(file, profile_name or _NODE), to, speed, typer.echo)
            typer.echo(f"{to}: {played} bytes")
        elif profile_name:
            for said in decoded(profile(profile_name), file.read_bytes()):
                typer.echo(rendering.as_text(said))
        else:
            _refuse("where to? --to PORT plays it to a gateway, --profile NAME decodes it")
    except (HilError, DevicesError, OSError) as error:
        _refuse(f"{file}: {error}")


@app.command()
def fidelity(
    profile_name: Annotated[str, typer.Argument(metavar="PROFILE", help="Whose captures they are.")],
    golden: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What was played.")],
    arrived: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What was recorded.")],
    most_delay: Annotated[float, typer.Option(help="Seconds; shorter than a period.")] = 0.4,
) -> None:
    """How faithfully a recording's waveforms arrived: delay, error, samples lost and doubled."""
    try:
        both = golden.read_bytes(), arrived.read_bytes()
        for one in compared_captures(profile(profile_name), *both, most_delay):
            for measured in one.fidelity.judged(one.metric, _unit_of(one.metric), {}):
                typer.echo(told(measured))
    except (HilError, DevicesError, OSError) as error:
        _refuse(error)


def _unit_of(metric: str) -> str:
    return METRICS[metric].unit or "1" if metric in METRICS else "1"


@app.command()
def battery(
    mah: Annotated[float, typer.Option(help="Charge down to where the node stops.")],
    load: Annotated[
        list[str], typer.Option(help="STATE,MA,PART,PERCENT,SOURCE; PERCENT is MA's uncertainty.")
    ],
    percent: Annotated[float, typer.Option(help="Uncertainty of the charge, k = 2.")] = 20.0,
    source: Annotated[str, typer.Option(help="Of the charge: whose data sheet, or measured.")] = "data sheet",
) -> None:
    """Estimate how long a battery lasts: --load asleep,0.003,0.98,30,"nRF52832 data sheet" and so on."""
    try:
        found = life(Charge(mah, percent / 100, source), [_load(one) for one in load])
        typer.echo(f"{told(found)}\n{found.note}")
    except HilError as error:
        _refuse(error)


@app.command()
def cohort(
    folder: Annotated[Path, typer.Argument(help="Is made; the files of the cohort go there.")],
    patients: Annotated[int, typer.Option(min=10, max=100_000)] = 2000,
    seed: Seed = 1,
) -> None:
    """Simulate a ward's patients for `wardlink model train --cohort`: nobody's data."""
    made = simulated(Settings(patients=patients, seed=seed))
    write(folder, made)
    typer.echo(f"{folder}: {len(made.stays)} simulated patients, {len(made.events)} events")


def _load(text: str) -> Load:
    try:
        state, ma, part, percent, source = (one.strip() for one in text.split(",", 4))
        return Load(state, float(ma), float(percent) / 100, float(part), source)
    except ValueError:
        _refuse(f"{text}: expected STATE,MA,PART,PERCENT,SOURCE, such as awake,8.5,0.02,10,measured")


def _chunks(file: Path, name: str) -> list[Chunk]:
    return list(chunks(profile(name).link, file.read_bytes()))


def _trusted(fingerprints: Collection[str] | None, keys: Path) -> set[str]:
    """Those told, and this machine's own if it has a key."""
    own = (keys.expanduser() / "bench-key.pem").exists()
    return {*(one.lower() for one in fingerprints or ()), *({BenchKey.of(keys).fingerprint} if own else ())}


def _files(bundle: Path, trusted: Collection[str]) -> dict[str, bytes]:
    try:
        return opened(bundle.read_bytes(), trusted)
    except (HilError, OSError) as error:
        _refuse(f"{bundle}: REFUSED: {error}")


def _show(bundle: Path, trusted: Collection[str]) -> dict[str, bytes]:
    """Check a bundle and tell what is in it; exit with 1 when it is not to be trusted."""
    files = _files(bundle, trusted)
    for line in summary(stored.read(files)):
        typer.echo(line)
    typer.echo(f"{bundle}: whole, and signed by a key that is trusted")
    return files


def _passed(bundle: Path, keys: Path) -> bool:
    """Show a bundle that was just made; whether it shows that everything holds."""
    return stored.read(_show(bundle, _trusted(None, keys))).verdict is Verdict.PASSED


def _refuse(error: object) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
