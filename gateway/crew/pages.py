"""The page's files: gateway/crew/web at /, screen at /screen/, and two that are made (gateway/crew/shell.py).

Read once, each with its hash as ETag.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.crew import shell

TYPES: Mapping[str, str] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
_TEXT = frozenset({"text/html", "text/css", "text/javascript"})


@dataclass(frozen=True, slots=True)
class File:
    """One, as it is sent."""

    body: bytes
    media: str
    etag: str


def files() -> dict[str, File]:
    """All, by their path; the page itself is at "index.html"."""
    page, shared = resources.files("gateway.crew").joinpath("web"), resources.files("screen")
    bodies = dict([*_walk(shared, "screen/"), *_walk(page, ""), ("known.js", shell.known())])
    bodies["sw.js"] = shell.worker(bodies.pop("sw.js"), bodies)
    return {path: _file(path, body) for path, body in bodies.items()}


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for item in folder.iterdir():
        path = prefix + item.name
        if item.is_dir():
            yield from _walk(item, f"{path}/")
        elif item.name.rpartition(".")[2] in TYPES:
            yield path, item.read_bytes()


def _file(path: str, body: bytes) -> File:
    return File(body, TYPES[path.rpartition(".")[2]], hashlib.sha256(body).hexdigest())


def serve_files(held: Mapping[str, File]) -> Handler:
    """A handler for GET of any of them. A browser asks each time whether its copy is still good."""

    async def file(request: web.Request) -> web.StreamResponse:
        found = held.get(request.path.removeprefix("/") or "index.html")
        if found is None:
            raise web.HTTPNotFound(text=f"there is no {request.path}: begin at /")
        headers = {"Cache-Control": "no-cache"}
        if any(tag.value == found.etag for tag in request.if_none_match or ()):
            response = web.Response(status=304, headers=headers)
        else:
            charset = "utf-8" if found.media in _TEXT else None
            response = web.Response(
                body=found.body, content_type=found.media, charset=charset, headers=headers
            )
        response.etag = found.etag
        return response

    return file
