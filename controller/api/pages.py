"""The pages: files of controller/web, read once, each with its hash as ETag. Nothing is built."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web
from aiohttp.typedefs import Handler

from controller.errors import NotFound

TYPES: Mapping[str, str] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is sent."""

    body: bytes
    media: str
    etag: str


def load(folder: str) -> dict[str, Page]:
    """The files under controller/web/`folder` by their path there; those of no known type are left out."""
    return dict(_walk(resources.files("controller").joinpath("web", folder), ""))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Page]]:
    found: list[tuple[str, Page]] = []
    for item in folder.iterdir():
        path = prefix + item.name
        if item.is_dir():
            found += _walk(item, f"{path}/")
        elif media := TYPES.get(path.rpartition(".")[2]):
            body = item.read_bytes()
            found.append((path, Page(body, media, hashlib.sha256(body).hexdigest())))
    return found


def serve(pages: Mapping[str, Page], fixed: str | None = None) -> Handler:
    """A handler for `{path}` under one folder, or for the one file `fixed`."""

    async def page(request: web.Request) -> web.StreamResponse:
        path = fixed or request.match_info["path"]
        found = pages.get(path)
        if found is None:
            raise NotFound(f"there is no page {request.path}: begin at /")
        headers = {"Cache-Control": "no-cache"}
        if any(tag.value == found.etag for tag in request.if_none_match or ()):
            response = web.Response(status=304, headers=headers)
        else:
            response = web.Response(
                body=found.body, content_type=found.media, charset="utf-8", headers=headers
            )
        response.etag = found.etag
        return response

    return page
