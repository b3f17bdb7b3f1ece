"""`wardlink model`: train one on a cohort, read its card, check it for drift."""

from pathlib import Path
from typing import Annotated

import typer

from controller.clock import SystemClock, utc_text
from controller.command import ConfigOption, explained
from controller.config import Config, load
from controller.errors import ConfigError, ModelError
from controller.files import write_private
from controller.lake.extra import folder_of
from controller.models import checking, drift, report
from controller.models.cohort import Cohort, read
from controller.models.extra import needed
from controller.models.model import load as load_model
from controller.models.places import places_of

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Early warning beside NEWS2, for trial.")
Events = Annotated[Path | None, typer.Option(help="CSV of patient,utc,kind: who deteriorated, and when.")]


@app.command()
def train(
    out: Annotated[Path, typer.Argument(help="Folder; model.json and report.md go there.")],
    cohort: Annotated[Path | None, typer.Option(help="Folder of a cohort; without: the lake.")] = None,
    events: Events = None,
    config: ConfigOption = None,
    *,
    title: Annotated[str, typer.Option(help="Of the lake's cohort.")] = "The lake",
    name: Annotated[str, typer.Option(help="Of the model.")] = "deterioration-12h",
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 1,
    date: Annotated[str, typer.Option(help="Of the model; without: today.")] = "",
) -> None:
    """Train a model and judge it beside NEWS2 on patients that it has not seen.

    The same data, seed, date and software give the same bytes.
    """
    with explained(), needed():
        from controller.models import training  # noqa: PLC0415 - the extra may be missing

        day = date or utc_text(SystemClock().utc_us())[:10]
        asked = training.Asked(name=name, seed=seed)
        made = training.train(_cohort(cohort, events, config, title), asked, day)
        for path, text in {"model.json": made.model.text, **report.files(made.report)}.items():
            write_private(out / path, text)
    typer.echo(report.verdict(made.report))
    typer.echo(f"{out / 'model.json'}: {made.model.name} {made.model.version}, {made.model.label}", err=True)


@app.command()
def show(model: Annotated[Path, typer.Argument(help="model.json")]) -> None:
    """Say what a model is, and what it was trained on."""
    with explained():
        held = load_model(model)
    on = held.trained_on
    typer.echo(f"{held.name} {held.version} of {held.date}: {held.label}")
    typer.echo(f"{held.outcome}; readings up to {held.limit_min} min old")
    typer.echo(f"{on.title} ({on.data}), SHA-256 {on.sha256}:")
    typer.echo(f"{on.patients} patients, {on.landmarks} moments, {on.events} of them before an event")
    typer.echo(f"held out: who first came after {held.cut[:10]}")
    typer.echo("logit(p) for one standard deviation more:")
    for one in sorted(held.features, key=lambda one: -abs(one.coefficient)):
        typer.echo(f"  {one.name:24} {one.coefficient:+.3f}  ({one.mean:g} ± {one.scale:g} {one.unit})")


@app.command()
def check(
    config: ConfigOption = None,
    model: Annotated[Path | None, typer.Option(help="model.json; without: that of [models].")] = None,
    cohort: Annotated[Path | None, typer.Option(help="Folder of a cohort; without: the lake.")] = None,
    events: Events = None,
) -> None:
    """Hold the people of the lake against those that the model was trained on: exit with 1 if they differ.

    What is found of the lake is kept, and told to Prometheus; of a cohort it is only said.
    """
    with explained(), needed():
        loaded = load(config)
        path, utc_us = _model(loaded, model), SystemClock().utc_us()
        if cohort is None:
            found = checking.check(places_of(loaded, path, events), utc_us)
        else:
            found = drift.checked(load_model(path), read(cohort), utc_text(utc_us), outcomes=True)
    typer.echo(said(found))
    for name, value in sorted(found.psi.items(), key=lambda one: -one[1]):
        typer.echo(f"  {name:24} {value:.3f}{'  moved' if value > drift.MOVED else ''}")
    if found.moved:
        raise typer.Exit(1)


def said(found: drift.Drift) -> str:
    """In a line."""
    about = f"{found.model} {found.version}: {found.moments} moments, {found.not_scored} not scored"
    moved = f"moved (index > {drift.MOVED}): {', '.join(found.moved) or 'nothing'}"
    if found.predicted is None:
        needed_ = f"{drift.FEWEST} moments of {drift.FEWEST_PATIENTS} patients"
        return f"{about}: {needed_} are needed; {moved}"
    if found.large is not None:
        large = f"{found.large:+.3f}"
    elif found.observed is not None:
        large = "not known: too few events"
    else:
        large = "not known: no file of events"
    return f"{about}; {moved}; calibration in the large: {large}"


def _model(config: Config, path: Path | None) -> Path:
    if path is None and config.models is None:
        raise ConfigError("expected --model, or [models] in the configuration: which model is to be checked?")
    return path or config.models.file  # type: ignore[union-attr]


def _cohort(folder: Path | None, events: Path | None, config: Path | None, title: str) -> Cohort:
    if folder is not None:
        return read(folder)
    if events is None:
        raise ModelError(
            "expected --cohort, or --events with the lake: nobody can learn from people of whom it is not "
            "known what became of them"
        )
    return _of_lake(load(config), title, events, 0)


def _of_lake(config: Config, title: str, events: Path | None, since_us: int) -> Cohort:
    from controller.models.lake import from_lake  # noqa: PLC0415 - the extra may be missing

    return from_lake(folder_of(config), title, events, since_us)
