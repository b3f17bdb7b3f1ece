"""The server for pictures inside the application: there, if the configuration and the machine have it."""

import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from controller.api.context import CONTEXT
from controller.kept import kept
from controller.metrics.families import Metric, gauge
from controller.sections import TelemedicineSection
from controller.shards.duty import is_on_duty, only
from controller.telemedicine.media import config
from controller.telemedicine.media.service import Media, Settings
from controller.telemedicine.rooms.mode import MESH_MOST
from controller.telemedicine.rooms.service import Rooms

FOLDER = "janus"
MEDIA = web.AppKey("media", Media)
_log = logging.getLogger(__name__)


def add_media(app: web.Application, section: TelemedicineSection, rooms: Rooms) -> None:
    """After the rooms; what is reduced without it is said in the log."""
    if section.sfu == "off":
        return
    if (program := config.find()) is None:
        _log.warning(
            "janus is not installed: rooms of %d at most; %s", max(section.mesh, MESH_MOST), config.PACKAGE
        )
        return
    folder = app[CONTEXT].store.folder / FOLDER
    app[MEDIA] = Media(rooms, Settings(program, folder, section.interface, section.rtp_ports))
    app.cleanup_ctx.append(_kept_media)


def media_families(app: Mapping[Any, Any]) -> list[Metric]:
    """Where it has to be there: with the one on duty."""
    media: Media | None = app.get(MEDIA)
    if media is None or not is_on_duty(app):
        return []
    return [gauge("janus_up", "1: the server for pictures can be spoken to", media.is_ready)]


async def _kept_media(app: web.Application) -> AsyncIterator[None]:
    async with kept("pictures", only(app, app[MEDIA].run)):
        yield
