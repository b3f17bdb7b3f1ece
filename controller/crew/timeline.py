"""What a crew has told of the patient on board, as it is shown: marks, checklists, what is not taken over."""

import json
from dataclasses import asdict
from typing import Any

from controller.crew.entries import Checked, Mark
from controller.crew.speakers import SPEAKERS
from controller.store import Store

Json = dict[str, Any]
MOST = 300
"""Marks, and problems, that are shown."""
SHOWN_MS = 86_400_000
"""So far back problems, and what was checked of an empty vehicle, are shown."""

_TOLD = f"""SELECT event.detail, crew_event.kind, crew_event.at_ms FROM crew_event
JOIN device_event AS event ON event.id = crew_event.event JOIN stay ON stay.id = crew_event.stay
WHERE stay.bed = ? AND stay.to_ms IS NULL AND crew_event.kind IN ('mark', 'checklist')
ORDER BY crew_event.at_ms DESC, event.id DESC LIMIT {MOST}"""
_CHECKED = """SELECT event.detail, crew_event.kind, crew_event.at_ms FROM crew_event
JOIN device_event AS event ON event.id = crew_event.event
WHERE crew_event.vehicle = ? AND box_stay = '' AND problem IS NULL AND crew_event.at_ms > ?
ORDER BY crew_event.at_ms DESC, event.id DESC LIMIT 100"""
_PROBLEM = "SELECT event, gateway, kind, vehicle, at_ms, problem AS why FROM crew_event"
_OF_BED = (
    f"""{_PROBLEM} WHERE vehicle = ? AND problem IS NOT NULL AND at_ms > ? ORDER BY event DESC LIMIT {MOST}"""
)
_ALL = f"{_PROBLEM} WHERE problem IS NOT NULL ORDER BY event DESC LIMIT {MOST}"


async def is_vehicle(store: Store, bed: str) -> bool:
    """Whether some gateway may speak for the crew of `bed`. Raises StoreError."""
    return bool(await store.read(SPEAKERS, {"bed": bed}))


async def timeline(store: Store, bed: str, now_ms: int) -> Json:
    """`marks` and `checklists` of the patient on board, the newest first; `problems`. Raises StoreError."""
    rows = await store.read(_TOLD, (bed,))
    rows += await store.read(_CHECKED, (bed, now_ms - SHOWN_MS))
    marks: list[Json] = []
    checked: dict[tuple[str, str], Json] = {}
    for row in rows:
        told = json.loads(row["detail"])
        by, at_ms = told["by"], row["at_ms"]
        if row["kind"] == "mark":
            marks.append(asdict(Mark(told["code"], told.get("text", ""), by, at_ms)))
        else:
            item = Checked(told["list"], told["item"], bool(told["done"]), by, at_ms)
            checked.setdefault((item.list, item.item), asdict(item))
    problems = [dict(row) for row in await store.read(_OF_BED, (bed, now_ms - SHOWN_MS))]
    return {"marks": marks, "checklists": list(checked.values()), "problems": problems}


async def problems(store: Store) -> list[Json]:
    """Everything that could not be taken over, or only in part, the newest first. Raises StoreError."""
    return [dict(row) for row in await store.read(_ALL)]
