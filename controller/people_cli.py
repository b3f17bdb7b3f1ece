"""`wardlink controller …-user`: let people in and out where no administrator can log in yet, or any more."""

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from controller.clock import SystemClock
from controller.command import ConfigOption, with_store
from controller.errors import NotFound
from controller.security.accounts import Accounts, By, wards_for
from controller.security.passwords import Passwords
from controller.security.permissions import Role
from controller.security.sessions import Held, Sessions
from controller.security.users import User, check_new_password, find_account
from controller.store import Store

T = TypeVar("T")

_Roles = Annotated[list[Role], typer.Option("--role", help="What the person may do; repeat it.")]
_Wards = Annotated[list[str] | None, typer.Option("--ward", help="A ward of the person; repeat it.")]
_Everywhere = Annotated[bool, typer.Option("--all-wards", help="All wards there are, and will be.")]
_PasswordFile = Annotated[
    Path | None,
    typer.Option(exists=True, help="Its first line is a lasting password; without: one for one login."),
]


def add_user(
    user: str,
    role: _Roles,
    ward: _Wards = None,
    *,
    all_wards: _Everywhere = False,
    password_file: _PasswordFile = None,
    config: ConfigOption = None,
) -> None:
    """Let a person in, and print a password for one login within a day."""

    async def work(accounts: Accounts) -> str:
        lasting = _first_line(password_file)
        password = await accounts.create(user, role, wards_for(role, ward or [], everywhere=all_wards), _by())
        if lasting is None:
            return password
        await accounts.choose_password(user, lasting, _by())
        return ""

    _tell(_accounts(config, work))


def reset_user(
    user: str,
    second_factor: Annotated[bool, typer.Option(help="Forget the second factor, too: it is lost.")] = False,
    config: ConfigOption = None,
) -> None:
    """Print another password for one login within a day; the old one opens nothing any more."""

    async def work(accounts: Accounts) -> str:
        if second_factor:
            await accounts.forget_second_factor(user, _by())
        return await accounts.reset(user, _by())

    _tell(_accounts(config, work))


def disable_user(user: str, config: ConfigOption = None) -> None:
    """Shut a person out: a running controller ends their sessions within seconds."""
    _accounts(config, lambda accounts: accounts.set_disabled(user, _by(), disabled=True))


def enable_user(user: str, config: ConfigOption = None) -> None:
    """Let a person in again."""
    _accounts(config, lambda accounts: accounts.set_disabled(user, _by(), disabled=False))


def users(config: ConfigOption = None) -> None:
    """Everybody who may log in."""
    table = Table("user", "roles", "wards", "state")
    for one in _accounts(config, lambda accounts: accounts.people()):
        wards = "all" if one["wards"] is None else " ".join(one["wards"])
        table.add_row(one["name"], " ".join(one["roles"]), wards, "disabled" if one["disabled"] else "active")
    Console().print(table)


def user_sessions(user: str, config: ConfigOption = None) -> None:
    """Where a person is logged in."""

    async def work(store: Store) -> list[Held]:
        return await Sessions(store, SystemClock()).held(await _known(store, user))

    table, now_ms = Table("session", "how", "from", "logged in", "last used"), SystemClock().now_us() // 1000
    for one in with_store(config, work):
        table.add_row(one.id, one.how, one.address, _ago(one.began_ms, now_ms), _ago(one.used_ms, now_ms))
    Console().print(table)


def end_session(
    user: str,
    session: Annotated[str, typer.Argument(help="As `user-sessions` shows it.")],
    config: ConfigOption = None,
) -> None:
    """End one of a person's sessions; a running controller cuts it off within seconds."""

    async def work(store: Store) -> None:
        await Sessions(store, SystemClock()).end_one(user, session, _by().actor)

    with_store(config, work)


COMMANDS = (add_user, reset_user, disable_user, enable_user, users, user_sessions, end_session)


def _accounts(config: Path | None, work: Callable[[Accounts], Awaitable[T]]) -> T:
    return with_store(
        config, lambda store: work(Accounts(store, SystemClock(), Passwords(), ended=lambda: None))
    )


async def _known(store: Store, user: str) -> User:
    account = await find_account(store, user)
    if account is None:
        raise NotFound(f"there is no person {user!r}: see `users` for those there are")
    return account.user


def _ago(ms: int, now_ms: int) -> str:
    return f"{max(0, now_ms - ms) // 60_000} min ago"


def _by() -> By:
    return By(f"cli:{getpass.getuser()}")


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    password = path.read_text(encoding="utf-8").partition("\n")[0]
    check_new_password(password)
    return password


def _tell(password: str) -> None:
    if password:
        typer.echo(password)
