"""`wardlink gateway check`: says what is wrong, or that nothing is."""

from pathlib import Path

from typer.testing import CliRunner

from controller.identity.authority import new_authority
from gateway.cli import app
from hil.identities import made, now
from hil.sims.pty import Pty
from tests.integration.gateway.rig import write_config


def test_a_good_configuration_is_said_to_be_good(tmp_path: Path) -> None:
    made(
        new_authority(now())[0],
        "ward-a",
        tmp_path / "gateway-data" / "identity",
        "mqtts://localhost:8883",
        now(),
    )
    config = write_config(tmp_path, "mqtts://localhost", "/dev/ttyS0")
    result = CliRunner().invoke(app, ["check", str(config)])
    assert (result.exit_code, "good: 1 devices" in result.output) == (0, True)


def test_a_box_without_identity_and_without_a_claim_is_told_what_to_do(tmp_path: Path) -> None:
    config = str(write_config(tmp_path, "mqtts://localhost", "/dev/ttyS0"))
    for command in ("check", "run"):
        result = CliRunner().invoke(app, [command, config])
        assert (result.exit_code, "wardlink gateway enrol" in result.output) == (1, True), command


def test_a_bad_one_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    path = write_config(tmp_path, "mqtts://localhost", "/dev/ttyS0", extra="adress = 1")
    result = CliRunner().invoke(app, ["check", str(path)])
    assert result.exit_code == 1
    assert "controller.adress: unknown key; did you mean 'address'?" in result.output
    assert "Traceback" not in result.output


def test_running_a_missing_configuration_is_an_error_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", str(tmp_path / "none.toml")])
    assert result.exit_code == 1
    assert "none.toml: cannot be read" in result.output


def test_a_recording_of_an_unknown_model_or_of_no_port_is_refused_in_words(tmp_path: Path) -> None:
    out = str(tmp_path / "capture.txt")
    result = CliRunner().invoke(app, ["record", "no-such-model", "/dev/null", "-o", out])
    assert (result.exit_code, "no device profile is called" in result.output) == (1, True)
    result = CliRunner().invoke(app, ["record", "polar-h10", "", "-o", out])
    assert (result.exit_code, "speaks BLE" in result.output) == (1, True)


def test_a_recording_ends_by_itself_and_says_how_to_read_it(tmp_path: Path) -> None:
    out = tmp_path / "capture.txt"
    with Pty(tmp_path / "port"):
        command = ["record", "nonin-xpod", str(tmp_path / "port"), "-o", str(out), "--seconds", "0.2"]
        result = CliRunner().invoke(app, command)
    assert (result.exit_code, f"wardlink decode nonin-xpod {out}" in result.output) == (0, True)
    assert out.read_text().startswith("# nonin-xpod, recorded at")


def test_discovery_without_a_radio_lists_the_ports() -> None:
    result = CliRunner().invoke(app, ["discover", "--no-bluetooth"])
    assert result.exit_code == 0


def test_a_probe_of_a_port_that_is_missing_says_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["discover", "--probe", str(tmp_path / "none")])
    assert (result.exit_code, "plug the device in" in result.output) == (1, True)
