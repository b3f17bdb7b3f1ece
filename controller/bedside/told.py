"""What the gateways of a bed say that holds there, each for itself."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.store import Store
from devices.model.alarm_limits import PatientClass
from devices.model.lying import BED

_LAST = """(SELECT detail FROM device_event AS told WHERE told.device IS NULL AND told.kind = '{kind}'
  AND told.gateway = gateway.id {more} ORDER BY at_us DESC, told.id DESC LIMIT 1)"""
_BOXES = f"""SELECT gateway.id, {_LAST.format(kind="classes", more="")} AS classes,
  {_LAST.format(kind="lying", more="AND json_extract(detail, '$.bed') = :bed")} AS lying
FROM gateway WHERE provisioned = 1 AND id IN (
  SELECT device.gateway FROM assignment JOIN device ON device.id = assignment.device
  WHERE assignment.bed = :bed AND assignment.to_ms IS NULL) ORDER BY gateway.id"""
_LIMITS = """SELECT gateway, detail, at_us FROM device_event
WHERE device IS NULL AND kind = 'limit' AND json_extract(detail, '$.stay') = ? ORDER BY at_us, id"""


@dataclass(frozen=True, slots=True)
class ToldLimit:
    """What one box said last of a limit: `value` is what holds ("": that of the class), `refused` what was
    asked and is not taken, and `why`."""

    value: str
    by: str
    at_ms: int
    refused: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A gateway whose devices serve the bed."""

    gateway: str
    bed_class: PatientClass | None
    """For whom limits are there where nobody says otherwise; None: it never said, its software is too old."""
    patient: PatientClass | None
    """The class by which it judges this patient; None: it has not said that it knows of the stay."""
    limits: Mapping[str, ToldLimit] = field(default_factory=dict[str, ToldLimit])

    def value(self, code: str) -> str:
        """What holds there; "": the limit of the class."""
        told = self.limits.get(code)
        return "" if told is None else told.value


async def boxes_of(store: Store, bed: str, stay: str) -> list[Box]:
    """The gateways of `bed`, and what they say of the stay that they know as `stay`. Raises StoreError."""
    rows = await store.read(_BOXES, {"bed": bed})
    limits = _by_box(await store.read(_LIMITS, (stay,)))
    return [_box(row, bed, stay, limits.get(row["id"], {})) for row in rows]


def _box(row: sqlite3.Row, bed: str, stay: str, limits: Mapping[str, ToldLimit]) -> Box:
    lying = json.loads(row["lying"] or "{}")
    patient = PatientClass(lying["class"]) if lying.get("stay") == stay else None
    return Box(row["id"], bed_class(row["classes"], bed), patient, limits if patient else {})


def bed_class(classes: str | None, bed: str) -> PatientClass | None:
    """Of `bed` by what its gateway said of all (`EventKind.CLASSES`), in JSON."""
    told: dict[str, Any] = json.loads(classes or "{}")
    named = told.get(BED + bed, told.get("usual"))
    return None if named is None else PatientClass(named)


def _by_box(rows: Iterable[sqlite3.Row]) -> dict[str, dict[str, ToldLimit]]:
    found: dict[str, dict[str, ToldLimit]] = {}
    for row in rows:
        detail = json.loads(row["detail"])
        said = detail["value"], detail["by"], row["at_us"] // 1000
        why = detail.get("refused", ""), detail.get("why", "")
        found.setdefault(row["gateway"], {})[detail["code"]] = ToldLimit(*said, *why)
    return found
