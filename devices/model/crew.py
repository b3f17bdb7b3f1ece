"""What a crew tells at the box of its vehicle, and what the hospital tells the crew: words and bounds.

Both sides look here: the box before it tells an event, the controller before it believes one. Every event
has a number of its own (`event`: one that was told twice is one), says which `vehicle` it is of, `by` whom,
and of which `stay`: the box's own number of one patient's time on board.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from devices.errors import BadCrew
from devices.model.bounds import Bounds, is_within, spelled
from devices.model.identity import NAME_PATTERN
from devices.model.observation import EventKind

Detail = Mapping[str, str | int]

SEXES = ("female", "male", "other", "unknown")
"""FHIR R4, AdministrativeGender."""
CLASSES = ("adult", "child", "neonate")
"""Whose limits hold (`devices/model/alarm_limits.csv`)."""
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
CALL = "call"
"""To speak with somebody by video: the answer's text is the address of the room, good once."""
RESOURCES = ("bed", "team", "cath-lab", "blood", CALL)
"""What the hospital can be asked for."""
_MOST_L_MIN = 100
PICTURE_KINDS = ("ultrasound", "camera")
"""What made a picture: an ultrasound machine, or a camera, of a wound or a scene."""
PICTURE_MEDIA = ("image/jpeg", "image/png")
MOST_PICTURE_BYTES = 16 * 1024 * 1024
CLOCKS = ("unset", "free", "network", "satellite")
"""What the box's UTC was worth then: the names of `Sync` in devices/wire/block.py."""
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


class Offer(StrEnum):
    """What becomes of the offer to hand the patient on board over."""

    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


_ID = re.compile(r"[0-9a-f]{16}")
_MAYBE = re.compile(r"|[0-9a-f]{16}")
"""A vehicle is checked before anybody is on board."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(NAME_PATTERN)
_LINE = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]{0,500}")
_WHOLE = re.compile(r"[^\x00-\x1f\x7f]{0,100}")

_ALWAYS: Mapping[str, Bounds] = {"event": _ID, "vehicle": _NAME, "by": _LINE, "stay": _ID}
_ITEM: Mapping[str, Bounds] = {"list": tuple(CHECKLISTS), "item": _NAME, "done": range(2)}
_PATIENT: Mapping[str, Bounds] = {
    "action": tuple(StayAction),
    "identifier": _WHOLE,  # the hospital's, as it was scanned; empty: not known
    "name": _WHOLE,
    "sex": SEXES,
    "age": range(151),  # years; -1 would be a number: left out where it is not known
    "class": CLASSES,
}
_PICTURE: Mapping[str, Bounds] = {
    "digest": _DIGEST,  # SHA-256 of the file, whose bytes come by the lane of bulk
    "size": range(1, MOST_PICTURE_BYTES + 1),
    "media": PICTURE_MEDIA,
    "kind": PICTURE_KINDS,
    "shows": _WHOLE,
    "clock": CLOCKS,
    "error_ms": range(2**40),  # the estimated error of the box's UTC; left out where it is not known
}
_OPTIONAL = frozenset(
    {"identifier", "name", "sex", "age", "class", "text", "note", "to", "shows", "error_ms"}
)

TOLD: Mapping[EventKind, Mapping[str, Bounds]] = MappingProxyType(
    {
        EventKind.PATIENT: {**_ALWAYS, **_PATIENT},
        EventKind.MARK: {**_ALWAYS, "code": MARKS, "text": _TEXT},
        EventKind.ASSESSMENT: {**_ALWAYS, "kind": ASSESSMENTS, "value": _TEXT},
        EventKind.CHECKLIST: {**_ALWAYS, **_ITEM, "stay": _MAYBE},
        EventKind.REQUEST: {**_ALWAYS, "id": _ID, "resource": RESOURCES, "note": _TEXT},
        EventKind.INSTRUCTION: {**_ALWAYS, "id": _ID, "state": tuple(Heard)},
        EventKind.PICTURE: {**_ALWAYS, **_PICTURE},
        EventKind.HANDOVER: {**_ALWAYS, "state": tuple(Offer), "to": _WHOLE},  # to: the bed or ward meant
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
    if kind is EventKind.ASSESSMENT:
        assessed(str(detail["kind"]), str(detail["value"]))
    if kind is EventKind.CHECKLIST and detail["item"] not in CHECKLISTS[str(detail["list"])]:
        known = ", ".join(CHECKLISTS[str(detail["list"])])
        raise BadCrew(f"{detail['list']}: expected one of {known}, got {detail['item']!r:.60}")


def assessed(kind: str, value: str) -> dict[str, Any]:
    """What was found, of `value` as an event has it: consciousness {"acvpu": "A"}, oxygen {"on": true,
    "l_min": 2.0}, scale {"spo2": 2}, gcs {"eye": 4, "verbal": null, "motor": 6} (null: not testable).

    Raises BadCrew.
    """
    try:
        found = json.loads(value)
    except ValueError as error:
        raise BadCrew(f"{kind}: expected JSON, got {value!r:.60}") from error
    if not _is_assessment(kind, found):
        raise BadCrew(f"{kind}: {value!r:.80} is no assessment of this kind: see devices/model/crew.py")
    return found


def _is_assessment(kind: str, found: Any) -> bool:
    match kind, found:
        case "consciousness", {"acvpu": "A" | "C" | "V" | "P" | "U", **rest}:
            return not rest
        case "oxygen", {"on": True | False as on, "l_min": l_min, **rest}:
            is_flow = type(l_min) in (int, float) and on is True and 0 < l_min <= _MOST_L_MIN
            return not rest and type(on) is bool and (l_min is None or is_flow)
        case "scale", {"spo2": 1 | 2 as spo2, **rest}:
            return not rest and type(spo2) is int
        case "gcs", {"eye": eye, "verbal": verbal, "motor": motor, **rest}:
            parts = (eye, range(1, 5)), (verbal, range(1, 6)), (motor, range(1, 7))
            return not rest and all(one is None or (type(one) is int and one in may) for one, may in parts)
        case _:
            return False
