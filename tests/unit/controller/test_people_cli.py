"""`wardlink controller …-user`: people on the command line."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from controller.cli import app
from controller.clock import SystemClock
from controller.security.sessions import How, Sessions
from controller.security.users import find_account
from controller.store import Store
from tests.support.controller import quick_passwords


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "controller.toml"
    path.write_text('[controller]\ndata = "."\n', encoding="utf-8")
    assert run(path, "add-ward", "ward-a", "Ward A").exit_code == 0
    with quick_passwords():
        yield path


def run(site: Path, *command: str) -> Result:
    return CliRunner().invoke(app, [*command, "--config", str(site)])


def test_the_first_administrator_is_let_in_with_a_one_time_password(site: Path) -> None:
    made = run(site, "add-user", "admin", "--role", "administrator")
    assert made.exit_code == 0
    assert len(made.stdout.strip()) == 19
    listed = run(site, "users").stdout
    assert "admin" in listed
    assert "administrator" in listed


def test_a_nurse_needs_a_ward_or_the_word_all(site: Path) -> None:
    refused = run(site, "add-user", "anna", "--role", "nurse")
    assert (refused.exit_code, "expected the wards" in refused.output) == (1, True)
    assert "Traceback" not in refused.output
    assert run(site, "add-user", "anna", "--role", "nurse", "--ward", "ward-a").exit_code == 0
    assert run(site, "add-user", "ben", "--role", "nurse", "--role", "crew", "--all-wards").exit_code == 0
    assert "ward-a" in run(site, "users").stdout


def test_a_password_from_a_file_lasts_and_is_not_printed(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("words of my own\nand a remark\n", encoding="utf-8")
    made = run(site, "add-user", "ed", "--role", "engineer", "--password-file", str(file))
    assert (made.exit_code, made.stdout) == (0, "")
    file.write_text("short\n", encoding="utf-8")
    refused = run(site, "add-user", "eva", "--role", "engineer", "--password-file", str(file))
    assert (refused.exit_code, "8 to 1024 characters" in refused.output) == (1, True)
    assert "eva" not in run(site, "users").stdout


def test_a_person_is_reset_shut_out_and_let_in_again(site: Path) -> None:
    first = run(site, "add-user", "anna", "--role", "nurse", "--all-wards").stdout
    second = run(site, "reset-user", "anna", "--second-factor").stdout
    assert first != second
    assert run(site, "disable-user", "anna").exit_code == 0
    assert "disabled" in run(site, "users").stdout
    assert run(site, "enable-user", "anna").exit_code == 0
    assert "disabled" not in run(site, "users").stdout


@pytest.mark.parametrize("command", ["reset-user", "disable-user", "enable-user"])
def test_whoever_is_not_there_is_an_error_in_words(site: Path, command: str) -> None:
    refused = run(site, command, "nobody")
    assert (refused.exit_code, "there is no person 'nobody'" in refused.output) == (1, True)


def test_a_person_s_sessions_are_listed_and_one_is_ended(site: Path) -> None:
    run(site, "add-user", "anna", "--role", "nurse", "--all-wards")
    asyncio.run(logged_in(site))
    listed = run(site, "user-sessions", "anna").stdout
    number = next(word for word in listed.split() if re.fullmatch("[0-9a-f]{16}", word))
    assert "10.0.0.7" in listed
    assert run(site, "end-session", "anna", number).exit_code == 0
    assert number not in run(site, "user-sessions", "anna").stdout
    for command in (("end-session", "anna", number), ("user-sessions", "nobody")):
        refused = run(site, *command)
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output


async def logged_in(site: Path) -> None:
    """A session of anna, as a running controller makes it."""
    store = await Store.open(site.parent / "wardlink.sqlite")
    account = await find_account(store, "anna")
    assert account is not None
    await Sessions(store, SystemClock()).begin(account.user, How.PASSWORD, "10.0.0.7")
    await store.close()
