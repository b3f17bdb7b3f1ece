"""A real release: built from the sources and the package index, complete by itself, with a valid bill."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hil.faults.releases import ROOT, repository
from release.bundle import Built, build
from tests.support.bill import faults

pytestmark = [pytest.mark.xdist_group("release"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(1, tmp_path_factory.mktemp("dist"), 1_790_000_000)


def test_a_box_needs_nothing_but_python_beside_it(built: Built, tmp_path: Path) -> None:
    """The interpreter without this environment's packages, and with the slot's."""
    bare = str(Path(sys.executable).resolve())
    repo = repository(tmp_path / "releases")
    repo.publish([built.bundle])
    box, known = tmp_path / "box", {"PATH": os.environ["PATH"], "PYTHONPATH": f"{built.bundle}/site"}
    command = [bare, "-P", "-s", "-m", "gateway.updates.install", str(built.bundle)]
    command += ["--root", str(repo.root()), "--to", str(box)]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    said = f"release 1 is installed: python3 {box}/launcher.py CONFIG\n"
    assert (done.returncode, done.stdout) == (0, said), done.stderr
    assert (box / "launcher.py").read_bytes() == (ROOT / "gateway/updates/launcher.py").read_bytes()
    config = box / "gateway.toml"
    config.write_text('[gateway]\nid = "ward-a"\n[controller]\nclaim = "claim"\n')
    known["PYTHONPATH"] = str(box / "a" / "site")
    command = [bare, "-P", "-s", "-m", "wardlink", "gateway", "check", str(config)]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{config}: good: 0 devices\n"), done.stderr


def test_its_bill_is_valid_and_names_exactly_what_is_pinned(built: Built) -> None:
    text = built.bill.read_text(encoding="utf-8")
    assert faults(text) is None
    named = {
        (one["name"].lower().replace("_", "-"), one["version"]) for one in json.loads(text)["components"]
    }
    lines = (ROOT / "requirements" / "gateway.txt").read_text(encoding="utf-8").splitlines()
    pinned = {tuple(line.split()[0].split("==")) for line in lines if line[:1].isalnum() and "==" in line}
    assert {one for one in named if one[0] != "wardlink"} <= pinned
    assert {"bleak", "cryptography", "tuf", "wardlink"} <= {name for name, _ in named}
