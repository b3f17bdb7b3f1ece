"""`./run campaign NAME`."""

from pathlib import Path
from typing import Annotated

import typer

from hil.campaigns.fuzz import fuzz

app = typer.Typer(add_completion=False)


@app.callback()
def campaign() -> None:
    """Run a long test to its verdict; exit with 1 when it fails."""


@app.command(name="fuzz")
def run_fuzz(
    profile: Annotated[list[str] | None, typer.Option(help="Only these profiles.")] = None,
    seconds: Annotated[int, typer.Option(help="For each profile.")] = 20,
    seed: Annotated[int, typer.Option(help="The same seed does the same again.")] = 1,
    corpus: Annotated[Path, typer.Option(help="Inputs, and what failed.")] = Path("data/fuzz"),
) -> None:
    """Malformed streams against every codec (atheris): nothing raises, grows or rings for ever."""
    failed = fuzz(profile or [], seconds, seed, corpus, typer.echo)
    typer.echo(f"failed: {', '.join(failed) or 'none'}")
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
