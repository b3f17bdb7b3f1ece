"""`wardlink controller …-user`: people on the command line."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner, Result

from controller.cli import app
from controller.security import passwords


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    path = tmp_path / "controller.toml"
    path.write_text('[controller]\ndata = "."\n', encoding="utf-8")
    assert run(path, "add-ward", "ward-a", "Ward A").exit_code == 0
    return path


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
