"""Serves the viewer's files at the root of the imaging service, under the policy that OHIF can live with.

viewer = Viewer(Path(".venv/ohif"), home=":8080")              # home: the controller's pages
make_imaging_app(parts, find, viewer=pages_of(viewer, find))

The files are anybody's: they are OHIF's, and say nothing of a patient. The page itself is for those who may
see images; everybody else is led to where that can be changed.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from controller.api.answers import refusal
from controller.imaging.archive.uids import is_uid
from controller.imaging.errors import BadViewer
from controller.imaging.viewer.install import LIST, PAGE
from controller.security.gate import Find
from controller.security.permissions import Permission

ROUTE = "viewer"
HOME = "wardlink"
"""The path that leads back to the controller's page of images."""
_KEPT = {True: "public, max-age=31536000, immutable", False: "no-cache"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".woff2": "font/woff2"}
_PAGES = re.compile(r"(?!dicom-web\b)[\w/-]*")
"""Paths that OHIF's own router may know get its page; what looks like a file, or like data, does not."""


class Viewer:
    """What `install` has made ready. `home`: where the controller's pages are: "https://wardlink.example",
    or ":8080" for another port of the host that is asked. Raises BadViewer.
    """

    def __init__(self, folder: Path, home: str) -> None:
        try:
            told: dict[str, Any] = json.loads((folder / LIST).read_bytes())
            files: Mapping[str, Mapping[str, Any]] = told["files"]
            self.version = str(told["version"])
            self.policy = content_security_policy(told["scripts"])
            self._immutable = {path: bool(file["immutable"]) for path, file in files.items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadViewer(
                f"expected the viewer's files in {folder} ({type(error).__name__}: {error}): "
                f"make them with python -m controller.imaging.viewer.install"
            ) from None
        self._folder = folder
        self._home = home.rstrip("/")

    def __contains__(self, path: str) -> bool:
        """Whether there is a file at `path`. Only what was listed is ever opened."""
        return path in self._immutable

    def file(self, path: str) -> web.FileResponse:
        """The file at `path`, by its own policy, and with what SharedArrayBuffer asks for: no page or worker
        of another origin beside it (COEP). Raises KeyError: there is none.
        """
        headers = {
            "Cache-Control": _KEPT[self._immutable[path]],
            "Content-Security-Policy": self.policy,
            "Cross-Origin-Embedder-Policy": "require-corp",
        }
        if media := _TYPES.get(Path(path).suffix):
            headers["Content-Type"] = media
        return web.FileResponse(self._folder / path, headers=headers)

    def home(self, request: web.Request, path: str) -> str:
        """The address of a page of the controller, as the browser that asks can reach it."""
        if self._home.startswith(":"):
            return str(request.url.with_port(int(self._home[1:])).with_path(path))
        return self._home + path


def content_security_policy(scripts: list[str]) -> str:
    """What OHIF needs and no more: WebAssembly, styles in line, workers and pictures that it makes itself.

    `scripts`: the hashes of those in its page. It cannot do with Trusted Types.
    """
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' blob: data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def pages_of(viewer: Viewer, find: Find) -> Callable[[web.Application], None]:
    """What adds the pages to an application; `find` tells who asks."""

    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path == HOME:
            raise web.HTTPSeeOther(viewer.home(request, "/imaging"))
        if path in viewer and path != PAGE:
            return viewer.file(path)
        if not _PAGES.fullmatch(path) and path != PAGE:
            return refusal(404, "not-found", f"there is no {request.path!r:.100}: begin at /")
        access = await find(request)
        if access is None:
            raise web.HTTPSeeOther(viewer.home(request, "/login") + _wanted(request))
        if Permission.READ_IMAGES not in access.permissions:
            raise web.HTTPSeeOther(viewer.home(request, "/account"))
        return viewer.file(PAGE)

    def add(app: web.Application) -> None:
        app.router.add_get("/{path:.*}", serve, name=ROUTE)

    return add


def _wanted(request: web.Request) -> str:
    """Which study it was: whoever has logged in is led to it."""
    study = request.query.get("StudyInstanceUIDs", "")
    return f"?study={study}" if is_uid(study) else ""
