"""`wardlink gateway crew-…`: who may log in, and what a tablet compares."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.clock import SystemClock
from gateway.crew.people import People
from gateway.crew.tls import BoxAuthority

PIN = "739105"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "box.toml"
    path.write_text('[gateway]\nid = "box-1"\n[crew]\nvehicle = "amb-1"\naddress = "192.168.8.1"\n')
    return path


def said(*arguments: object, pin: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=pin)
    return result.exit_code, result.output.strip()


async def test_a_person_is_added_listed_and_removed(config: Path, tmp_path: Path) -> None:
    assert said("crew-list", config) == (0, "nobody: add people with crew-add")
    assert said("crew-add", config, "kim", "--pin-stdin", pin=f"{PIN}\n")[0] == 0
    assert said("crew-list", config) == (0, "kim")
    assert await People(tmp_path / "gateway-data" / "crew").matches("kim", PIN)
    assert said("crew-remove", config, "kim") == (0, "kim is out")
    assert said("crew-remove", config, "kim") == (0, "there is no kim: see crew-list")


def test_the_pin_is_asked_for_twice_and_never_shown(config: Path) -> None:
    code, output = said("crew-add", config, "kim", pin=f"{PIN}\n{PIN}\n")
    assert code == 0
    assert PIN not in output
    assert said("crew-add", config, "jo", pin=f"{PIN}\n582046\n")[0] == 1
    assert said("crew-list", config) == (0, "kim")


def test_a_weak_pin_is_refused(config: Path) -> None:
    code, output = said("crew-add", config, "kim", "--pin-stdin", pin="123456")
    assert code == 1
    assert "no row of digits" in output


def test_the_fingerprint_is_that_of_the_boxs_authority(config: Path, tmp_path: Path) -> None:
    code, output = said("crew-ca", config)
    folder = tmp_path / "gateway-data" / "crew"
    authority = BoxAuthority(folder, frozenset({"192.168.8.1"}), SystemClock())
    assert (code, output) == (0, f"SHA-256 {authority.fingerprint}")


def test_what_is_not_configured_is_said(config: Path) -> None:
    config.write_text('[gateway]\nid = "box-1"\n')
    code, output = said("crew-list", config)
    assert code == 1
    assert "[crew]" in output
    config.write_text('[gateway]\nid = "box-1"\n[crew]\nvehicle = "amb-1"\n')
    assert "no certificate is needed" in said("crew-ca", config)[1]
