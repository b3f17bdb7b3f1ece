"""Imports point one way, and what is promised to be light is light."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")


def lint(cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--no-cache", "--config", str(cwd / "pyproject.toml")]
    env = {"PYTHONPATH": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_imports_point_one_way() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("devices/model/metrics.py", "import socket"),
        ("gateway/session.py", "import controller.hub"),
        ("controller/hub.py", "import gateway.session"),
        ("devices/wire/block.py", "import gateway.clock"),
        ("gateway/session.py", "import time"),
        ("host/tracing.py", "import gateway.clock"),
        ("host/tracing.py", "import time"),
    ],
)
def test_an_import_the_wrong_way_is_caught(tmp_path: Path, module: str, planted: str) -> None:
    for name in ("devices", "gateway", "controller", "firmware", "hil", "host", "release", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    package = tmp_path / Path(module).parts[0]
    package.unlink()
    subprocess.run(["cp", "-r", str(ROOT / package.name), str(package)], check=True)
    target = tmp_path / module
    target.write_text(target.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    result = lint(tmp_path)
    assert result.returncode != 0
    assert "BROKEN" in result.stdout
