"""What an engineer asks of gateways on the controller's own machine."""

import asyncio
import getpass
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from controller.orders.cli import app
from controller.store import Store

Cli = Callable[..., Result]
MADE = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES ('ward-a', 'Ward A', 0, 1)"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)

    async def made() -> None:
        store = await Store.open(tmp_path / "controller-data" / "wardlink.sqlite")
        await store.write(lambda db: db.execute(MADE))
        await store.close()

    asyncio.run(made())
    return lambda *words: CliRunner().invoke(app, words)


def test_a_command_prints_its_id_and_shows_as_sent(cli: Cli) -> None:
    result = cli("command", "ward-a", "set-log-level", "level=debug")
    assert result.exit_code == 0, result.output
    assert len(bytes.fromhex(result.output.strip())) == 16
    line = cli("show").output.splitlines()[1].split()
    assert line[:5] == [
        "ward-a",
        result.output.strip(),
        "set-log-level",
        "level=debug",
        f"cli:{getpass.getuser()}",
    ]
    assert line[-1] == "sent"


def test_a_configuration_prints_its_revision_and_shows(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('dscp-wave = 8\nlog-level = "debug"\n')
    result = cli("configure", "ward-a", "a.toml")
    assert result.exit_code == 0, result.output
    shown = cli("show", "ward-a").output
    assert f"{result.output.strip()}  configuration dscp-wave=8 log-level=debug" in shown


def test_a_configuration_can_be_for_one_revision_only(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("dscp-wave = 8\n")
    (tmp_path / "b.toml").write_text("dscp-wave = 10\n")
    first = cli("configure", "ward-a", "a.toml", "--over", "0").output.strip()
    refused = cli("configure", "ward-a", "b.toml", "--over", "0")
    assert (refused.exit_code, f"expected to replace revision {first}" in refused.output) == (1, True)
    assert cli("configure", "ward-a", "b.toml", "--over", first).exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("command", "ward-a", "explode"), "expected one of"),
        (("command", "ward-a", "set-log-level", "debug"), "expected KEY=VALUE"),
        (("command", "ward-z", "identify"), "there is no gateway 'ward-z'"),
        (("command", "ward-a", "identify", "--minutes", "0"), "minutes"),
        (("configure", "ward-a", "none.toml"), "none.toml: cannot be read"),
        (("configure", "ward-a", "bad.toml"), "bad.toml: not TOML"),
        (("configure", "ward-a", "high.toml"), "dscp-wave: expected 0 to 63, got 64"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    cli: Cli, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "bad.toml").write_text("=")
    (tmp_path / "high.toml").write_text("dscp-wave = 64")
    result = cli(*words)
    assert result.exit_code == 1
    assert says in result.output
    assert len(cli("show").output.splitlines()) == 1
