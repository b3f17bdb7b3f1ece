"""Recordings inside the application: their parts, made after those of visits."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.visits_context import TELEMEDICINE
from controller.imaging.sight import WHOLE
from controller.sections import TelemedicineSection
from controller.shards.duty import on_duty
from controller.telemedicine.recordings.books import Books
from controller.telemedicine.recordings.chunks import Chunks
from controller.telemedicine.recordings.endings import vault
from controller.telemedicine.recordings.model import Rule, Whose
from controller.telemedicine.recordings.service import Recordings
from controller.telemedicine.recordings.shelf import Shelf
from controller.telemedicine.rooms.meeting import OF_VISITS, letters

_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the handlers work with."""

    recordings: Recordings
    chunks: Chunks
    shelf: Shelf


RECORDED = web.AppKey("recorded", Recorded)


def add_recordings(app: web.Application, section: TelemedicineSection | None) -> None:
    """None: as the section is without its keys."""
    held = app[TELEMEDICINE]

    async def whose(room: str) -> Whose | None:
        if letters(room) != OF_VISITS:
            return None
        visit = await held.books.find(room, WHOLE)
        return Whose(f"patient:{visit.identifier}", (await held.consents.of(visit)).get("recording"))

    store, clock = app[CONTEXT].store, app[CONTEXT].clock
    place = section and section.objects
    books, files = Books(store, clock, held.rooms.kinds), vault(store.folder, place, clock)
    recordings = Recordings(books, held.rooms, files, _rule(section), whose)
    held.consents.watchers.append(recordings.heard)
    app.cleanup_ctx.append(_kept_recordings)
    app[RECORDED] = Recorded(recordings, Chunks(recordings), Shelf(books, files))


def recorded(request: web.Request) -> Recorded:
    """The application's."""
    return request.config_dict[RECORDED]


async def _kept_recordings(app: web.Application) -> AsyncIterator[None]:
    recordings = app[RECORDED].recordings
    async with on_duty(app, "recordings", recordings.run, begin=recordings.restore):
        yield


def _rule(section: TelemedicineSection | None) -> Rule:
    if section is None:
        return Rule()
    days, quota = section.recording_days, section.recording_quota_gb * _GB
    return Rule(days, quota, erases_on_demand=section.recording_erasure == "at-once")
