"""Finding what is stored, as far as somebody may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from controller.imaging.archive.metadata import unpacked
from controller.imaging.errors import NoSuchImage
from controller.imaging.sight import CLAUSE, Sight, parameters
from controller.store import Store

_FIND: Final = f"""SELECT study.uid AS study, series.uid AS series, instance.uid AS instance, patient_id,
  instance.class AS sop_class, syntax, file AS sha256, file.size, frames, pixel_offset, pixel_length, pixel,
  instance.number, series.number AS series_number, file.damaged
FROM study JOIN series ON series.study = study.id JOIN instance ON instance.series = series.id
  JOIN file ON file.sha256 = instance.file
WHERE study.uid = :study AND {CLAUSE}"""
_ORDER: Final = """ ORDER BY series.number IS NULL, series.number, series.uid,
  instance.number IS NULL, instance.number, instance.uid"""
_METADATA: Final = """SELECT instance.uid, metadata, dictionary FROM instance
JOIN series ON series.id = instance.series WHERE instance.uid IN ({marks})"""
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Stored:
    """An instance of the archive."""

    study: str
    series: str
    instance: str
    patient_id: str
    sop_class: str
    syntax: str
    """Transfer Syntax UID of the file."""
    sha256: bytes
    size: int
    """Bytes of the file."""
    frames: int
    """0: no pixel data."""
    pixel_offset: int | None
    """Where the value of the pixel data begins in the file; None: there are none, or the file is deflated."""
    pixel_length: int | None
    """Bytes, with all items if it is encapsulated."""
    pixel: bytes | None
    """DICOM JSON of the elements that rendering needs (decode/picture.py)."""
    number: int | None
    series_number: int | None
    damaged: str = ""
    """What a check found of its file: "missing", "changed"; reading it raises CannotRead."""


def find_query(
    sight: Sight, study: str, series: str | None, instance: str | None
) -> tuple[str, Mapping[str, str | int | None]]:
    """What finds the instances, ordered by number of the series, of the instance, and UID."""
    query, asked = _FIND, {"study": study, **parameters(sight)}
    for column, uid in (("series", series), ("instance", instance)):
        if uid is not None:
            query += f" AND {column}.uid = :{column}"
            asked[column] = uid
    return query + _ORDER, asked


def found(rows: Sequence[Sequence[Any]]) -> list[Stored]:
    """What `find_query` gave. Raises NoSuchImage: nothing."""
    if not rows:
        raise NoSuchImage("there is no such study, series or instance")
    return [Stored(*row) for row in rows]


async def metadata(store: Store, stored: Sequence[Stored]) -> list[bytes]:
    """DICOM JSON of each, in the same order; BulkDataURI: "bulkdata/PATH". Raises NoSuchImage, StoreError."""
    found: dict[str, bytes] = {}
    for begin in range(0, len(stored), _AT_ONCE):
        uids = [one.instance for one in stored[begin : begin + _AT_ONCE]]
        rows = await store.read(_METADATA.format(marks=", ".join("?" * len(uids))), uids)
        found.update((row["uid"], unpacked(row["metadata"], row["dictionary"])) for row in rows)
    return [_of(found, one) for one in stored]


def _of(found: Mapping[str, bytes], one: Stored) -> bytes:
    if one.instance not in found:
        raise NoSuchImage(f"{one.instance} was deleted in the meantime")
    return found[one.instance]
