"""What can be said of an instance by its bytes alone: is it DICOM, whose, and what the index has of it."""

import mmap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import orjson

from controller.imaging.archive.attributes import (
    ISSUER,
    PATIENT_ID,
    SERIES_UID,
    SOP_CLASS,
    SOP_INSTANCE,
    STUDY_UID,
    number,
    text,
)
from controller.imaging.archive.frames import counted, packed
from controller.imaging.archive.uids import checked
from controller.imaging.decode.picture import pixel_json
from controller.imaging.dicom.elements import DataSet
from controller.imaging.dicom.part10 import DEFLATED, Instance, read_instance
from controller.imaging.errors import BadDicom, BadUid
from controller.imaging.sight import Sight

LARGEST_HEADER: Final = 4 << 20
"""Bytes of the metadata as JSON: each request for a series' metadata repeats them."""


_SENDERS: Final = frozenset(
    {"empty", "file-too-large", "other-class", "other-instance", "other-study", "not-authorized"}
)
"""Reasons that only the sender can do something about."""
_UNSEEN: Final = "expected a patient whom you may see"


@dataclass(frozen=True, slots=True)
class Announced:
    """What the request said of the instance before its bytes came; "": nothing."""

    study: str = ""
    sop_class: str = ""
    sop_instance: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An instance that can be let in, as far as it says itself."""

    sha256: bytes
    size: int
    study: str
    series: str
    instance: str
    sop_class: str
    patient_id: str
    syntax: str
    issuer: str
    """Of the patient's identifier."""
    number: int | None
    metadata: bytes
    """The data set as DICOM JSON; a request may bring thousands of instances, which are small like that."""
    frames: int
    pixel_offset: int | None
    pixel_length: int | None
    pixel: bytes | None
    places: bytes | None
    """Where the frames of encapsulated pixel data are (frames.py)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why it is not let in, and what could be read of it."""

    sha256: bytes
    size: int
    reason: str
    message: str
    study: str = ""
    series: str = ""
    instance: str = ""
    sop_class: str = ""
    patient_id: str = ""

    kept: bool = False
    """Whether its bytes are, to wait for a person."""

    @property
    def for_a_person(self) -> bool:
        """Whether somebody should look at it: not if the sender only has to send it otherwise."""
        return self.reason not in _SENDERS


def judge(content: bytes | Path, sha256: bytes, size: int, announced: Announced) -> Judged | Fault:
    """To be called in a thread: a header may be large, a file may be mapped. Raises OSError."""
    if not size:
        return unread(sha256, size, announced, "empty", "expected a DICOM file, got nothing")
    if isinstance(content, bytes):
        return _judge(content, sha256, size, announced)
    with content.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return _judge(mapped, sha256, size, announced)


def unread(sha256: bytes, size: int, announced: Announced, reason: str, message: str) -> Fault:
    """The fault of bytes that say nothing: it has the names that were announced."""
    names = announced.study, "", announced.sop_instance, announced.sop_class
    return Fault(sha256, size, reason, message, *names)


def seen(item: Judged | Fault, sight: Sight) -> Judged | Fault:
    """`item`, unless its sender may not see the patient whom it names; whether there is one is not said.

    A fault of bytes that name nobody stays: it says nothing of a patient.
    """
    named = isinstance(item, Judged) or item.patient_id
    if not named or sight.shows(item.patient_id, ""):
        return item
    if isinstance(item, Fault):
        return replace(item, reason="not-authorized", message=_UNSEEN)
    names = item.study, item.series, item.instance, item.sop_class, item.patient_id
    return Fault(item.sha256, item.size, "not-authorized", _UNSEEN, *names)


def _judge(content: bytes | mmap.mmap, sha256: bytes, size: int, announced: Announced) -> Judged | Fault:
    try:
        read = read_instance(content, uri=lambda _, bulk: f"bulkdata/{bulk.path}")
    except BadDicom as error:
        return unread(sha256, size, announced, error.reason, str(error))
    data_set = read.data_set
    named = (
        *(text(data_set, STUDY_UID), text(data_set, SERIES_UID), text(data_set, SOP_INSTANCE)),
        *(text(data_set, SOP_CLASS), text(data_set, PATIENT_ID)),
    )
    try:
        _check_names(data_set, announced)
        frames = counted(read)
        metadata, pixel = _written(read)
    except BadDicom as error:
        return Fault(sha256, size, error.reason, str(error), *named)
    pixels = None if read.transfer_syntax == DEFLATED else read.pixels
    return Judged(
        *(sha256, size, *named, read.transfer_syntax),
        issuer=text(data_set, ISSUER),
        number=number(data_set, "00200013"),
        metadata=metadata,
        frames=frames,
        pixel_offset=pixels and pixels.offset,
        pixel_length=pixels and pixels.length,
        pixel=pixel,
        places=packed(read, frames),
    )


def _check_names(data_set: DataSet, announced: Announced) -> None:
    """Raises BadDicom: without these the instance has no place, or it is not the one announced."""
    try:
        for key, name in (
            *((STUDY_UID, "Study Instance UID"), (SERIES_UID, "Series Instance UID")),
            *((SOP_INSTANCE, "SOP Instance UID"), (SOP_CLASS, "SOP Class UID")),
        ):
            checked(text(data_set, key), name)
    except BadUid as error:
        raise BadDicom("bad-uid", str(error)) from error
    for reason, key, said in (
        ("other-class", SOP_CLASS, announced.sop_class),
        ("other-instance", SOP_INSTANCE, announced.sop_instance),
        ("other-study", STUDY_UID, announced.study),
    ):
        if said and said != text(data_set, key):
            raise BadDicom(reason, f"expected {said}, the data set says {text(data_set, key)}")


def _written(read: Instance) -> tuple[bytes, bytes | None]:
    """The metadata and what rendering needs. Raises BadDicom."""
    try:
        metadata, pixel = orjson.dumps(read.data_set), pixel_json(read)
    except orjson.JSONEncodeError as error:
        raise BadDicom("value", f"expected values that JSON can hold: {error}") from error
    if len(metadata) > LARGEST_HEADER:
        raise BadDicom(
            "header-too-large", f"expected at most {LARGEST_HEADER} bytes of metadata, got {len(metadata)}"
        )
    return metadata, pixel
