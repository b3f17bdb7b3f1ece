"""`wardlink gateway check`: says what is wrong, or that nothing is."""

from pathlib import Path

from typer.testing import CliRunner

from gateway.cli import app
from tests.integration.gateway.rig import write_config


def test_a_good_configuration_is_said_to_be_good(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(write_config(tmp_path, "mqtt://localhost", "/dev/ttyS0"))])
    assert (result.exit_code, "good: 1 devices" in result.output) == (0, True)


def test_a_bad_one_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    path = write_config(tmp_path, "mqtt://localhost", "/dev/ttyS0", extra="adress = 1")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert result.exit_code == 1
    assert "controller.adress: unknown key; did you mean 'address'?" in result.output
    assert "Traceback" not in result.output


def test_running_a_missing_configuration_is_an_error_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", str(tmp_path / "none.toml")])
    assert result.exit_code == 1
    assert "none.toml: cannot be read" in result.output
