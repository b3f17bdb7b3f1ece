"""`wardlink controller signing`: what checks of signatures elsewhere need of this controller."""

from pathlib import Path
from typing import Annotated

import typer

from controller.clock import SystemClock
from controller.command import ConfigOption, explained, with_store
from controller.config import load
from controller.identity.files import FOLDER
from controller.signing.revoked import revoked_list
from controller.signing.site import SiteSigner

app = typer.Typer(no_args_is_help=True, help="The personal keys with which people sign.")


@app.callback()
def signing() -> None:
    """The personal keys with which people sign."""


@app.command("revoked")
def revoked(
    out: Annotated[Path | None, typer.Option(help="The file; without: on the screen.")] = None,
    config: ConfigOption = None,
) -> None:
    """The keys that sign no more, signed by the site: for `wardlink rx verify --revoked`."""
    with explained():
        signer = SiteSigner(load(config).data / FOLDER)
    utc_s = SystemClock().utc_us() // 1_000_000
    listed = with_store(config, lambda store: revoked_list(store, signer, utc_s))
    if out is None:
        typer.echo(listed, nl=False)
    else:
        out.write_bytes(listed)
        typer.echo(f"{out}: keep it beside the root, and make it anew when a key is revoked", err=True)
