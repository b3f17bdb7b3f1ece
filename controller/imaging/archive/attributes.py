"""What the index has of a data set: the columns of a study, a series, an instance (DICOM JSON: PS3.18, F).

The elements of STUDY_KEYS and SERIES_KEYS are kept whole beside the columns, for answers to searches.
"""

from typing import Any, Final

import orjson

from controller.imaging.archive.names import folded
from controller.imaging.dicom.elements import DataSet
from controller.imaging.dicom.values import Json

Columns = dict[str, str | int | bytes | None]

PATIENT_ID, ISSUER, PATIENT_NAME = "00100020", "00100021", "00100010"
BIRTH_DATE, STUDY_UID, SERIES_UID = "00100030", "0020000D", "0020000E"
SOP_CLASS, SOP_INSTANCE, MODALITY = "00080016", "00080018", "00080060"

STUDY_KEYS: Final = (
    "00080005", "00080020", "00080030", "00080050", "00080051", "00080090", "00080096", "0008009C",
    "00080201", "00081030", "00081032", "00081048", "00081049", "00081060", "00081062", "00081080",
    "00081084", "00081110", "00100010", "00100020", "00100021", "00100022", "00100024", "00100026",
    "00100028", "00100030", "00100032", "00100033", "00100034", "00100035", "00100040", "00100050",
    "00100101", "00101000", "00101001", "00101002", "00101005", "00101010", "00101020", "00101021",
    "00101022", "00101023", "00101024", "00101030", "00101040", "00101060", "00101080", "00101081",
    "00101090", "00101100", "00102000", "00102110", "00102150", "00102152", "00102154", "00102155",
    "00102160", "00102180", "001021A0", "001021B0", "001021C0", "001021D0", "001021F0", "00102201",
    "00102202", "00102203", "00102210", "00102292", "00102293", "00102294", "00102295", "00102296",
    "00102297", "00102298", "00102299", "00104000", "00120010", "00120020", "00120021", "00120030",
    "00120031", "00120040", "00120042", "00120050", "00120051", "00120062", "00120063", "00120064",
    "0020000D", "00200010", "00321034", "00380010", "00380014", "00380050", "00380060", "00380062",
    "00380064", "00380500",
)  # fmt: skip
"""Patient, Clinical Trial Subject, General Study, Patient Study (PS3.3, C.7.1, C.7.2)."""
SERIES_KEYS: Final = (
    "00080005", "00080021", "00080031", "00080060", "00080068", "00080070", "00080080", "00080081",
    "00081010", "0008103E", "0008103F", "00081040", "00081050", "00081052", "00081070", "00081072",
    "00081090", "00081111", "0008114A", "00081250", "00120071", "00120072", "00180015", "00181000",
    "00181016", "00181020", "00181030", "00185100", "0020000E", "00200011", "00200052", "00200060",
    "00201040", "00280108", "00280109", "00400244", "00400245", "00400250", "00400251", "00400253",
    "00400254", "00400260", "00400275", "00400280",
)  # fmt: skip
"""General Series, Clinical Trial Series, Frame of Reference, General Equipment (PS3.3, C.7.3 … C.7.5)."""


def first(data_set: DataSet, key: str) -> Json:
    """The first value of an element; None: there is none."""
    values = data_set.get(key, {}).get("Value")
    return values[0] if values else None


def text(data_set: DataSet, key: str) -> str:
    """The first value as text, of a person's name the alphabetic group; "": there is none."""
    match first(data_set, key):
        case None:
            return ""
        case dict() as name:
            return str(name.get("Alphabetic", ""))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        case value:
            return str(value)


def number(data_set: DataSet, key: str) -> int | None:
    """The first value as a whole number that SQLite can hold."""
    value = first(data_set, key)
    return value if isinstance(value, int) and abs(value) < 1 << 62 else None


def kept(data_set: DataSet, keys: tuple[str, ...]) -> bytes:
    """The elements `keys` as DICOM JSON."""
    return orjson.dumps({key: data_set[key] for key in keys if key in data_set})


def study_columns(data_set: DataSet) -> Columns:
    """Of the table study, but for what counts."""
    name: Any = first(data_set, PATIENT_NAME)
    return {
        "uid": text(data_set, STUDY_UID),
        "patient_id": text(data_set, PATIENT_ID),
        "issuer": text(data_set, ISSUER),
        "patient_name": text(data_set, PATIENT_NAME),
        "folded": folded(name) if isinstance(name, dict) else "",  # pyright: ignore[reportUnknownArgumentType]
        "birth_date": text(data_set, BIRTH_DATE),
        "sex": text(data_set, "00100040"),
        "date": text(data_set, "00080020"),
        "time": text(data_set, "00080030"),
        "accession": text(data_set, "00080050"),
        "study_id": text(data_set, "00200010"),
        "description": text(data_set, "00081030"),
        "referring": text(data_set, "00080090"),
        "attributes": kept(data_set, STUDY_KEYS),
    }


def series_columns(data_set: DataSet) -> Columns:
    """Of the table series, but for what counts and its dictionary."""
    return {
        "uid": text(data_set, SERIES_UID),
        "modality": text(data_set, MODALITY),
        "number": number(data_set, "00200011"),
        "description": text(data_set, "0008103E"),
        "body_part": text(data_set, "00180015"),
        "date": text(data_set, "00080021"),
        "time": text(data_set, "00080031"),
        "attributes": kept(data_set, SERIES_KEYS),
    }
