"""The bundle of a release: a ZIP archive of everything that a gateway of one platform runs.

site/            the packages, as they are imported
bom.cdx.json     what they are (release/bom.py)
release.json     number, version and platform (gateway/updates/release.py reads it)

The same sources, packages and number give the same bytes.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from release.bom import bom
from release.errors import ReleaseError

SOURCE = Path(__file__).parents[1]
_LEFT_OUT = {"__pycache__", "bin", ".lock", "controller", "hil", "release"}
"""What no box runs."""
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of each file in the archive: ZIP's earliest. A release's own time is in its bill."""


@dataclass(frozen=True, slots=True)
class Built:
    """A bundle and its bill of materials."""

    bundle: Path
    bill: Path


def platform() -> str:
    """The platform that this process can build for: its own."""
    return f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def build(number: int, out: Path, made_s: int) -> Built:
    """Release `number` from the sources beside this package, in the folder `out`.

    Packages are those that `requirements/gateway.txt` pins with their hashes. `made_s`: UTC, seconds since
    1970. Raises ReleaseError, OSError.
    """
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        _install(site)
        version = _version(site)
        bill = bom(site, "wardlink-gateway", f"{version}+{number}", made_s)
        return pack(site, number, version, bill, out)


def pack(site: Path, number: int, version: str, bill: str, out: Path) -> Built:
    """Put together a bundle from packages in `site` and their bill of materials. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    name = f"wardlink-gateway-{number}-{platform()}"
    built = Built(out / f"{name}.zip", out / f"{name}.cdx.json")
    about = json.dumps({"release": number, "version": version, "platform": platform()}) + "\n"
    with zipfile.ZipFile(built.bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(site):
            _add(archive, f"site/{path.relative_to(site)}", path.read_bytes())
        _add(archive, "bom.cdx.json", bill.encode())
        _add(archive, "release.json", about.encode())
    built.bill.write_text(bill, encoding="utf-8")
    return built


def _files(site: Path) -> Iterator[Path]:
    for path in sorted(site.rglob("*")):
        if path.is_file() and not _LEFT_OUT.intersection(path.relative_to(site).parts):
            yield path


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    archive.writestr(entry, data)


def _install(site: Path) -> None:
    """The pinned packages of a gateway, and Wardlink itself, as it is in the sources."""
    into = ["pip", "install", "--quiet", "--python", sys.executable, "--target", str(site)]
    _uv([*into, "--require-hashes", "-r", str(SOURCE / "requirements" / "gateway.txt")])
    with tempfile.TemporaryDirectory() as folder:
        # A copy, so that what was built before in the sources' folder is in no release.
        left_out = shutil.ignore_patterns(".*", "__pycache__", "tests")
        copy = shutil.copytree(SOURCE, Path(folder) / "source", ignore=left_out)
        _uv([*into, "--no-deps", "--no-build-isolation", str(copy)])


def _uv(arguments: list[str]) -> None:
    known = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"}
    command = [str(Path(sys.executable).with_name("uv")), *arguments]
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"uv {arguments[0]} {arguments[1]} failed: {done.stderr.strip()[-500:]}")


def _version(site: Path) -> str:
    return next(one.version for one in distributions(path=[str(site)]) if one.name == "wardlink")
