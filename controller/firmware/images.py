"""The store of images: a row for each in the database, and its bytes in a file, named by their SHA-256.

    images = Images(store, clock, data / FOLDER)
    await images.add(path.read_bytes(), by)

An image says itself for which board it is, and which version (devices/wire/node_image.py). A version is given
once: what nodes run under it stays what it was.
"""

import asyncio
import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, FirmwareError, NotFound
from controller.files import write_private
from controller.identity.certificates import By
from controller.store import Store
from devices.errors import WireError
from devices.wire import node_image
from devices.wire.manifest import LATEST_VERSION, Manifest

FOLDER = "firmware"
"""In the controller's data folder."""
_ALL = "SELECT * FROM firmware_image ORDER BY board, version"
_ADD = "INSERT INTO firmware_image VALUES (?, ?, ?, ?, ?, ?)"
_SAME = "SELECT * FROM firmware_image WHERE board = ? AND version = ?"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that gateways may fetch."""

    digest: str
    """SHA-256, hexadecimal."""
    board: str
    version: int
    size: int
    """Bytes."""
    added_utc_us: int
    by: str

    @property
    def manifest(self) -> Manifest:
        """What is signed of it."""
        return Manifest(self.board, self.version, self.size, bytes.fromhex(self.digest))


class Images:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, folder: Path | None = None) -> None:
        self._store, self._clock = store, clock
        self._folder = folder or store.folder / FOLDER

    async def listed(self) -> list[Image]:
        """All of them, by board and version."""
        return [_image(row) for row in await self._store.read(_ALL)]

    async def find(self, digest: str) -> Image:
        """Raises NotFound."""
        for row in await self._store.read("SELECT * FROM firmware_image WHERE digest = ?", (digest,)):
            return _image(row)
        raise NotFound(f"there is no firmware {digest!r:.80}: see `wardlink controller firmware list`")

    def path(self, image: Image) -> Path:
        """The file with its bytes."""
        return self._folder / image.digest

    async def add(self, data: bytes, by: By) -> Image:
        """Take an image in. Raises FirmwareError (it is none), Conflict (the version is another), OSError."""
        try:
            inside = node_image.read(data)
        except WireError as error:
            raise FirmwareError(f"not an image of a node's firmware: {error}: make one anew") from error
        if inside.version > LATEST_VERSION:
            raise FirmwareError(f"expected a version up to {LATEST_VERSION}, got {inside.version}")
        digest = hashlib.sha256(data).hexdigest()
        image = Image(digest, inside.board, inside.version, len(data), self._clock.utc_us(), by.actor)
        await asyncio.to_thread(write_private, self.path(image), data)
        try:
            return await self._store.write(lambda db: _keep(db, image, by))
        except Conflict:
            await asyncio.to_thread(self.path(image).unlink, missing_ok=True)
            raise

    async def remove(self, board: str, version: int, by: By) -> None:
        """Offer it no more. Raises NotFound, OSError."""

        def gone(db: sqlite3.Connection) -> Image:
            row = db.execute(_SAME, (board, version)).fetchone()
            if row is None:
                raise NotFound(f"there is no firmware for {board} of version {version}: see the list")
            image = _image(row)
            db.execute("DELETE FROM firmware_image WHERE digest = ?", (image.digest,))
            _audit(db, "firmware-removed", image, by, self._clock.utc_us())
            return image

        image = await self._store.write(gone)
        await asyncio.to_thread(self.path(image).unlink, missing_ok=True)


def _keep(db: sqlite3.Connection, image: Image, by: By) -> Image:
    """Raises Conflict."""
    row = db.execute(_SAME, (image.board, image.version)).fetchone()
    if row is not None:
        held = _image(row)
        if held.digest != image.digest:
            raise Conflict(
                f"expected a new version for {image.board}, got {image.version}, which is another image "
                f"({held.digest[:12]}…): number yours anew"
            )
        return held
    row = image.digest, image.board, image.version, image.size, image.added_utc_us, image.by
    db.execute(_ADD, row)
    _audit(db, "firmware-added", image, by, image.added_utc_us)
    return image


def _audit(db: sqlite3.Connection, action: str, image: Image, by: By, utc_us: int) -> None:
    entity, detail = f"firmware/{image.board}-{image.version}", {"sha256": image.digest}
    append(db, Entry(action, by.actor, entity, where=by.where, why=by.why, detail=detail), utc_us)


def _image(row: sqlite3.Row) -> Image:
    return Image(*(row[name] for name in ("digest", "board", "version", "size", "added_utc_us", "by")))
