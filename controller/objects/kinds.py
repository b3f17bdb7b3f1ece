"""The kinds of objects that there are, and the rows that name them: images and recordings.

for kind in kinds(config, store, clock):
    await kind.rows()                   # {key: bytes}
    kind.objects.all()
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from controller.clock import Clock
from controller.config import Config
from controller.errors import StoreError
from controller.objects.bucket import Bucket
from controller.objects.folder import Folder
from controller.objects.model import Objects
from controller.objects.section import IMAGES, RECORDINGS
from controller.store import Store
from controller.telemedicine.recordings.endings import vault

_IMAGES: Final = "SELECT sha256, size FROM file WHERE tier = 0"
_CHUNKS: Final = """SELECT recording.number, n, digest, bytes FROM recording_chunk
JOIN recording ON recording.id = recording_chunk.recording WHERE recording.state <> 'erased'"""

SWITCHED: Final = "run/objects"
"""In the folder of data: where a controller that was started since has kinds in a bucket."""
Rows = Mapping[str, int]
"""Bytes by key."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`rows`: what has to be there now; raises StoreError. `ours`: whether this process alone puts and
    deletes, so that it may take away what has no row."""

    name: str
    objects: Objects
    rows: Callable[[], Awaitable[Rows]]
    ours: bool


def told_places(config: Config) -> str:
    """Where each kind is, for SWITCHED."""
    held = {IMAGES: config.imaging, RECORDINGS: config.telemedicine}
    places = {kind: section.objects for kind, section in held.items() if section}
    return "".join(f"{kind} {place.bucket}/{place.prefix}\n" for kind, place in places.items() if place)


def image_files(data: Path) -> Path:
    """The folder of images' files, where they are in one."""
    return data / "imaging" / "files"


def kinds(config: Config, store: Store, clock: Clock) -> Iterator[Kind]:
    """Of this controller. Raises ConfigError."""
    if config.imaging is not None:
        place = config.imaging.objects
        objects = Folder(image_files(config.data)) if place is None else Bucket(place, clock)
        database = config.data / "imaging" / "imaging.sqlite"
        yield Kind(IMAGES, objects, partial(_images, database, objects), ours=False)
    place = config.telemedicine and config.telemedicine.objects
    held = vault(config.data, place, clock)

    async def chunks() -> Rows:
        found = await store.read(_CHUNKS)
        return {held.name(row["number"], row["n"], row["digest"]): row["bytes"] for row in found}

    yield Kind(RECORDINGS, held.objects, chunks, ours=True)


async def _images(database: Path, objects: Objects) -> Rows:
    """Without the process whose database it is. Raises StoreError."""
    return await asyncio.to_thread(_read, database, objects)


def _read(database: Path, objects: Objects) -> Rows:
    if not database.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True, timeout=30)) as db:
            return {_key(sha256.hex(), objects): size for sha256, size in db.execute(_IMAGES)}
    except sqlite3.Error as error:
        raise StoreError(f"{database}: cannot be read: {error}") from error


def _key(name: str, objects: Objects) -> str:
    return f"{name[:2]}/{name}" if objects.is_local else name
