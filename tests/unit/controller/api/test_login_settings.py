"""[login] and [oidc] of the configuration, and the client secret's file."""

from pathlib import Path

import pytest

from controller.api.logins import read_secret
from controller.config import load
from controller.errors import ConfigError
from controller.security.permissions import Role

WHOLE = """
[login]
address = "https://Wardlink.hospital.example/"
[oidc]
issuer = "https://login.hospital.example/realms/main"
client_id = "wardlink"
secret_file = "oidc-secret"
[oidc.roles]
nurse = ["ward-staff"]
[oidc.wards]
ward-a = ["a-people"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "controller.toml"
    path.write_text(text)
    return path


def test_the_sections_are_read_and_the_secret_is_beside_the_file(tmp_path: Path) -> None:
    config = load(written(tmp_path, WHOLE))
    assert config.oidc is not None
    assert config.oidc.secret_file == tmp_path / "oidc-secret"
    assert config.oidc.roles == {Role.NURSE: ["ward-staff"]}
    assert config.oidc.unknown == "refuse"
    assert config.login.address == "https://wardlink.hospital.example"


def test_without_the_sections_there_is_no_provider(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""))
    assert (config.oidc, config.login.address) == (None, None)


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("https://login.", "http://login.", "oidc.issuer: expected an https address"),
        ("https://login.", "ftp://login.", "oidc.issuer"),
        ("https://W", "http://W", "login.address: expected an https address"),
        ("example/\"", "example/board\"", "login.address: expected an address without a path"),
        ("nurse =", "boss =", "oidc.roles.boss"),
        ("client_id", "clientid", "did you mean 'client_id'"),
        ("client_id", "secret", "oidc.secret: unknown key"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_with_its_key(
    tmp_path: Path, wrong: str, right: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load(written(tmp_path, WHOLE.replace(wrong, right)))


def test_the_client_secret_is_its_owner_s_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(path)
    path.write_text("s3cret\n")
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_secret(path)
    path.chmod(0o600)
    assert read_secret(path) == "s3cret"
    path.write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        read_secret(path)
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_secret(path)
