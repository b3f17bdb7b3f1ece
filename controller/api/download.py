"""A file to download: written to the disk first, so that a slow reader holds up no database."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from aiohttp import web

from controller.api.context import context
from controller.api.events import abort
from controller.errors import StoreError

SENT_BYTES = 256 * 1024
STALLED_S = 30
"""A reader who takes nothing for so long is given up."""

Write = Callable[[sqlite3.Connection, BinaryIO], object]

log = logging.getLogger(__name__)


async def download(request: web.Request, name: str, media: str, write: Write) -> web.StreamResponse:
    """Send what `write` makes of the database, as the file `name`. Raises StoreError."""
    parts = context(request)
    folder = parts.store.folder
    with await parts.auditor.beside.read(lambda db: _made(db, folder, write)) as file:
        response = web.StreamResponse(headers=as_file(name, media))
        await response.prepare(request)
        try:
            while part := await asyncio.to_thread(file.read, SENT_BYTES):
                async with asyncio.timeout(STALLED_S):
                    await response.write(part)
        except TimeoutError:
            abort(request)
        except ConnectionError:
            log.debug("%s went away", request.remote)
    return response


def as_file(name: str, media: str) -> dict[str, str]:
    """The headers of a download."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": media}


def _made(db: sqlite3.Connection, folder: Path, write: Write) -> BinaryIO:
    try:
        with ExitStack() as undo:
            file = undo.enter_context(TemporaryFile(dir=folder))
            write(db, file)
            file.seek(0)
            undo.pop_all()  # the caller closes it
            return file
    except OSError as error:
        raise StoreError(f"the export cannot be written: {error}") from error
