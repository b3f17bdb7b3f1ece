"""`wardlink objects`: whether every row has its object; from the folder into a bucket."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from controller.clock import SystemClock
from controller.command import ConfigOption, explained, with_store
from controller.config import Config, load
from controller.errors import ConfigError, ControllerError
from controller.objects.bucket import Bucket
from controller.objects.check import Report, check
from controller.objects.kinds import SWITCHED, kinds, told_places
from controller.objects.move import Moved, Places, clean, move
from controller.objects.owner import Owning
from controller.objects.section import IMAGES, RECORDINGS
from controller.only_one import only_one
from controller.store import Store

app = typer.Typer(no_args_is_help=True, help="Images and recordings in a folder or a bucket.")
_SHOWN = 50
ARCHIVE = "controller.imaging.archive"
"""Where the migrations of the index of images are."""


@app.callback()
def objects() -> None:
    """Images and recordings in a folder or a bucket."""


@app.command("check")
def checked(config: ConfigOption = None) -> None:
    """Rows without objects, objects without rows; exit with 1 when anything is lost."""
    with explained():
        loaded = load(config)
    reports = with_store(config, lambda store: _reports(loaded, store))
    for report in reports:
        typer.echo(report.said())
        for what in ("missing", "changed", "orphans"):
            for key in getattr(report, what)[:_SHOWN]:
                typer.echo(f"  {what}: {key}")
    if not all(report.is_whole for report in reports):
        raise typer.Exit(1)


@app.command("move")
def moved(
    to: Annotated[str, typer.Option("--to", help="s3://BUCKET/PREFIX; that of [objects].")] = "",
    config: ConfigOption = None,
) -> None:
    """Copy what is in the folder into the bucket of [objects]; what is there already is not sent again.

    While the controller runs, it copies and says so. Once it does not, the last are copied and all rows are
    checked: started again, the controller works with the bucket.
    """
    with explained():
        loaded = load(config)
        places = _places(loaded, to)
        with ExitStack() as stack:
            is_last = _is_ours(stack, loaded.data)
            _say(move(loaded.data, places, typer.echo))
    if not is_last:
        typer.echo("the controller runs: end it, move again, and start it: then it works with the bucket")
        return
    checked(config)
    typer.echo(
        "every row has its object: start the controller, it works with the bucket from now on; what is in "
        "the folder stays until `wardlink objects clean`"
    )


@app.command("clean")
def cleaned(config: ConfigOption = None) -> None:
    """Remove from the folder what is in the bucket: each object is read before its file goes."""
    with explained():
        loaded = load(config)
        places, switched = _places(loaded, ""), loaded.data / SWITCHED
        if not switched.exists() or switched.read_text() != told_places(loaded):
            raise ConfigError("the controller has not been started with [objects] yet: nothing is removed")
        _say(clean(loaded.data, places, typer.echo))


@app.command("own")
def owned(
    sure: Annotated[
        bool, typer.Option("--sure", help="What has no row of ours is taken away after a day.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Say that what is in the bucket belongs to this database and this index of images, whoever's it was.

    First see what `check` lists as orphans: images that came after a backup was made are among them.
    """
    with explained():
        loaded = load(config)
        if not sure:
            raise ConfigError("expected --sure: what has no row here is taken away after a day: see `check`")
    with_store(config, lambda store: _own(loaded, store))
    typer.echo("what is there is ours from now on")


async def _own(config: Config, store: Store) -> None:
    async def unasked() -> tuple[int, int]:
        return 0, 0

    for kind in kinds(config, store, SystemClock()):
        if kind.ours:
            await Owning(kind.objects, store, unasked).take()
        else:
            index = await Store.open(config.data / "imaging" / "imaging.sqlite", ARCHIVE)
            await Owning(kind.objects, index, unasked).take()
            await index.close()


async def _reports(config: Config, store: Store) -> list[Report]:
    clock = SystemClock()
    return [await check(kind, clock) for kind in kinds(config, store, clock)]


def _places(config: Config, to: str) -> Places:
    """Raises ConfigError."""
    if config.objects is None:
        raise ConfigError("expected [objects] in the configuration: add it, and move, before a restart")
    if to.rstrip("/") not in ("", config.objects.url.rstrip("/")):
        raise ConfigError(f"expected --to {config.objects.url}, as in [objects]; got {to!r:.80}")
    held = {IMAGES: config.imaging, RECORDINGS: config.telemedicine}
    places = {kind: section.objects for kind, section in held.items() if section and section.objects}
    return {kind: Bucket(place, SystemClock()) for kind, place in places.items()}


def _is_ours(stack: ExitStack, data: Path) -> bool:
    """Whether no controller runs; none starts until `stack` ends."""
    try:
        stack.enter_context(only_one(data))
    except ControllerError:
        return False
    return True


def _say(moved: Moved) -> None:
    typer.echo(
        f"{moved.copied} copied, {moved.there} were there, {moved.removed} removed, {moved.bytes} bytes, "
        f"{moved.odd} not as they should be"
    )
