"""The pages: files of controller/web and screen, read once, each with its hash as ETag. Nothing is built.

What pages have in common is in controller/web/shell. A page says where it goes, and the words for its $names:

    <!--#include "header" title="ledger.title" words="Ledger"-->
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from string import Template

from aiohttp import web
from aiohttp.typedefs import Handler

from controller.errors import NotFound

TYPES: Mapping[str, str] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}


_WEB = resources.files("controller").joinpath("web")
_INCLUDE = re.compile(r'^( *)<!--#include "([a-z]+)"((?: [a-z]+="[^"]*")*)-->\n', re.MULTILINE)
_WORD = re.compile(r'([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it is sent."""

    body: bytes
    media: str
    etag: str


def load(folder: str) -> dict[str, Page]:
    """The files under controller/web/`folder` by their path there; those of no known type are left out."""
    return dict(_walk(_WEB.joinpath(folder), ""))


def shared() -> dict[str, Page]:
    """The files that the page of an ambulance's crew has, too: those of the package screen."""
    return dict(_walk(resources.files("screen"), ""))


def whole(page: str) -> str:
    """`page` with what it includes. Raises FileNotFoundError, KeyError (a word that the part needs)."""
    return _INCLUDE.sub(_part, page)


def _part(found: re.Match[str]) -> str:
    indent, name, words = found.groups()
    text = _WEB.joinpath("shell", f"{name}.html").read_text(encoding="utf-8")
    filled = Template(text).substitute(dict(_WORD.findall(words)))
    return "".join(indent + line for line in whole(filled).splitlines(keepends=True))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Page]]:
    found: list[tuple[str, Page]] = []
    for item in folder.iterdir():
        path = prefix + item.name
        if item.is_dir():
            found += _walk(item, f"{path}/")
        elif media := TYPES.get(path.rpartition(".")[2]):
            body = item.read_bytes()
            if media == TYPES["html"]:
                body = whole(body.decode()).encode()
            found.append((path, Page(body, media, hashlib.sha256(body).hexdigest())))
    return found


def serve(pages: Mapping[str, Page], fixed: str | None = None, *, may_film: bool = False) -> Handler:
    """A handler for `{path}` under one folder, or for the one file `fixed`; `may_film`: the page of that file
    may ask the browser for camera and microphone, which no other page of ours may."""

    async def page(request: web.Request) -> web.StreamResponse:
        path = fixed or request.match_info["path"]
        found = pages.get(path)
        if found is None:
            raise NotFound(f"there is no page {request.path}: begin at /")
        headers = {"Cache-Control": "no-cache"}
        if may_film:
            headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=()"
        if any(tag.value == found.etag for tag in request.if_none_match or ()):
            response = web.Response(status=304, headers=headers)
        else:
            response = web.Response(
                body=found.body, content_type=found.media, charset="utf-8", headers=headers
            )
        response.etag = found.etag
        return response

    return page
