"""What is written of visits, inside the application."""

from dataclasses import dataclass

from aiohttp import web

from controller.api.context import CONTEXT
from controller.telemedicine.books import Books
from controller.telemedicine.notes.prescribed import Prescribed
from controller.telemedicine.notes.summary import Summaries
from controller.telemedicine.notes.writing import Notes


@dataclass(frozen=True, slots=True)
class Written:
    """What the handlers work with."""

    notes: Notes
    prescribed: Prescribed
    summaries: Summaries


WRITTEN = web.AppKey("visit-notes", Written)


def add_visit_notes(app: web.Application) -> None:
    """After the context is there."""
    books = Books(app[CONTEXT].store, app[CONTEXT].clock)
    summaries = Summaries(books, app[CONTEXT].signatures.check)
    app[WRITTEN] = Written(Notes(books), Prescribed(books), summaries)


def written(request: web.Request) -> Written:
    """The application's."""
    return request.config_dict[WRITTEN]
