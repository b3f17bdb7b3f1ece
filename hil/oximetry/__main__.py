"""Print how the firmware's oximeter agrees with the truth: `python -m hil.oximetry [--recordings FOLDER]`."""

from pathlib import Path
from typing import Annotated

import typer

from hil.oximetry import recorded
from hil.oximetry.trials import TRIALS, compared


def main(
    recordings: Annotated[
        Path | None, typer.Option(help="folder of recordings as hil/oximetry/recorded.py reads them")
    ] = None,
) -> None:
    """For each kind of finger: how often there was a number, bias [limits of agreement], root mean square."""
    typer.echo(f"{'':38} {'SpO2 %':^34}   {'pulse /min':^34}")
    for trial in TRIALS:
        spo2, pulse = compared(trial)
        typer.echo(f"{trial.name:38} {spo2!s:34}   {pulse!s:34}")
    if recordings:
        spo2, pulse = recorded.compared(recordings)
        typer.echo(f"{'recorded, one person, 70 to 98 %':38} {spo2!s:34}   {pulse!s:34}")


if __name__ == "__main__":
    typer.run(main)
