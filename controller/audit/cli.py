"""`wardlink audit`: prove that the trail is what was written; ask it who saw whom; take it away."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer

from controller.audit import csv_text
from controller.audit.fhir import audit_event
from controller.audit.heads import Reader, public_key
from controller.audit.search import Question, everything, found
from controller.audit.service import heads_folder, published
from controller.audit.verify import Verdict, verify
from controller.clock import utc_of, utc_text
from controller.config import Config, load
from controller.errors import ControllerError
from controller.identity.files import FOLDER
from controller.identity.takeover import ISSUING, RETIRED
from controller.store.beside import reading
from controller.store.where import is_there

T = TypeVar("T")
ALWAYS = 2**62
"""Later than any entry, µs."""

app = typer.Typer(
    no_args_is_help=True, help="The audit trail: who did what, to whom, when, from where and why."
)
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The controller's TOML file; without: all defaults, data here."),
]
From = Annotated[str, typer.Option("--from", help="UTC, as 2026-11-25T21:05; without: the beginning.")]
To = Annotated[str, typer.Option("--to", help="UTC; without: now.")]
Actor = Annotated[str, typer.Option(help="Who did it.")]
Action = Annotated[str, typer.Option(help="What was done.")]


class Form(StrEnum):
    """Of an export."""

    JSONL = "jsonl"
    """Every entry with its hash, as it is."""
    CSV = "csv"
    FHIR = "fhir"
    """FHIR R4 AuditEvents, one a line."""


@app.command(name="verify")
def verify_command(
    config: ConfigOption = None,
    heads: Annotated[
        list[Path] | None, typer.Option(help="A file with published heads (a gateway's, too); repeat it.")
    ] = None,
    certificate: Annotated[
        list[Path] | None, typer.Option(help="Another issuing certificate that signed heads; repeat it.")
    ] = None,
) -> None:
    """Prove it: every entry is as it was written and every published head agrees. Exits with 1 if not."""
    with _explained():
        loaded = load(config)
        ca = loaded.data / FOLDER
        certificates = ca / ISSUING, *sorted((ca / RETIRED).glob("issuing-*.pem")), *(certificate or ())
        keys = [public_key(path) for path in certificates]
        own, reader = published(heads_folder(loaded), lambda: keys), Reader(keys)
        told = chain(own.heads(), *(reader.file(path) for path in heads or ()))
        verdict = _ask(loaded, lambda db: verify(db, told))
    for fault in verdict.faults:
        typer.echo(fault.message, err=True)
    typer.echo(_sentence(verdict), err=not verdict.is_whole)
    if not verdict.is_whole:
        raise typer.Exit(1)


@app.command()
def show(
    *,
    config: ConfigOption = None,
    begin: From = "",
    end: To = "",
    actor: Actor = "",
    action: Action = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
) -> None:
    """The newest entries: number, UTC, who, what, to what, whose, outcome, from where, why; by tabs."""
    with _explained():
        question = Question(*_span(begin, end), actor=actor, action=action, limit=limit)
        _print(_ask(load(config), lambda db: list(found(db, question))))


@app.command()
def seen_by(
    patient: Annotated[str, typer.Argument(help="The patient's identifier.")],
    config: ConfigOption = None,
    begin: From = "",
    end: To = "",
) -> None:
    """Who saw a patient, or changed something about them, between two times; as `show` prints it."""
    with _explained():
        question = Question(*_span(begin, end), patient=patient)
        _print(_ask(load(config), lambda db: list(found(db, question))))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to; it must not exist.")],
    config: ConfigOption = None,
    form: Annotated[Form, typer.Option("--format", help="What is written.")] = Form.JSONL,
) -> None:
    """Write the whole trail to a file, mode 0600: it names patients."""

    def work(db: sqlite3.Connection) -> int:
        with file.open("xb") as out:
            file.chmod(0o600)
            written = 0
            for line in _lines(form, everything(db), loaded.controller.id):
                written += out.write(line)
        return written

    with _explained():
        loaded = load(config)
        typer.echo(f"{file}: {_ask(loaded, work)} bytes", err=True)


def _lines(form: Form, entries: Iterator[dict[str, Any]], observer: str) -> Iterator[bytes]:
    if form is Form.CSV:
        return csv_text.lines(entries)
    told = (audit_event(entry, observer) if form is Form.FHIR else entry for entry in entries)
    return (orjson.dumps(one) + b"\n" for one in told)


def _ask(config: Config, work: Callable[[sqlite3.Connection], T]) -> T:
    if not is_there(config.where):
        raise ControllerError(
            f"{config.where}: there is no such database: name the configuration by --config"
        )
    with reading(config.where) as db:
        return work(db)


def _span(begin: str, end: str) -> tuple[int, int]:
    try:
        return utc_of(begin) if begin else 0, utc_of(end) if end else ALWAYS
    except ValueError:
        raise ControllerError(
            f"expected times as 2026-11-25T21:05, got {begin or '-'}, {end or '-'}"
        ) from None


def _print(entries: list[dict[str, Any]]) -> None:
    for one in entries:
        about = (
            one[name] or "-" for name in ("actor", "action", "entity", "patient", "outcome", "where", "why")
        )
        cells = (str(one["number"]), utc_text(one["utc_us"]), *about)
        typer.echo("\t".join("".join(c if c.isprintable() else "?" for c in cell) for cell in cells))


def _sentence(verdict: Verdict) -> str:
    if not verdict.is_whole:
        return f"the audit trail is NOT what was written: {verdict.fault_count} faults"
    whole = f"{verdict.entries} entries, each as it was written"
    if verdict.newest_head is None:
        return f"{whole}; no published head was compared: a cut end cannot be seen"
    newest = verdict.newest_head
    seen = f"the newest of {utc_text(newest.utc_us)}, at entry {newest.number}"
    return f"{whole}; {verdict.heads} published heads agree, {seen}"


@contextmanager
def _explained() -> Iterator[None]:
    """Errors that a person can mend are told, not traced."""
    try:
        yield
    except (ControllerError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
