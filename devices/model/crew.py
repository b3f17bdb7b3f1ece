"""What a crew tells at the box of its vehicle, and what the hospital tells the crew: words and bounds.

Both sides look here: the box before it tells an event, the controller before it believes one. Every event
says which `vehicle` it is of, `by` whom, and (but for a request's answer) of which `stay`: the box's own
number of one patient's time on board.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from devices.errors import BadCrew
from devices.model.bounds import Bounds, is_within, spelled
from devices.model.identity import NAME_PATTERN
from devices.model.observation import EventKind

Detail = Mapping[str, str | int]

SEXES = ("female", "male", "other", "unknown")
"""FHIR R4, AdministrativeGender."""
CLASSES = ("adult", "child", "neonate")
"""Whose limits hold (`gateway/alarms/limits.csv`)."""
MARKS = (
    *("drug-given", "fluid-given", "oxygen-given", "iv-access", "intubation", "airway", "ventilation"),
    *("cpr-start", "cpr-stop", "defibrillation", "pacing", "rosc", "tourniquet", "splint"),
    *("scene-left", "note"),
)
"""What is marked by one touch."""
CHECKLISTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vehicle": ("oxygen", "suction", "defibrillator", "drugs", "stretcher", "radio"),
        "cardiac-arrest": ("cpr", "rhythm", "airway", "access", "adrenaline", "causes", "team"),
        "intubation": ("preoxygenation", "suction", "tube", "drugs", "capnography", "plan-b", "roles"),
        "chest-pain": ("ecg-12", "aspirin", "access", "pain", "cath-lab"),
        "stroke": ("face", "arms", "speech", "onset-time", "glucose", "anticoagulants", "stroke-team"),
        "trauma": ("bleeding", "airway", "breathing", "circulation", "spine", "warmth", "team"),
        "hand-over": ("age-time", "mechanism", "injuries", "signs", "treatment"),
    }
)
"""Lists and their items. "hand-over" is ATMIST; the others are ours: a service judges them before it relies
on them."""
RESOURCES = ("bed", "team", "cath-lab", "blood")
"""What the hospital can be asked for."""
ASSESSMENTS = ("consciousness", "oxygen", "scale", "gcs")
"""As `controller/scores/entries.py` has them; the value is JSON."""


class StayAction(StrEnum):
    """What happens to a stay on board."""

    BEGIN = "begin"
    IDENTIFY = "identify"
    """More is known of the same patient than before."""
    END = "end"


class Heard(StrEnum):
    """How far an instruction has come."""

    SHOWN = "shown"
    ACKNOWLEDGED = "acknowledged"


_ID = re.compile(r"[0-9a-f]{16}")
_NAME = re.compile(NAME_PATTERN)
_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]{0,500}")
_WHOLE = re.compile(r"[^\x00-\x1f\x7f]{0,100}")

_ALWAYS: Mapping[str, Bounds] = {"vehicle": _NAME, "by": _LINE, "stay": _ID}
_PATIENT: Mapping[str, Bounds] = {
    "action": tuple(StayAction),
    "identifier": _WHOLE,  # the hospital's, as it was scanned; empty: not known
    "name": _WHOLE,
    "sex": SEXES,
    "age": range(151),  # years; -1 would be a number: left out where it is not known
    "class": CLASSES,
}
_OPTIONAL = frozenset({"identifier", "name", "sex", "age", "class", "text", "note"})

TOLD: Mapping[EventKind, Mapping[str, Bounds]] = MappingProxyType(
    {
        EventKind.PATIENT: {**_ALWAYS, **_PATIENT},
        EventKind.MARK: {**_ALWAYS, "code": MARKS, "text": _TEXT},
        EventKind.ASSESSMENT: {**_ALWAYS, "kind": ASSESSMENTS, "value": _TEXT},
        EventKind.CHECKLIST: {**_ALWAYS, "list": tuple(CHECKLISTS), "item": _NAME, "done": range(2)},
        EventKind.REQUEST: {**_ALWAYS, "id": _ID, "resource": RESOURCES, "note": _TEXT},
        EventKind.INSTRUCTION: {**_ALWAYS, "id": _ID, "state": tuple(Heard)},
    }
)
"""The events of a crew, and what each says."""


def check_told(kind: EventKind, detail: Detail) -> None:
    """Raises BadCrew."""
    wanted = TOLD[kind]
    if missing := wanted.keys() - detail.keys() - _OPTIONAL:
        raise BadCrew(f"{kind}: expected {', '.join(sorted(missing))}, it is missing: add it")
    for name, value in detail.items():
        if name not in wanted:
            raise BadCrew(f"{kind}: expected only {', '.join(wanted)}, got {name!r:.60}: take it out")
        if not is_within(value, wanted[name]):
            raise BadCrew(f"{kind}: {name}: expected {spelled(wanted[name])}, got {value!r:.60}")
    if kind is EventKind.CHECKLIST and detail["item"] not in CHECKLISTS[str(detail["list"])]:
        known = ", ".join(CHECKLISTS[str(detail["list"])])
        raise BadCrew(f"{detail['list']}: expected one of {known}, got {detail['item']!r:.60}")
