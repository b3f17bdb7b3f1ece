"""The wheel installs each side alone, by the pinned requirements, on the platforms that are promised."""

import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")

pytestmark = pytest.mark.xdist_group("install")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    result = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    return next(folder.glob("*.whl"))


def install(side: str, wheel: Path, folder: Path) -> Path:
    """A virtual environment with one side and nothing else; its bin folder."""
    run(UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    locked = ROOT / "requirements" / f"{side}.txt"
    run(UV, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", locked)
    run(UV, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel)
    return folder / "bin"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The bin folder of each side, which is installed once."""
    return cache(lambda side: install(side, wheel, tmp_path_factory.mktemp(side) / "venv"))


SIDES = {
    "gateway": ("gateway.app", ("pycddl", "orjson", "joserfc", "reportlab", "bumble")),
    "controller": ("controller.app", ("bleak", "serial", "bumble", "pycddl")),
}


@pytest.mark.parametrize("side", SIDES)
def test_a_side_installs_and_runs_without_the_others_dependencies(
    side: str, installed: Callable[[str], Path], tmp_path: Path
) -> None:
    module, foreign = SIDES[side]
    commands = installed(side)
    script = f"import importlib.util as u, {module}; print([m for m in {foreign!r} if u.find_spec(m)])"
    assert run(commands / "python", "-c", script, cwd=tmp_path).strip() == "[]"
    assert "Usage" in run(commands / "wardlink", side, "--help", cwd=tmp_path)
    assert "nonin" in run(commands / "wardlink", "devices", cwd=tmp_path).lower()


def test_the_other_side_says_how_to_install_it(installed: Callable[[str], Path], tmp_path: Path) -> None:
    wardlink = installed("gateway") / "wardlink"
    result = subprocess.run(
        [wardlink, "controller"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode != 0
    assert "wardlink[controller]" in result.stderr + result.stdout


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("side", "platform"),
    [
        ("gateway", "aarch64-unknown-linux-gnu"),
        ("gateway", "x86_64-unknown-linux-gnu"),
        ("controller", "x86_64-unknown-linux-gnu"),
        ("demo", "x86_64-unknown-linux-gnu"),
    ],
)
def test_a_wheel_exists_of_everything_that_is_pinned(
    side: str, platform: str, python: str, tmp_path: Path
) -> None:
    where = ("--python-platform", platform, "--python-version", python, "--target", tmp_path)
    locked = ROOT / "requirements" / f"{side}.txt"
    run(UV, "pip", "install", "--dry-run", "--only-binary", ":all:", "--require-hashes", *where, "-r", locked)
