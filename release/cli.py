"""`./run release`: keys, bundle, publish, refresh, root."""

import time
from pathlib import Path
from typing import Annotated

import typer

from release.bundle import build
from release.errors import ReleaseError
from release.keys import Keys
from release.repository import Repository

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Make and sign a release.")

KeysFolder = Annotated[Path, typer.Option("--keys", metavar="FOLDER", help="Where the keys are.")]
RepositoryFolder = Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The repository.")]


@app.command()
def keys(
    folder: Path,
    only: Annotated[
        str, typer.Option(help="In place of one that was stolen: targets, snapshot, timestamp.")
    ] = "",
) -> None:
    """Make the keys of all roles. Take those of root and targets away to where they are safe."""
    if only not in ("", "targets", "snapshot", "timestamp"):
        raise ReleaseError(f"expected targets, snapshot or timestamp, got {only!r:.40}")
    Keys(folder).make(*filter(None, [only]))
    typer.echo(f"{folder}: keep root-1, root-2, root-3 and targets in safes of their own; two roots sign")


@app.command()
def bundle(
    number: Annotated[int, typer.Argument(min=1, help="Higher than every release before.")],
    out: Annotated[Path, typer.Option(help="The folder for the bundle and its bill of materials.")] = Path(
        "dist"
    ),
) -> None:
    """Build a release of the gateway for this machine's platform, with its bill of materials (CycloneDX)."""
    built = build(number, out, int(time.time()))
    typer.echo(f"{built.bundle}\n{built.bill}")


@app.command()
def publish(bundles: list[Path], keys: KeysFolder, to: RepositoryFolder) -> None:
    """Sign bundles into a repository, which is made if there is none."""
    repository = Repository(to, Keys(keys), time.time())
    repository.publish(bundles)
    typer.echo(f"{to}: {len(bundles)} published; boxes are installed with {repository.root()}")


@app.command()
def refresh(keys: KeysFolder, to: RepositoryFolder) -> None:
    """Say that the repository is still the newest."""
    Repository(to, Keys(keys), time.time()).refresh()
    typer.echo(f"{to}: its timestamp is good for another while")


@app.command()
def root(keys: KeysFolder, to: RepositoryFolder) -> None:
    """Sign the root anew, by two of its keys: within two years, or when another role's key was replaced."""
    repository = Repository(to, Keys(keys), time.time())
    repository.renew_root()
    typer.echo(f"{to}: {repository.root().name} is signed, and everything below it")


def main() -> None:
    """Run the command line."""
    try:
        app(prog_name="./run release", standalone_mode=False)
    except (ReleaseError, OSError) as error:
        raise SystemExit(str(error)) from None
    except typer.Exit as error:
        raise SystemExit(error.exit_code) from None
    except typer.Abort:
        raise SystemExit(1) from None
