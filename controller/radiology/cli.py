"""`wardlink controller report`: signed reports, checked without the controller."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509

from controller.command import ConfigOption, explained
from controller.config import load
from controller.identity.files import FOLDER
from controller.identity.pems import read_certificate
from controller.identity.takeover import ROOT
from controller.radiology.signing import verify

app = typer.Typer(no_args_is_help=True, help="Signed reports of imaging.")


@app.callback()
def reports() -> None:
    """Signed reports of imaging."""


@app.command("verify")
def verified(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="As the page saved it.")],
    root: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The site's root.pem; without: this controller's."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Say who signed a report, and when. It exits with 1 when a byte of it is not as it was signed."""
    with explained():
        held = verify(file.read_bytes(), [_root(root, config)])
    typer.echo(f"signed by {held.by} at {held.issued}: {held.report['status']}")


def _root(root: Path | None, config: Path | None) -> x509.Certificate:
    return read_certificate(root or load(config).data / FOLDER / ROOT)
