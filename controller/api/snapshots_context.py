"""Pictures out of visits inside the application: brought into the archive of images while it runs, and first
what an earlier run left."""

from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from controller.api.imaging_context import IMAGING
from controller.identity.certificates import By
from controller.imaging.client import ImagingClient
from controller.imaging.speaker import Speaker
from controller.kept import kept
from controller.security.permissions import Permission
from controller.shards.duty import only
from controller.telemedicine.books import Books
from controller.telemedicine.snapshots.service import Archive, Snapshots

SNAPSHOTS = web.AppKey("snapshots", Snapshots)


def add_snapshots(app: web.Application, books: Books) -> None:
    """The archive is looked for when the application starts: it may be added after this."""
    app[SNAPSHOTS] = Snapshots(books)
    app.cleanup_ctx.append(_kept_snapshots)


def snapshots_of(request: web.Request) -> Snapshots:
    """The application's."""
    return request.config_dict[SNAPSHOTS]


def archive_of(client: ImagingClient) -> Archive:
    """How the archive is told of one picture, for who kept it."""

    async def told(who: By, about: Mapping[str, Any], data: bytes) -> Mapping[str, Any]:
        form = aiohttp.FormData()
        form.add_field("about", orjson.dumps(dict(about)).decode(), content_type="application/json")
        form.add_field("file", BytesIO(data), content_type="image/jpeg", filename="picture")
        speaker = Speaker(who.actor, who.where, frozenset({str(Permission.ADD_IMAGES)}))
        async with client.request(speaker, "POST", "/snapshots", data=form) as response:
            return await response.json()

    return told


async def _kept_snapshots(app: web.Application) -> AsyncIterator[None]:
    snapshots = app[SNAPSHOTS]
    if IMAGING in app:
        snapshots.archive = archive_of(app[IMAGING].client)
    async with kept("snapshots", only(app, snapshots.run)):
        yield
