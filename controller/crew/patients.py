"""The stay of a patient on board, made of all that its box has told so far, in whatever order that came."""

import sqlite3
from collections.abc import Iterable, Sequence

from controller import stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.crew.told import Told, of_patient, settle
from controller.errors import Conflict
from controller.stays import Box, Patient, is_unknown, unknown
from devices.model.crew import Detail, StayAction

UNHEARD = "its beginning has not come yet: it waits for that"
ELSEWHERE = "this patient is on another bed at the same time: whoever knows better identifies at the hospital"
NOT_OURS = "the hospital has identified the patient as another person: compare"
ENDED_BEFORE = "the hospital had ended this stay before"
IS_HANDED_OVER = "SELECT 1 FROM handover WHERE from_stay = ?"

_OF_BOX = "SELECT * FROM stay WHERE gateway = ? AND box_stay = ?"
_SAID = ("identifier", "name", "sex", "age", "class")


def find(db: sqlite3.Connection, gateway: str, box_stay: str) -> sqlite3.Row | None:
    """The stay that the box calls so."""
    return db.execute(_OF_BOX, (gateway, box_stay)).fetchone()


def settle_stay(db: sqlite3.Connection, told: Told, utc_us: int) -> bool:
    """Make the stay as all events of it say, `told` among them. Whether anything of it changed."""
    events = of_patient(db, told.gateway, told.box_stay, told.vehicle)
    first = next((one for one in events if one.detail["action"] == StayAction.BEGIN), None)
    stay = find(db, told.gateway, told.box_stay)
    if first is None or (stay is not None and stay["bed"] != told.vehicle):
        settle(db, told, None, UNHEARD)
        return False
    begun = stay is None
    if stay is None:
        stay = _begin(db, first, utc_us)
    named, why = _identify(db, stay, events, utc_us)
    ended, remark = _end(db, stay, events, utc_us)
    for one in events:
        is_end = one.detail["action"] == StayAction.END
        settle(db, one, stay["id"], remark if is_end else why)
    return begun or named or ended


def _begin(db: sqlite3.Connection, first: Told, utc_us: int) -> sqlite3.Row:
    patient = Patient(unknown(first.box_stay), words(first.detail))
    box = Box(first.gateway, first.box_stay)
    number, left = stays.begin(db, first.vehicle, patient, first.at_ms, first.by, box=box)
    for gone in left:
        _audit(db, "discharge", first, gone, utc_us)
    _audit(db, "admit", first, patient.identifier, utc_us)
    return db.execute("SELECT * FROM stay WHERE id = ?", (number,)).fetchone()


def _identify(
    db: sqlite3.Connection, stay: sqlite3.Row, events: Iterable[Told], utc_us: int
) -> tuple[bool, str | None]:
    """Whether the stay's name changed, and what was in the way."""
    last, patient = _known(events, stay)
    if (stay["identifier"], stay["name"]) == (patient.identifier, patient.name):
        return False, None
    if stay["identified_by"] is not None:
        same = is_unknown(patient.identifier) or patient.identifier == stay["identifier"]
        return False, None if same else NOT_OURS
    try:
        stays.identify(db, stay, patient)
    except Conflict:
        return False, ELSEWHERE
    for whose in sorted({stay["identifier"], patient.identifier}):
        _audit(db, "identify", last, whose, utc_us)
    return True, None


def _known(events: Iterable[Told], stay: sqlite3.Row) -> tuple[Told, Patient]:
    """What is known of the patient by all `events`, and the last that said anything."""
    known: dict[str, str | int] = {}
    told = [one for one in events if one.detail["action"] != StayAction.END]
    for one in told:
        known |= {name: one.detail[name] for name in _SAID if one.detail.get(name, "") != ""}
    identifier = str(known.get("identifier", "")).strip()
    if not identifier or is_unknown(identifier):
        identifier = unknown(stay["box_stay"])
    return told[-1], Patient(identifier, str(known.get("name", "")).strip() or words(known))


def _end(
    db: sqlite3.Connection, stay: sqlite3.Row, events: Sequence[Told], utc_us: int
) -> tuple[bool, str | None]:
    """Whether the stay ended by this, and what is to be said of it."""
    ends = [one for one in events if one.detail["action"] == StayAction.END]
    now = db.execute("SELECT * FROM stay WHERE id = ?", (stay["id"],)).fetchone()
    if not ends:
        return False, None
    if stays.end(db, now, ends[0].at_ms):
        _audit(db, "discharge", ends[0], now["identifier"], utc_us)
        return True, None
    is_agreed = (
        now["to_ms"] == max(ends[0].at_ms, now["from_ms"])
        or db.execute(IS_HANDED_OVER, (stay["id"],)).fetchone()
    )
    return False, None if is_agreed else ENDED_BEFORE


def words(about: Detail) -> str:
    """An unknown patient: "unknown, male, about 60"."""
    parts = ["unknown"]
    if (sex := about.get("sex", "unknown")) != "unknown":
        parts.append(str(sex))
    if "age" in about:
        parts.append(f"about {about['age']}")
    elif about.get("class", "adult") != "adult":
        parts.append(str(about["class"]))
    return ", ".join(parts)


def _audit(db: sqlite3.Connection, action: str, told: Told, patient: str, utc_us: int) -> None:
    detail: dict[str, str | int] = {"gateway": told.gateway, "stay": told.box_stay, "at_ms": told.at_ms}
    entry = Entry(action, told.by, f"bed/{told.vehicle}", patient=patient, detail=detail)
    append(db, entry, utc_us)
