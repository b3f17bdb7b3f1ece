"""Taking in an image, from its bytes to its rows: whatever comes is taken or refused, and nothing else.

endure_image(content)            # whether it was taken. Raises Broken, and what must not be raised

Every file goes the archive's own way (judging, index) into a database in memory, and leaves it again.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import orjson
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from controller.imaging.archive.attributes import SOP_INSTANCE
from controller.imaging.archive.frames import unpacked
from controller.imaging.archive.index import Arrival, place
from controller.imaging.archive.judging import Announced, Fault, Judged, judge
from controller.imaging.archive.uids import is_uid
from controller.imaging.archive.verdicts import Outcome
from controller.imaging.decode.picture import picture
from controller.imaging.dicom.part10 import DEFLATED
from controller.imaging.errors import CannotDecode
from controller.store import connect
from controller.store.migrate import migrate
from hil.errors import Broken
from hil.faults.bad_images import bad_files, encoded, whole
from hil.faults.bad_pixels import bad_pixels

LARGEST_SEED = 4096
SCHEMA = "controller.imaging.archive"


def endure_image(content: bytes) -> bool:
    """Whether it was taken. Raises Broken: an answer that says nothing, or that is not true."""
    digest = hashlib.sha256(content).digest()
    item = judge(content, digest, len(content), Announced())
    _indexed(item)
    if isinstance(item, Fault):
        if not (item.reason and len(item.message) > 10):
            raise Broken(f"refused without a reason: {item!r:.200}")
        return False
    _true(item, content)
    return True


def _true(item: Judged, content: bytes) -> None:
    """What an archive believes of a file is so."""
    if not all(map(is_uid, (item.study, item.series, item.instance, item.sop_class))):
        raise Broken(f"let in under a name that is none: {item!r:.300}")
    if item.pixel_offset is not None and item.pixel_offset + (item.pixel_length or 0) > len(content):
        raise Broken(f"pixels behind the end of the file: {item.pixel_offset} + {item.pixel_length}")
    if item.places is not None and item.syntax != DEFLATED:
        fragments = [fragment for frame in unpacked(item.places) for fragment in frame]
        if any(offset + length > len(content) for offset, length in fragments):
            raise Broken(f"a frame behind the end of the file: {fragments!r:.200}")
    said = orjson.loads(item.metadata)
    if said.get(SOP_INSTANCE, {}).get("Value", [None])[0] != item.instance:
        raise Broken("the metadata are not those of the file")
    if item.pixel is not None:
        try:
            picture(item.pixel)
        except CannotDecode:
            return


def _indexed(item: Judged | Fault) -> None:
    db = _database()
    db.execute("BEGIN")
    try:
        first, again = (place(db, item, Arrival(1, "fuzz")).outcome for _ in range(2))
    finally:
        db.execute("ROLLBACK")
    expected = {Outcome.STORED: Outcome.ALREADY, Outcome.HELD: Outcome.ALREADY}.get(first, first)
    if again is not expected:
        raise Broken(f"{first}, and when it comes again, {again}")


@cache
def _database() -> sqlite3.Connection:
    db = connect(Path(":memory:"))
    migrate(db, SCHEMA)
    return db


def seeds() -> Sequence[bytes]:
    """Good files in each way of writing a data set, and bad ones, as far as they are small."""
    ways = (ExplicitVRBigEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)
    good = [whole(seed=1), *(encoded(seed=1, syntax=syntax) for syntax in ways)]
    bad = [one.content for one in bad_files(1).values()] + list(bad_pixels(1).values())
    return [*good, *(content for content in bad if len(content) <= LARGEST_SEED)]
