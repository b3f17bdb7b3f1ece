"""What a bundle holds, and that the same content gives the same bytes."""

import json
import zipfile
from pathlib import Path

from gateway.updates import release as box
from release.bundle import pack, platform


def site(folder: Path) -> Path:
    for name in ("devices/a.py", "devices/__pycache__/a.pyc", "controller/b.py", "hil/c.py", "bin/tool"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_it_holds_what_a_box_runs_and_nothing_else(tmp_path: Path) -> None:
    built = pack(site(tmp_path / "site"), 7, "1.2.3", "{}\n", tmp_path / "dist")
    with zipfile.ZipFile(built.bundle) as archive:
        assert archive.namelist() == ["site/devices/a.py", "bom.cdx.json", "release.json"]
        about = json.loads(archive.read("release.json"))
    assert about == {"release": 7, "version": "1.2.3", "platform": platform()}
    assert built.bill.read_text() == "{}\n"


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one = pack(site(tmp_path / "one"), 7, "1", "{}", tmp_path / "dist1").bundle.read_bytes()
    assert pack(site(tmp_path / "two"), 7, "1", "{}", tmp_path / "dist2").bundle.read_bytes() == one


def test_both_sides_spell_the_platform_and_the_bundles_name_alike(tmp_path: Path) -> None:
    assert platform() == box.platform()
    assert pack(site(tmp_path / "site"), 7, "1", "{}", tmp_path).bundle.name == box.target(7)
