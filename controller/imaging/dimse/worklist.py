"""C-FIND of the Modality Worklist Information Model (PS3.4, K): the orders that are to be done.

A key that no order has is left out of the matching, and each answer says so: status FF01.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydicom import Dataset
from pynetdicom import evt

from controller.imaging.dimse.identifier import identifier
from controller.imaging.dimse.known import allowed
from controller.imaging.dimse.service import Answer, Service
from controller.imaging.dimse.settings import DimseSettings, May
from controller.imaging.dimse.store import NOT_AUTHORISED, OUT_OF_RESOURCES
from controller.imaging.errors import BadQuery, ServiceRefused, ServiceSilent
from controller.radiology.worklist import keys_with_values

PENDING, PENDING_UNMATCHED, CANCELLED = 0xFF00, 0xFF01, 0xFE00
MISMATCH, CANNOT_PROCESS = 0xA900, 0xC001
"""PS3.4, table K.4-1."""
_CHARACTER_SET: Final = "00080005"
UTF_8: Final = "ISO_IR 192"

Found = tuple[int, Dataset | None]

log = logging.getLogger(__name__)


def worklist(event: evt.Event, settings: DimseSettings, service: Service) -> Iterator[Found]:
    """Handler of EVT_C_FIND, of contexts of the worklist."""
    who = allowed(event, settings, May.WORKLIST)
    if who is None:
        yield NOT_AUTHORISED, None
        return
    try:
        keys = identifier(event)
        asked = keys_with_values(keys)
        for found in service.worklist(who[1], asked):
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield (PENDING if asked.keys() <= found.keys() else PENDING_UNMATCHED), answer(keys, found)
    except BadQuery as error:
        log.warning("%s: a worklist is refused: %s", who[0].title, error)
        yield MISMATCH, None
    except ServiceRefused as error:
        log.warning("%s: a worklist is refused: %s", who[0].title, error)
        yield (MISMATCH if error.status == 400 else CANNOT_PROCESS), None
    except ServiceSilent as error:
        log.warning("%s: a worklist failed: %s", who[0].title, error)
        yield OUT_OF_RESOURCES, None


def answer(keys: Mapping[str, Any], found: Answer) -> Dataset:
    """The keys that were asked for, as the item has them; empty where it has none."""
    told = _asked(keys, found)
    told.pop(_CHARACTER_SET, None)
    if not str(told).isascii():
        told[_CHARACTER_SET] = {"vr": "CS", "Value": [UTF_8]}
    return Dataset.from_json(told)


def _asked(keys: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for tag, key in keys.items():
        held = found.get(tag, {"vr": key["vr"]})
        inner = key.get("Value", ())
        if key["vr"] == "SQ" and held.get("Value") and inner and inner[0]:  # an empty item asks for all of it
            held = {"vr": "SQ", "Value": [_asked(inner[0], one) for one in held["Value"]]}
        told[tag] = held
    return told
