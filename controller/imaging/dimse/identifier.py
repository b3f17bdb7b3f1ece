"""Identifiers of C-FIND, C-MOVE and C-GET: the level, the keys, and what they must be (PS3.4, C.4, C.6).

Read by our own reader, since pydicom's warnings and errors would repeat what it read.
"""

from enum import Enum
from typing import Any, Final

from pynetdicom import evt

from controller.imaging.dicom.elements import DataSet, Elements, Limits
from controller.imaging.dicom.part10 import IMPLICIT
from controller.imaging.dimse.contexts import PATIENT_ROOT
from controller.imaging.errors import BadDicom, BadQuery

QUERY_LEVEL: Final = "00080052"
STUDY_UID, SERIES_UID, INSTANCE_UID, PATIENT_ID = "0020000D", "0020000E", "00080018", "00100020"
LARGEST: Final = 8 << 20
"""Bytes of the data set of a request."""


class Level(Enum):
    """Query/Retrieve Level (0008,0052), and the unique key of each (PS3.4, table C.6-1)."""

    PATIENT = PATIENT_ID
    STUDY = STUDY_UID
    SERIES = SERIES_UID
    IMAGE = INSTANCE_UID


_DOWN: Final = (Level.STUDY, Level.SERIES, Level.IMAGE)


def identifier(event: evt.Event, parameter: str = "Identifier") -> DataSet:
    """The data set of a request, by the name of the parameter of PS3.7, as DICOM JSON. Raises BadQuery."""
    stream = getattr(event.request, parameter)
    content: bytes = stream.getvalue() if stream is not None else b""
    if len(content) > LARGEST:
        raise BadQuery(f"expected a data set of at most {LARGEST} bytes, got {len(content)}")
    try:
        reader = Elements(content, "<", Limits())
        return reader.read(0, len(content), explicit=event.context.transfer_syntax != IMPLICIT)
    except BadDicom as error:
        raise BadQuery(f"the data set of the request cannot be read: {error.reason}") from error


def level(keys: DataSet, model: str) -> Level:
    """Which level is asked for, in a model that has it. Raises BadQuery."""
    told = values(keys, QUERY_LEVEL)
    name = told[0] if told else ""
    if name not in Level.__members__ or (name == "PATIENT" and model not in PATIENT_ROOT):
        known = "PATIENT, STUDY, SERIES or IMAGE" if model in PATIENT_ROOT else "STUDY, SERIES or IMAGE"
        raise BadQuery(f"expected a Query/Retrieve Level of {known}")
    return Level[name]


def above(keys: DataSet, at: Level) -> dict[str, str]:
    """The unique keys of the levels above `at`, one value each, as the hierarchical search and retrieval ask
    for (PS3.4, C.4.1.3.1.1); Patient ID is used when it is there. Raises BadQuery."""
    found: dict[str, str] = {}
    for one in _DOWN[: _DOWN.index(at)] if at in _DOWN else ():
        told = values(keys, one.value)
        if len(told) != 1 or is_wild(told[0]):
            raise BadQuery(f"at level {at.name} expected the unique key of level {one.name}, one value")
        found[one.value] = told[0]
    if at is not Level.PATIENT and (patient := values(keys, PATIENT_ID)):
        found[PATIENT_ID] = patient[0]
    return found


def values(keys: DataSet, tag: str) -> list[str]:
    """The values of an element as text, without empty ones; of a name, its groups as DICOM writes them."""
    return [text for value in keys.get(tag, {}).get("Value", ()) if (text := _text(value))]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType, reportUnknownArgumentType]


def is_wild(text: str) -> bool:
    """Whether it has wild cards."""
    return "*" in text or "?" in text


def _text(value: Any) -> str:
    if isinstance(value, dict):
        groups = (value.get(name, "") for name in ("Alphabetic", "Ideographic", "Phonetic"))
        return "=".join(groups).rstrip("=")
    return "" if value is None else str(value)
