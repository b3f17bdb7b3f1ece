"""What an administrator does with the authority's keys, on the controller's own machine."""

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from cryptography import x509
from typer.testing import CliRunner

from controller import store
from controller.clock import SystemClock
from controller.identity.authority_cli import app
from controller.identity.certificates import moment
from controller.identity.files import FOLDER, ROOT, ROOT_KEY, held_authority, open_authority

NOW = moment(SystemClock().utc_us() // 1_000_000)

Cli = Callable[..., Result]


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    folder = tmp_path / "controller-data" / FOLDER
    open_authority(folder, NOW)
    return folder


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    return lambda *words, **more: CliRunner().invoke(app, words, **more)


def trail(ca: Path) -> list[tuple[str, dict[str, str]]]:
    with closing(store.connect(ca.parent / "wardlink.sqlite")) as db:
        rows = db.execute("SELECT action, entry ->> '$.detail' FROM audit ORDER BY number")
        return [(action, json.loads(detail)) for action, detail in rows]


def test_it_shows_subjects_spans_and_fingerprints_and_where_the_roots_key_is(ca: Path, cli: Cli) -> None:
    said = cli("show").output
    authority = held_authority(ca, NOW)
    assert authority.fingerprint in said
    assert f"{authority.issuing.not_valid_after_utc:%Y-%m-%d}" in said
    assert "CN=Wardlink issuing authority" in said
    assert re.search(" 182[45] ", said)
    assert "root.key: the root's key is HERE: take it away" in said
    (ca / ROOT_KEY).unlink()
    assert "the root's key is not here" in cli("show").output


def test_the_key_on_a_stick_signs_the_next_one_and_stays_there(ca: Path, cli: Cli, tmp_path: Path) -> None:
    stick = (ca / ROOT_KEY).rename(tmp_path / "stick.key")
    before = held_authority(ca, NOW)
    result = cli("renew")
    assert result.exit_code == 1
    assert "root.key: expected the root's key, it is not there: bring it" in result.output
    assert held_authority(ca, NOW).issuing == before.issuing
    result = cli("renew", "--root-key", str(stick))
    assert result.exit_code == 0, result.output
    after = held_authority(ca, NOW)
    assert after.issuing != before.issuing
    assert not (ca / ROOT_KEY).exists() and stick.exists()
    [(action, detail)] = trail(ca)
    assert (action, detail["issuing"]) == ("authority-renewed", detail["issuing"])
    assert detail["issuing"] in result.output
    assert "former issuing" in cli("show").output


def test_a_new_roots_key_goes_where_it_is_wanted(ca: Path, cli: Cli, tmp_path: Path) -> None:
    result = cli("new-root", "--new-root-key", "stick/root.key")
    assert result.exit_code == 0, result.output
    assert not (ca / ROOT_KEY).exists()
    assert (tmp_path / "stick" / "root.key").stat().st_mode & 0o777 == 0o600
    root = x509.load_pem_x509_certificate((ca / ROOT).read_bytes())
    assert trail(ca)[0][1]["root"] == held_authority(ca, NOW).fingerprint in result.output
    assert cli("renew", "--root-key", "stick/root.key").exit_code == 0
    assert x509.load_pem_x509_certificate((ca / ROOT).read_bytes()) == root
    result = cli("new-root", "--root-key", "stick/root.key", "--new-root-key", "stick/root.key")
    assert (result.exit_code, "not there yet" in result.output) == (1, True)


def test_a_new_roots_key_stays_beside_it_otherwise(ca: Path, cli: Cli) -> None:
    before = (ca / ROOT_KEY).read_bytes()
    assert cli("new-root").exit_code == 0
    assert (ca / ROOT_KEY).read_bytes() != before
    assert cli("renew").exit_code == 0


@pytest.mark.parametrize("command", ["show", "renew", "new-root"])
def test_where_there_is_no_authority_none_is_made(cli: Cli, tmp_path: Path, command: str) -> None:
    result = cli(command)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "there is no authority yet: start the controller once" in result.output
    assert not (tmp_path / "controller-data" / FOLDER).exists()


@pytest.mark.parametrize("command", ["renew", "new-root"])
def test_with_a_clock_that_is_not_set_nothing_is_made(
    ca: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(SystemClock, "utc_us", lambda _: 86_400_000_000)
    result = cli(command)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "clock says 1970-01-02" in result.output and "set it" in result.output
    assert "1970" not in cli("show").output
    assert not (ca / "retired").exists()


def test_the_key_of_another_root_is_refused(ca: Path, cli: Cli, tmp_path: Path) -> None:
    open_authority(tmp_path / "other", NOW)
    result = cli("renew", "--root-key", str(tmp_path / "other" / ROOT_KEY))
    assert result.exit_code == 1
    assert "expected the key of root.pem, got another" in result.output


def test_a_password_is_asked_for(ca: Path, cli: Cli, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415

    key = form.load_pem_private_key((ca / ROOT_KEY).read_bytes(), None)
    lock = form.BestAvailableEncryption(b"secret")
    (ca / ROOT_KEY).write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock))
    assert cli("renew", input="wrong\n").exit_code == 1
    result = cli("renew", input="secret\n")
    assert result.exit_code == 0, result.output
    assert "secret" not in result.output
