"""A secret that others may read is refused; what systemd handed over is not."""

from pathlib import Path

import pytest

from host.secrets import read_by_others


def secret(folder: Path, mode: int) -> Path:
    path = folder / "turn-secret"
    path.write_text("s", encoding="utf-8")
    path.chmod(mode)
    return path


def test_only_its_owner_may_read_a_secret(tmp_path: Path) -> None:
    assert read_by_others(secret(tmp_path, 0o600)) == ""
    assert read_by_others(secret(tmp_path, 0o640)) == "0640"


def test_a_credential_of_systemd_s_is_this_service_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_by_others(secret(tmp_path, 0o440)) == ""
    beside = tmp_path / "beside"
    beside.mkdir()
    assert read_by_others(secret(beside, 0o440)) == "0440"
