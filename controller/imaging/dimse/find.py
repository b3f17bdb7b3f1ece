"""C-FIND: what there is (PS3.4, C.4.1), by QIDO-RS.

Patient root and study root. Searches are hierarchical; matching is that of QIDO-RS (dicomweb/keys.py says
which keys). A key that is not matched is left out of the matching, and each answer says so: status FF01.
"""

import logging
import threading
from collections.abc import Iterator
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import evt
from pynetdicom.association import Association

from controller.imaging.dicom.elements import DataSet
from controller.imaging.dicomweb.keys import KEYS, vr
from controller.imaging.dicomweb.keys import Level as WebLevel
from controller.imaging.dimse.contexts import WORKLIST
from controller.imaging.dimse.identifier import QUERY_LEVEL, Level, above, identifier, level, values
from controller.imaging.dimse.known import allowed
from controller.imaging.dimse.service import Answer, Service
from controller.imaging.dimse.settings import DimseSettings, May
from controller.imaging.dimse.store import NOT_AUTHORISED, OUT_OF_RESOURCES
from controller.imaging.dimse.worklist import worklist
from controller.imaging.errors import BadQuery, ServiceRefused, ServiceSilent
from controller.imaging.speaker import Speaker

PENDING, PENDING_UNMATCHED, CANCELLED = 0xFF00, 0xFF01, 0xFE00
MISMATCH, CANNOT_PROCESS = 0xA900, 0xC001
"""PS3.4, table C.4-1."""
_PATHS: Final = {
    Level.PATIENT: ("studies", WebLevel.STUDY),
    Level.STUDY: ("studies", WebLevel.STUDY),
    Level.SERIES: ("series", WebLevel.SERIES),
    Level.IMAGE: ("instances", WebLevel.INSTANCE),
}
_CHARACTER_SET, _RETRIEVE_TITLE, _TIMEZONE = "00080005", "00080054", "00080201"
_NOT_KEYS: Final = frozenset((QUERY_LEVEL, _CHARACTER_SET, _RETRIEVE_TITLE, _TIMEZONE))
_PATIENT: Final = ("00100020", "00100021")
_PATIENTS_KEYS: Final = frozenset(tag for tag in KEYS if tag.startswith("0010"))
UTF_8: Final = "ISO_IR 192"
IN_A_ROW: Final = 16
"""Answers, until it is looked whether they are sent."""
PAUSE_S: Final = 0.001

Found = tuple[int, Dataset | None]

log = logging.getLogger(__name__)


def find(event: evt.Event, settings: DimseSettings, service: Service) -> Iterator[Found]:
    """Handler of EVT_C_FIND."""
    if event.context.abstract_syntax == WORKLIST:
        yield from worklist(event, settings, service)
        return
    who = allowed(event, settings, May.FIND)
    if who is None:
        yield NOT_AUTHORISED, None
        return
    try:
        keys = identifier(event)
        at = level(keys, event.context.abstract_syntax)
        query, unmatched = query_of(keys, at)
        status = PENDING_UNMATCHED if unmatched else PENDING
        for number, found in enumerate(_found(service, who[1], at, query)):
            if number % IN_A_ROW == 0:
                _let_be_sent(event.assoc)
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield status, answer(keys, at, found, settings.title)
    except BadQuery as error:
        log.warning("%s: a search is refused: %s", who[0].title, error)
        yield MISMATCH, None
    except ServiceRefused as error:
        log.warning("%s: a search is refused: %s", who[0].title, error)
        yield (MISMATCH if error.status == 400 else CANNOT_PROCESS), None
    except ServiceSilent as error:
        log.warning("%s: a search failed: %s", who[0].title, error)
        yield OUT_OF_RESOURCES, None


def _let_be_sent(association: Association) -> None:
    """Wait until the answers so far are sent. pynetdicom reads nothing while there is something to send: it
    would hear a C-CANCEL only after the last answer."""
    pause = threading.Event()
    while association.is_established and not association.dul.to_provider_queue.empty():
        pause.wait(PAUSE_S)


def query_of(keys: DataSet, at: Level) -> tuple[dict[str, str], bool]:
    """The parameters of QIDO-RS, and whether a key with a value is not matched. Raises BadQuery."""
    found = above(keys, at)
    web = _PATHS[at][1]
    unmatched = False
    wanted: list[str] = []
    for tag in sorted(keys.keys() - _NOT_KEYS - found.keys()):
        told = values(keys, tag) if keys[tag]["vr"] != "SQ" else []
        matched = tag in (_PATIENTS_KEYS if at is Level.PATIENT else KEYS) and KEYS[tag].level <= web
        if told and matched:
            found[tag] = ("," if keys[tag]["vr"] == "UI" else "\\").join(told)
        elif told or keys[tag]["vr"] == "SQ":
            unmatched = unmatched or bool(told or _asks(keys[tag]))
        wanted.append(tag)
    return found | ({"includefield": ",".join(wanted)} if wanted else {}), unmatched


def answer(keys: DataSet, at: Level, found: Answer, title: str) -> Dataset:
    """The identifier of one answer: the keys that were asked for, empty where nothing is known of them."""
    told: dict[str, Any] = {
        tag: found.get(tag, {"vr": asked["vr"]}) for tag, asked in keys.items() if tag not in _NOT_KEYS
    }
    if at is Level.PATIENT:
        told = {tag: element for tag, element in told.items() if tag.startswith("0010")}
    for tag, value in above(keys, at).items():
        told[tag] = found.get(tag, {"vr": vr(tag), "Value": [value]})
    told[QUERY_LEVEL] = {"vr": "CS", "Value": [at.name]}
    told[_RETRIEVE_TITLE] = {"vr": "AE", "Value": [title]}
    if not str(told).isascii():
        told[_CHARACTER_SET] = {"vr": "CS", "Value": [UTF_8]}
    return Dataset.from_json(told)


def _found(service: Service, speaker: Speaker, at: Level, query: dict[str, str]) -> Iterator[Answer]:
    """At level PATIENT, each patient of the studies once."""
    seen: set[tuple[str, ...]] = set()
    for page in service.search(speaker, _PATHS[at][0], query):
        for one in page:
            if at is Level.PATIENT:
                who = tuple("".join(values(one, tag)) for tag in _PATIENT)
                if who in seen:
                    continue
                seen.add(who)
            yield one


def _asks(element: Any) -> bool:
    """Whether an item of a sequence asks for a value."""
    items = element.get("Value", [])
    return any(inner.get("Value") for item in items if isinstance(item, dict) for inner in item.values())
