"""What is pinned for a side is all that the side needs: nothing that only the tests install."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ONLY = """
import importlib, re, sys
from importlib.metadata import packages_distributions

def plain(name): return re.sub(r"[-_.]+", "-", name).lower()

pinned = {plain(one) for one in re.findall(r"^([A-Za-z0-9._-]+)==", open(sys.argv[1]).read(), re.MULTILINE)}
installed = packages_distributions().items()
hidden = {module for module, owners in installed if not pinned & set(map(plain, owners))}
ours = {"devices", "gateway", "controller", "firmware", "hil", "host", "screen", "wardlink", "release"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden - ours:
            raise ModuleNotFoundError(f"{name} is not pinned in {sys.argv[1]}", name=name)

sys.meta_path.insert(0, Missing())
for module in sys.argv[2:]:
    importlib.import_module(module)
"""
SIDES = {
    "demo": ["hil.demo", "hil.demo_images", "hil.sims.ble_ward", "gateway.cli", "gateway.app"],
    "gateway": ["gateway.cli", "gateway.app", "gateway.crew.server"],
    "controller": [
        *("controller.cli", "controller.command", "controller.app", "controller.imaging.service"),
        *("controller.imaging.dimse.door", "controller.imaging.plugins.running"),
        *("controller.imaging.plugins.registry", "controller.lake.cli", "controller.lake.nightly"),
        *("controller.models.cli", "controller.models.checking", "controller.models.scoring"),
    ],
    "data": ["controller.lake.parts", "controller.lake.check", "controller.models.training"],
}


def loaded(lock: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ONLY, str(lock), *modules]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("side", SIDES)
def test_a_side_needs_nothing_but_what_is_pinned_for_it(side: str) -> None:
    result = loaded(ROOT / "requirements" / f"{side}.txt", *SIDES[side])
    assert result.returncode == 0, result.stderr


def test_a_package_that_only_the_tests_install_is_missed() -> None:
    result = loaded(ROOT / "requirements" / "demo.txt", "hil.faults.kill")
    assert "psutil is not pinned in" in result.stderr
