"""Who lies in which bed of a ward, as each gateway there is to hold it: settings of devices/model/lying.py.

    rows = [db.execute(query).fetchall() for query in QUERIES]
    for gateway, settings in due(*rows): ...       # whose newest configuration says otherwise

Only a gateway that said so once takes these settings (`EventKind.CLASSES`): an older one would refuse its
whole configuration for them. The bed of a vehicle is its crew's and is told to nobody.
"""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from controller.orders.followed import NEWEST_ALL
from devices.model.lying import AT, MOST_BY, Lying, without_lying
from devices.model.orders import Arguments

OF_WARD = """stay.to_ms IS NULL AND stay.gateway IS NULL
AND stay.bed NOT IN (SELECT place FROM gateway WHERE class <> 'ward' AND place IS NOT NULL)"""
"""A stay that is present, and no crew's."""

_BOXES = """SELECT id FROM gateway WHERE provisioned = 1 AND EXISTS (SELECT 1 FROM device_event AS told
WHERE told.device IS NULL AND told.kind = 'classes' AND told.gateway = gateway.id) ORDER BY id"""
_PLACES = """SELECT device.gateway, device.id AS device, assignment.bed, assignment.by
FROM assignment JOIN device ON device.id = assignment.device
WHERE assignment.to_ms IS NULL ORDER BY device.id"""
_STAYS = f"""SELECT stay.id, stay.bed, stay.from_ms, stay_class.class, code, value, stay_limit.by
FROM stay LEFT JOIN stay_class ON stay_class.stay = stay.id
LEFT JOIN stay_limit ON stay_limit.stay = stay.id AND value <> ''
WHERE {OF_WARD} ORDER BY stay.bed, code"""
QUERIES = (_BOXES, _PLACES, _STAYS, NEWEST_ALL)
"""What `due` needs to know, of one moment."""

Rows = Iterable[sqlite3.Row]


def key(stay: sqlite3.Row) -> str:
    """How gateways know a stay: the same while it lasts, and no other's. It tells nothing of the patient."""
    told = f"{stay['id']} {stay['bed']} {stay['from_ms']}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def due(boxes: Rows, places: Rows, stays: Rows, newest: Rows) -> list[tuple[str, Arguments]]:
    """The gateways that are to be told anew, and the whole of their settings."""
    lying, held = _lying(stays), {row["gateway"]: json.loads(row["settings"]) for row in newest}
    of_box = defaultdict[str, list[sqlite3.Row]](list)
    for row in places:
        of_box[row["gateway"]].append(row)
    found: list[tuple[str, Arguments]] = []
    for (box,) in boxes:
        before: dict[str, str | int] = held.get(box, {})
        after = {**without_lying(before), **_told(of_box[box], lying)}
        if before != after:
            found.append((box, after))
    return found


def _told(places: Iterable[sqlite3.Row], lying: dict[str, Lying]) -> dict[str, str]:
    """What one gateway is told: where people put its devices, and who lies there."""
    rows = list(places)
    put = {AT + row["device"]: row["bed"] or "" for row in rows if row["by"] is not None}
    beds = sorted({row["bed"] for row in rows if row["bed"] in lying})
    return {**put, **{lying[bed].name: lying[bed].text for bed in beds}}


def _lying(rows: Rows) -> dict[str, Lying]:
    """By bed."""
    stays: dict[str, Lying] = {}
    for row in rows:
        held = stays.get(row["bed"]) or Lying(row["bed"], key(row), row["class"] or "", {})
        moved = {row["code"]: (row["value"], row["by"][:MOST_BY])} if row["code"] else {}
        stays[row["bed"]] = Lying(held.bed, held.stay, held.patient, {**held.limits, **moved})
    return stays
