"""`wardlink controller authority`: how long its certificates hold, and what comes after them.

A running controller takes over within a second what is made here, and no gateway loses its connection.
"""

from datetime import datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import SystemClock
from controller.command import ConfigOption, explained, with_store
from controller.config import load
from controller.errors import AuthorityError
from controller.files import write_private
from controller.identity.authority import Authority, PrivateKey, RootKey, check_clock
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, ROOT_KEY, held_authority
from controller.identity.lifetimes import REMEDY, Life, lives
from controller.identity.pems import key_pem, read_root_key
from controller.identity.succession import next_issuing, next_root
from controller.identity.takeover import finish, locked, stage
from controller.store import Store

WIDTH = 300
"""Columns that the table may take: a fingerprint is told whole."""
_DAY = timedelta(days=1)

app = typer.Typer(no_args_is_help=True, help="The authority's certificates, and what comes after them.")
RootKeyOption = Annotated[
    Path | None,
    typer.Option("--root-key", help="The root's key, from where it is kept; without: ca/root.key."),
]


@app.command()
def show(config: ConfigOption = None) -> None:
    """Each certificate: from, until, days left, SHA-256; what is to be done; where the root's key is."""
    with explained():
        folder, now = load(config).data / FOLDER, _now()
        found = lives(folder, held_authority(folder, now))
    table = Table(box=None, pad_edge=False)
    for column in ("certificate", "subject", "from", "until", "days left", "SHA-256"):
        table.add_column(column, no_wrap=True)
    for one in found:
        table.add_row(*_row(one, now))
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table, markup=False)
    for one in found:
        if one.is_told(now):
            typer.echo(f"the {one.name} certificate ends on {one.ends:%Y-%m-%d}: {REMEDY[one.name]}")
    typer.echo(_where_the_key_is(folder))


@app.command()
def renew(root_key: RootKeyOption = None, config: ConfigOption = None) -> None:
    """The next issuing certificate, with a new key, signed with the root's key. Gateways stay connected."""
    with explained():
        folder, now = load(config).data / FOLDER, _now()
        old, key = _authority(folder, now), _root_key(folder, root_key)
        new = next_issuing(old, key, now)
        _take_over(config, folder, old, new)
    typer.echo(_told("issuing", Life("issuing", new.issuing)))
    typer.echo(_where_the_key_is(folder))


@app.command()
def new_root(
    root_key: RootKeyOption = None,
    new_root_key: Annotated[
        Path | None, typer.Option(help="Where to write the new root's key; without: ca/root.key.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """A new root, which the old one vouches for, and a new issuing certificate under it.

    Gateways take the new root over by themselves when they next renew, as long as the old one holds.
    """
    with explained():
        folder, now = load(config).data / FOLDER, _now()
        old, key = _authority(folder, now), _root_key(folder, root_key)
        new, made = next_root(old, key, now)
        if new_root_key is not None:
            _keep_elsewhere(new_root_key, made)
        _take_over(config, folder, old, new, made if new_root_key is None else None)
    for name, one in (("root", new.root), ("issuing", new.issuing)):
        typer.echo(_told(name, Life(name, one)))
    until = f"{old.root.not_valid_after_utc:%Y-%m-%d}"
    typer.echo(f"the root before it holds until {until}: who has not renewed by then needs a new claim")
    typer.echo(_where_the_key_is(folder))


def _authority(folder: Path, now: datetime) -> Authority:
    check_clock(now)
    return held_authority(folder, now)


def _root_key(folder: Path, given: Path | None) -> RootKey:
    path = given or folder / ROOT_KEY
    if not path.exists():
        raise AuthorityError(
            f"{path}: expected the root's key, it is not there: bring it from where it is kept, and name it "
            "by --root-key"
        )
    return read_root_key(path, lambda: typer.prompt(f"Password of {path}", hide_input=True))


def _keep_elsewhere(path: Path, key: PrivateKey) -> None:
    if path.exists():
        raise AuthorityError(f"{path}: expected a file that is not there yet: name another by --new-root-key")
    try:
        write_private(path, key_pem(key))
    except OSError as error:
        raise AuthorityError(f"{path}: the new root's key cannot be written: {error.strerror}") from error


def _take_over(
    config: Path | None, folder: Path, old: Authority, new: Authority, root_key: PrivateKey | None = None
) -> None:
    """First the audit trail, then the files."""
    is_root = new.root != old.root
    action = "authority-root-replaced" if is_root else "authority-renewed"
    detail: dict[str, str | int] = {"issuing": Life("", new.issuing).fingerprint}
    if is_root:
        detail["root"] = new.fingerprint
    entry = Entry(action, f"cli:{getuser()}", "authority", "done", detail=detail)
    utc_us = SystemClock().utc_us()

    async def write(store: Store) -> None:
        await store.write(lambda db: append(db, entry, utc_us))

    with_store(config, write)
    with locked(folder):
        stage(folder, old, new, root_key)
        finish(folder)


def _row(one: Life, now: datetime) -> tuple[str, ...]:
    begins = one.certificate.not_valid_before_utc
    span = f"{begins:%Y-%m-%d}", f"{one.ends:%Y-%m-%d}", str(one.left(now) // _DAY)
    return one.name, one.certificate.subject.rfc4514_string(), *span, one.fingerprint


def _told(name: str, one: Life) -> str:
    return f"the new {name} certificate holds until {one.ends:%Y-%m-%d}; SHA-256 {one.fingerprint}"


def _where_the_key_is(folder: Path) -> str:
    if (folder / ROOT_KEY).exists():
        return f"{folder / ROOT_KEY}: the root's key is HERE: take it away to a safe"
    return "the root's key is not here: keep it where it is"


def _now() -> datetime:
    return moment(SystemClock().utc_us() // 1_000_000)
