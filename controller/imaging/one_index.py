"""Whether this controller has the index of images that the others have: who has another would show none.

    while why := await another_index(store, data):      # before the archive is opened
        log.error(why); …

The first that has one says in the database which. A folder `imaging` of one's own is empty, or of long ago: a
physician would see no images where there are some, and nothing would say so.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from controller.errors import StoreError
from controller.objects.owner import HELD
from controller.store import Store

AGAIN_S = 10.0
_SAID = "SELECT name FROM place_owner WHERE kind = 'images'"
_SAY = "INSERT INTO place_owner VALUES ('images', ?, 0) ON CONFLICT (kind) DO NOTHING"

Part = Callable[[], Awaitable[None]]
log = logging.getLogger(__name__)


async def another_index(store: Store, data: Path) -> str:
    """Why the archive in `data` is not to be opened; "": it is the one that all have, or the first there is.
    Raises StoreError."""
    ours = await asyncio.to_thread(_name, data / "imaging" / "imaging.sqlite")
    if ours:
        await store.write(lambda db: db.execute(_SAY, (ours,)))
    said = await store.read(_SAID)
    if not said or said[0]["name"] == ours:
        return ""
    return (
        f"{data / 'imaging'}: expected the index of images of the other controllers ({said[0]['name']}), "
        f"got {ours or 'none'}: put this folder on a disk that all reach (docs/scale.md); until then there "
        "are no images here"
    )


def only_with(store: Store, data: Path, part: Part, again_s: float = AGAIN_S) -> Part:
    """`part`, begun once the index is that of all; and what a new index is called is said to the others."""

    async def say() -> None:
        while await _why(store, data) or not await store.read(_SAID):  # noqa: ASYNC110 - others write it
            await asyncio.sleep(again_s)

    async def run() -> None:
        while why := await _why(store, data):
            log.error("%s", why)
            await asyncio.sleep(again_s)
        async with asyncio.TaskGroup() as both:
            both.create_task(say())
            await part()

    return run


async def _why(store: Store, data: Path) -> str:
    try:
        return await another_index(store, data)
    except StoreError as error:
        return f"which index of images all controllers have cannot be asked: {error}"


def _name(path: Path) -> str:
    """Of the index there; "": there is none, or it has none yet. Raises StoreError."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)) as db:
            if not db.execute("PRAGMA table_info(place_owner)").fetchone():
                return ""
            found = db.execute(HELD).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be read: {error}") from error
    return found[0] if found else ""
