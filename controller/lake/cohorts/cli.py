"""`wardlink lake cohort`: a cohort asked, saved, listed, shown. Who is at this machine sees every number."""

import getpass
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError

from controller.clock import SystemClock, utc_text
from controller.command import ConfigOption, explained, with_store
from controller.config import load
from controller.errors import LakeError
from controller.identity.certificates import By
from controller.invalid import problems
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.found import Found
from controller.lake.cohorts.kept import NAME, Cohorts, Run, Version
from controller.lake.cohorts.words import rules, sentence
from controller.lake.extra import folder_of, needed
from controller.store import Store

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Cohorts: questions over months of data.")


@app.command()
def run(
    what: Annotated[str, typer.Argument(metavar="FILE.json|NAME@2", help="A definition, or a saved one.")],
    config: ConfigOption = None,
    save: Annotated[str, typer.Option(help="Keep it as the next version of this name.")] = "",
    why: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Ask it of the lake as it is now."""
    with explained(), needed():
        from controller.lake.cohorts.asking import asked  # noqa: PLC0415 - the extra may be missing

        folder, by = folder_of(load(config)), By(f"cli:{getpass.getuser()}", why=why)

        async def work(store: Store) -> tuple[CohortDefinition, Found]:
            cohorts = Cohorts(store, SystemClock())
            version = await _version_of(cohorts, what, save, by)
            definition = version.definition if version else _definition(Path(what))
            if version is None:
                detail = {"words": sentence(definition, "en")}
                await cohorts.tell("cohort-asked", "-", by, detail)
            found = asked(folder, definition, SystemClock())
            if version is not None:
                await cohorts.noted(version, found, by)
            return definition, found

        definition, found = with_store(config, work)
    if as_json:
        typer.echo(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo("\n".join(_told(definition, found)))


@app.command(name="list")
def listed(config: ConfigOption = None) -> None:
    """All that are saved: name@version, when (UTC), who, what for, what; by tabs."""
    for one in with_store(config, lambda store: Cohorts(store, SystemClock()).all()):
        told = one.label, utc_text(one.utc_ms * 1000), one.by, one.why, sentence(one.definition, "en")
        typer.echo("\t".join(told))


@app.command()
def show(
    label: Annotated[str, typer.Argument(metavar="NAME@2")],
    config: ConfigOption = None,
) -> None:
    """A saved one: its definition, and what it found in which lake, the newest first."""

    async def work(store: Store) -> tuple[Version, list[Run]]:
        cohorts = Cohorts(store, SystemClock())
        version = await cohorts.find(*_named(label))
        return version, await cohorts.runs(version)

    with explained():
        version, runs = with_store(config, work)
    typer.echo(f"{version.label} by {version.by}, {utc_text(version.utc_ms * 1000)}: {version.why}")
    typer.echo(version.definition.model_dump_json(by_alias=True, exclude_none=True))
    for one in runs:
        typer.echo(f"\nasked by {one.by}, {utc_text(one.utc_ms * 1000)}")
        typer.echo("\n".join(_told(version.definition, one.found)))


async def _version_of(cohorts: Cohorts, what: str, save: str, by: By) -> Version | None:
    if save:
        if not re.fullmatch(NAME, save):
            raise LakeError(f"expected a name of a-z 0-9 and hyphens, at most 40, got {save!r:.60}")
        if not by.why.strip():
            raise LakeError("expected what it is for, which is kept with it: --why")
        return await cohorts.save(save, _definition(Path(what)), by)
    return None if what.endswith(".json") else await cohorts.find(*_named(what))


def _named(label: str) -> tuple[str, int]:
    name, _, version = label.rpartition("@")
    if not (name and version.isascii() and version.isdecimal() and len(version) <= 9):
        raise LakeError(f"expected NAME@VERSION as low-spo2@2, got {label!r:.60}")
    return name, int(version)


def _definition(path: Path) -> CohortDefinition:
    try:
        return CohortDefinition.model_validate_json(path.read_bytes())
    except OSError as error:
        raise LakeError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        told = "; ".join(problems(error, "the file"))
        raise LakeError(f"{path} is no definition of a cohort: {told}: see docs/cohorts.md") from None


def _told(definition: CohortDefinition, found: Found) -> list[str]:
    total, read = found.total, found.read
    lines = [
        sentence(definition, "en"),
        f"{total.matching} of {total.admitted} admissions match ({found.patients} patients), "
        f"{total.unknown} unknown",
        f"lake of {utc_text(found.lake_utc_ms * 1000)}, generation {found.generation}",
        f"{read.took_ms / 1000:.1f} s, {read.rows:,} of {read.rows_there:,} readings, "
        f"{read.files} of {read.files_there} files, {read.bytes:,} bytes",
        "month\tadmitted\tmatching\tunknown",
        *(f"{one.month}\t{one.admitted}\t{one.matching}\t{one.unknown}" for one in found.months),
    ]
    for number, basis in enumerate(found.bases, 1):
        told = ", ".join(f"{name} {count}" for name, count in asdict(basis).items())
        lines.append(f"condition {number}: {told}")
    disowned = [] if found.disowned_known else ["this lake does not say which readings are disowned"]
    return [*lines, *disowned, f"slowest: {', '.join(read.plan)}", *rules(definition, "en")]
