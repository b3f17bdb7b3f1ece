"""Objects inside the application: the daily check, what is observed of buckets, and whether all is there."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.imaging_context import IMAGING, Imaging
from controller.api.recordings_context import RECORDED
from controller.config import Config
from controller.files import write_private
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker
from controller.kept import kept
from controller.metrics.families import Metric
from controller.objects import metrics
from controller.objects.bucket import Bucket
from controller.objects.keeping import Keeping
from controller.objects.kinds import SWITCHED, kinds, told_places
from controller.objects.section import IMAGES, RECORDINGS
from controller.security.permissions import Permission
from controller.shards.duty import is_on_duty, only

OBJECTS: web.AppKey[Keeping] = web.AppKey("objects", Keeping)
"""Of an application that has objects in a bucket."""
_SPEAKER = Speaker("controller", "", frozenset({str(Permission.MANAGE_IMAGES)}))


def add_objects(app: web.Application, config: Config) -> None:
    """Nothing, where everything is in folders. Raises ConfigError: there are no credentials."""
    store, clock = app[CONTEXT].store, app[CONTEXT].clock
    write_private(config.data / SWITCHED, told_places(config))
    keeping = Keeping([*kinds(config, store, clock)], store, clock)
    if keeping.kinds:
        app[OBJECTS] = keeping
        app.cleanup_ctx.append(_kept)


async def objects_families(app: Mapping[Any, Any]) -> list[Metric]:
    """Of buckets; without samples, where there are none, and where another controller asks them."""
    keeping: Keeping | None = app.get(OBJECTS)
    if keeping is None or not is_on_duty(app):
        return [*metrics.asked({}), *metrics.found([])]
    told: dict[str, Mapping[str, Any]] = {}
    if isinstance(held := app[RECORDED].recordings.vault.objects, Bucket):
        told[RECORDINGS] = held.counts.told()
    if counted := await _of_images(app):
        told[IMAGES] = counted
    return [*metrics.asked(told), *metrics.found(keeping.reports.values())]


def objects_lost(app: Mapping[Any, Any]) -> str | None:
    """Why not everything is there; "": it is; None: everything is in folders. Who looks is on duty."""
    keeping: Keeping | None = app.get(OBJECTS)
    if keeping is None:
        return None
    return keeping.why() if is_on_duty(app) else ""


async def _of_images(app: Mapping[Any, Any]) -> Mapping[str, Any]:
    """What their process asked of its bucket; {}: nothing, or it does not answer, which is told elsewhere."""
    imaging: Imaging | None = app.get(IMAGING)
    if imaging is None:
        return {}
    try:
        return await imaging.client.json(_SPEAKER, "GET", "/manage/objects")
    except (ServiceSilent, ServiceRefused):
        return {}


async def _kept(app: web.Application) -> AsyncIterator[None]:
    async with kept("objects", only(app, app[OBJECTS].run)):
        yield
