"""OHIF's package made ready: only the one that is pinned, only what a browser needs, whole or not at all."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.errors import BadViewer
from controller.imaging.viewer.install import Pin, inline_scripts, install, pinned

SCRIPT = "window.PUBLIC_URL = '/';"
BUNDLE = b"console.log('wardlink');\n" * 100
FILES: Mapping[str, bytes] = {
    "LICENSE": b"MIT",
    "dist/index.html": f"<!doctype html><script>{SCRIPT}</script><script src='/app.js'></script>".encode(),
    "dist/app.bundle.096daabbdde29bd851ab.js": BUNDLE,
    "dist/app.bundle.096daabbdde29bd851ab.js.map": b"{}",
    "dist/app-config.js": b"window.config = {dataSources: [{wadoRoot: 'https://elsewhere.example'}]}",
    "dist/ort/ort.js": b"// weights from elsewhere",
    "dist/sw.js": b"importScripts('https://elsewhere.example/workbox.js')",
    "dist/assets/icon.png": b"\x89PNG",
}


def packed(folder: Path, files: Mapping[str, bytes] = FILES) -> tuple[Path, Pin]:
    """A tarball as npm makes it, and the pin that it fits."""
    package = folder / "app.tgz"
    with tarfile.open(package, "w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    return package, Pin("@ohif/app", "1.2.3", f"sha512-{digest}")


def listed(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "viewer.json").read_bytes())


def test_a_browser_gets_the_files_without_maps_weights_and_parts_from_elsewhere(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    told = listed(tmp_path / "ohif")
    assert told["version"] == "1.2.3"
    assert told["files"] == {
        "LICENSE": {"immutable": False, "size": 3},
        "app-config.js": {"immutable": False, "size": (tmp_path / "ohif/app-config.js").stat().st_size},
        "app.bundle.096daabbdde29bd851ab.js": {"immutable": True, "size": len(BUNDLE)},
        "assets/icon.png": {"immutable": False, "size": 4},
        "index.html": {"immutable": False, "size": len(FILES["dist/index.html"])},
    }


def test_what_shrinks_is_there_packed_too(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    bundle = tmp_path / "ohif/app.bundle.096daabbdde29bd851ab.js"
    assert (
        gzip.decompress(bundle.with_name(bundle.name + ".gz").read_bytes()) == bundle.read_bytes() == BUNDLE
    )
    assert not (tmp_path / "ohif/assets/icon.png.gz").exists()


def test_the_settings_are_ours_and_name_no_other_host(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    config = (tmp_path / "ohif/app-config.js").read_text()
    assert "'/dicom-web'" in config
    assert "http" not in config


def test_another_package_than_the_pinned_one_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    other, _ = packed(tmp_path, {**FILES, "dist/app-config.js": b"// planted"})
    with pytest.raises(BadViewer, match=r"expected .* to be @ohif/app 1\.2\.3, sha512-"):
        install(other, tmp_path / "ohif", pin)
    assert listed(tmp_path / "ohif")["version"] == "1.2.3"


def test_a_package_that_is_not_ohif_leaves_the_older_one_as_it_was(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    other, its_pin = packed(tmp_path, {"LICENSE": b"MIT"})
    with pytest.raises(BadViewer, match=r"dist/index.html"):
        install(other, tmp_path / "ohif", its_pin)
    assert listed(tmp_path / "ohif")["version"] == "1.2.3"


@pytest.mark.parametrize("name", ["dist/../../../planted", "../planted", "dist/a/../../../../planted"])
def test_a_tarball_with_a_path_out_of_its_folder_writes_nothing_there(tmp_path: Path, name: str) -> None:
    package, pin = packed(tmp_path, {**FILES, name: b"!"})
    install(package, tmp_path / "a/ohif", pin)
    assert not list(tmp_path.rglob("planted"))


def test_a_link_in_a_tarball_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"of this machine")
    package, _ = packed(tmp_path)
    with tarfile.open(package, "w:gz") as tar:
        for name in ("index.html", "linked.txt"):
            entry = tarfile.TarInfo(f"package/dist/{name}")
            if name == "linked.txt":
                entry.type, entry.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
            tar.addfile(entry, io.BytesIO())
    digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    install(package, tmp_path / "ohif", Pin("@ohif/app", "1.2.3", f"sha512-{digest}"))
    assert "linked.txt" not in listed(tmp_path / "ohif")["files"]
    assert not (tmp_path / "ohif/linked.txt").exists()


def test_a_newer_version_takes_the_place_of_the_older_one(tmp_path: Path) -> None:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    newer, its_pin = packed(tmp_path, {name: text for name, text in FILES.items() if "assets" not in name})
    install(newer, tmp_path / "ohif", its_pin)
    assert not (tmp_path / "ohif/assets").exists()


def test_the_policy_names_the_hash_of_each_script_that_stands_in_the_page() -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert inline_scripts(FILES["dist/index.html"].decode()) == [f"'sha256-{digest}'"]


@given(st.text(st.characters(codec="ascii", exclude_characters="<>&\r"), max_size=80))
def test_every_character_of_a_script_counts(text: str) -> None:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert inline_scripts(f"<p>a</p><script>{text}</script><p>b</p>") == [f"'sha256-{digest}'"]


def test_the_pin_is_of_one_version_by_its_sha_512() -> None:
    pin = pinned()
    assert pin.name == "@ohif/app"
    assert len(base64.b64decode(pin.integrity.removeprefix("sha512-"))) == 64
