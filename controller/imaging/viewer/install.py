"""Makes OHIF's files ready to be served: `python -m controller.imaging.viewer.install PACKAGE FOLDER`.

PACKAGE is what `npm pack @ohif/app@VERSION` brings: what has not the SHA-512 that ohif.json names is refused.
FOLDER gets what a browser needs of it, what shrinks also as `.gz`, our `app-config.js`, and
`viewer.json`, which lists it all with the hashes of the scripts that stand in the page itself. It appears
whole or not at all, in place of an older one.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import re
import shutil
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Any

from controller.imaging.errors import BadViewer

_OURS = resources.files("controller.imaging.viewer")
_INSIDE, _LICENCE = "package/dist/", "package/LICENSE"
LIST, PAGE, CONFIG = "viewer.json", "index.html", "app-config.js"
_LEFT_OUT = frozenset(
    {CONFIG, "ort", "_headers", "_redirects", "serve.json", "silent-refresh.html", "google.js", "sw.js"}
    | {"oidc-client.min.js", "polyfill.min.js", "es6-shim.min.js"}
)
"""Of no use here: neural networks whose weights would be fetched from elsewhere (94 MB), other servers'
settings, other ways to log in, a service worker with parts from elsewhere, what old browsers lack.
"""
_SHRINK = frozenset({".js", ".css", ".html", ".json", ".wasm", ".svg", ".xml"})
_WORTH = 1024
"""Bytes: what is smaller is sent as it is."""
_LEVEL = 6
_HASHED = re.compile(r"(^|[./-])[0-9a-f]{20}\.")
"""A name with the hash of its content, as webpack gives it: what has it never changes."""


@dataclass(frozen=True, slots=True)
class Pin:
    """Which package it has to be. `integrity`: as npm writes it (W3C Subresource Integrity)."""

    name: str
    version: str
    integrity: str


def pinned() -> Pin:
    """What ohif.json says."""
    return Pin(**json.loads(_OURS.joinpath("ohif.json").read_bytes()))


def install(package: Path, folder: Path, pin: Pin) -> None:
    """Make `folder` of the package's tarball. Raises BadViewer, OSError."""
    content = package.read_bytes()
    came = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if came != pin.integrity:
        raise BadViewer(f"expected {package} to be {pin.name} {pin.version}, {pin.integrity}, got {came}")
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        files = dict(_taken(tar, fresh))
    if PAGE not in files:
        raise BadViewer(f"expected {_INSIDE}{PAGE} in {package}, there is none")
    files[CONFIG] = _put(fresh / CONFIG, _OURS.joinpath(CONFIG).read_bytes())
    scripts = inline_scripts((fresh / PAGE).read_text(encoding="utf-8"))
    told = {"version": pin.version, "scripts": scripts, "files": files}
    (fresh / LIST).write_text(json.dumps(told, indent=1, sort_keys=True), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)


def _taken(tar: tarfile.TarFile, fresh: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Puts what is wanted below `fresh`: paths as a browser asks for them, and what is told of each."""
    for member in tar:
        path = PurePosixPath(member.name.removeprefix(_INSIDE).removeprefix("package/"))
        is_ours = member.name.startswith(_INSIDE) or member.name == _LICENCE
        wanted = path.parts[0] not in _LEFT_OUT and ".." not in path.parts and path.suffix != ".map"
        if is_ours and wanted and member.isfile() and (file := tar.extractfile(member)):
            yield str(path), _put(fresh / path, file.read())


def _put(file: Path, content: bytes) -> dict[str, Any]:
    """Write it, with what shrinks beside itself."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if file.suffix in _SHRINK and len(content) >= _WORTH:
        file.with_name(file.name + ".gz").write_bytes(gzip.compress(content, _LEVEL, mtime=0))
    return {"immutable": _HASHED.search(file.name) is not None, "size": len(content)}


def inline_scripts(page: str) -> list[str]:
    """What a Content Security Policy calls the scripts written in `page`: "'sha256-…'" (CSP 3, 2.3.1)."""
    found = _Scripts()
    found.feed(page)
    found.close()
    digests = (hashlib.sha256(text.encode()).digest() for text in found.texts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


class _Scripts(HTMLParser):
    """Collects the text of <script> elements that have no src."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Makes OHIF's files ready to be served.")
    parser.add_argument("package", type=Path, help="the tarball of the npm package")
    parser.add_argument("folder", type=Path, help="what is served: is replaced as a whole")
    asked, pin = parser.parse_args(), pinned()
    try:
        install(asked.package, asked.folder, pin)
    except (BadViewer, OSError, tarfile.TarError) as error:
        sys.exit(str(error))
    print(f"{pin.name} {pin.version} is ready in {asked.folder}")  # noqa: T201 — a command


if __name__ == "__main__":
    main()
