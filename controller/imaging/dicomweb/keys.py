"""What a search may ask for: the attributes that are matched, of which level, and how.

PS3.4, C.6.1.1 and C.6.2.1; PS3.18, tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5.
"""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from controller.imaging.dicom.tags import key_of
from controller.imaging.errors import BadQuery


class Level(IntEnum):
    """What is searched for."""

    STUDY = 1
    SERIES = 2
    INSTANCE = 3


class How(Enum):
    """Which rules of matching hold (PS3.4, C.2.2.2)."""

    TEXT = auto()
    """The value, or wild cards; small and capital letters differ."""
    CODES = auto()
    """As TEXT; several values, of which one must be there."""
    NAME = auto()
    """A person's name: wild cards, letters of every size, with marks or without."""
    UID = auto()
    """One or a list."""
    DATE = auto()
    TIME = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Key:
    """An attribute that is matched."""

    tag: str
    """Eight hexadecimal digits; of an item of a sequence "00400275.00401001"."""
    level: Level
    how: How
    sql: str
    """What is compared. `{}` stands for the comparison if that has to be inside."""


_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{8}")


def _within(table: str, *tags: str) -> str:
    """The first value of an attribute that has no column of its own."""
    path = ".Value[0].".join(f'"{tag}"' for tag in tags)
    return f"coalesce(json_extract(CAST({table}.attributes AS TEXT), '$.{path}.Value[0]'), '')"


_MODALITY = "EXISTS (SELECT 1 FROM series AS one WHERE one.study = study.id AND one.modality {})"
_CLASS = """EXISTS (SELECT 1 FROM series AS one JOIN instance AS its ON its.series = one.id
WHERE one.study = study.id AND its.class {})"""
_STUDY, _SERIES, _INSTANCE = Level.STUDY, Level.SERIES, Level.INSTANCE

KEYS: Final = {
    key.tag: key
    for key in (
        Key("0020000D", _STUDY, How.UID, "study.uid"),
        Key("00080020", _STUDY, How.DATE, "study.date"),
        Key("00080030", _STUDY, How.TIME, "study.time"),
        Key("00080050", _STUDY, How.TEXT, "study.accession"),
        Key("00080061", _STUDY, How.CODES, _MODALITY),
        Key("00080062", _STUDY, How.UID, _CLASS),
        Key("00080090", _STUDY, How.NAME, "study.referring"),
        Key("00081030", _STUDY, How.TEXT, "study.description"),
        Key("00100010", _STUDY, How.NAME, "study.folded"),
        Key("00100020", _STUDY, How.TEXT, "study.patient_id"),
        Key("00100021", _STUDY, How.TEXT, "study.issuer"),
        Key("00100030", _STUDY, How.DATE, "study.birth_date"),
        Key("00100040", _STUDY, How.TEXT, "study.sex"),
        Key("00200010", _STUDY, How.TEXT, "study.study_id"),
        Key("00201206", _STUDY, How.NUMBER, "study.series"),
        Key("00201208", _STUDY, How.NUMBER, "study.instances"),
        Key("0020000E", _SERIES, How.UID, "series.uid"),
        Key("00080021", _SERIES, How.DATE, "series.date"),
        Key("00080031", _SERIES, How.TIME, "series.time"),
        Key("00080060", _SERIES, How.CODES, "series.modality"),
        Key("0008103E", _SERIES, How.TEXT, "series.description"),
        Key("00180015", _SERIES, How.TEXT, "series.body_part"),
        Key("00200011", _SERIES, How.NUMBER, "series.number"),
        Key("00201209", _SERIES, How.NUMBER, "series.instances"),
        Key("00400244", _SERIES, How.DATE, _within("series", "00400244")),
        Key("00400245", _SERIES, How.TIME, _within("series", "00400245")),
        Key("00400275.00400009", _SERIES, How.TEXT, _within("series", "00400275", "00400009")),
        Key("00400275.00401001", _SERIES, How.TEXT, _within("series", "00400275", "00401001")),
        Key("00080016", _INSTANCE, How.UID, "instance.class"),
        Key("00080018", _INSTANCE, How.UID, "instance.uid"),
        Key("00200013", _INSTANCE, How.NUMBER, "instance.number"),
    )
}
"""By tag."""
TIME_OF: Final = {"00080020": "00080030", "00080021": "00080031", "00400244": "00400245"}
"""Dates, and the time that a combined match goes by (PS3.4, C.2.2.2.5.1)."""


def tag_of(name: str) -> str:
    """The tag that `name` means: a keyword, eight hexadecimal digits, or several of them with dots between,
    which is an attribute in a sequence. Raises BadQuery: it is no attribute of PS3.6."""
    return ".".join(_tag(part, name) for part in name.split("."))


def _tag(part: str, name: str) -> str:
    if _HEXADECIMAL.fullmatch(part):
        return key_of(int(part, 16))
    tag = tag_for_keyword(part)
    if tag is None:
        raise BadQuery(f"expected a keyword or tag of an attribute of DICOM, got {name!r}")
    return key_of(tag)


def key(name: str, level: Level) -> Key:
    """The attribute that `name` means in a search for `level`. Raises BadQuery: it is not matched there."""
    tag = tag_of(name)
    found = KEYS.get(tag)
    if found is None or found.level > level:
        known = ", ".join(sorted(keyword(key.tag) for key in KEYS.values() if key.level <= level))
        raise BadQuery(
            f"{name} is not matched in a search for a {level.name.lower()}: expected one of {known}"
        )
    return found


def keyword(tag: str) -> str:
    """ "PatientID", "RequestAttributesSequence.RequestedProcedureID"."""
    return ".".join(keyword_for_tag(int(part, 16)) for part in tag.split("."))


def vr(tag: str) -> str:
    """The VR of an attribute that is in the dictionary."""
    return dictionary_VR(int(tag, 16))
