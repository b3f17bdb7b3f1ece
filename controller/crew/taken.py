"""What a crew told beside who is on board: each to the stay of the patient of whom it was told."""

import sqlite3

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.crew import stills
from controller.crew.patients import IS_HANDED_OVER, UNHEARD, find
from controller.crew.told import Told, settle
from devices.model.crew import Offer
from devices.model.observation import EventKind

TOO_LATE = "the hospital had taken the patient over before it heard that the offer was taken back: compare"
_ASSESSED = "INSERT INTO assessment (stay, kind, value, at_ms, by) VALUES (?, ?, ?, ?, ?)"
_ASKED = """INSERT INTO arrival_request (stay, resource, note, asked_ms, asked_by, box_request)
VALUES (?, ?, ?, ?, ?, ?)"""
_ASKED_ALREADY = "SELECT 1 FROM arrival_request WHERE stay = ? AND box_request = ?"
_INSTRUCTED = "SELECT stay FROM instruction WHERE id = ? AND gateway = ?"


def settle_other(db: sqlite3.Connection, told: Told, utc_us: int) -> bool:
    """Take `told`, which is not of who is on board, over if it can be. Whether it was."""
    if told.kind is EventKind.INSTRUCTION:
        return _heard(db, told)
    if told.kind is EventKind.CHECKLIST and not told.box_stay:
        settle(db, told, None, None)
        return True
    stay = find(db, told.gateway, told.box_stay)
    if stay is None or stay["bed"] != told.vehicle:
        settle(db, told, None, UNHEARD)
        return False
    action = _take(db, told, stay["id"])
    settle(db, told, stay["id"], _remark(db, told, stay["id"]))
    if action:
        detail: dict[str, str | int] = {"gateway": told.gateway, "at_ms": told.at_ms}
        entity = f"bed/{told.vehicle}"
        append(db, Entry(action, told.by, entity, patient=stay["identifier"], detail=detail), utc_us)
    return True


def _take(db: sqlite3.Connection, told: Told, stay: int) -> str:
    """The name of what was done, for the audit trail; "": it is only shown."""
    if told.kind is EventKind.ASSESSMENT:
        db.execute(_ASSESSED, (stay, told.text("kind"), told.text("value"), told.at_ms, told.by))
        return "assess"
    if told.kind is EventKind.REQUEST and not db.execute(_ASKED_ALREADY, (stay, told.text("id"))).fetchone():
        what = told.text("resource"), told.text("note"), told.at_ms, told.by, told.text("id")
        db.execute(_ASKED, (stay, *what))
        return "arrival-request"
    if told.kind is EventKind.PICTURE:
        stills.keep(db, told, stay)
        return "still"
    return "offer" if told.kind is EventKind.HANDOVER else ""


def _remark(db: sqlite3.Connection, told: Told, stay: int) -> str | None:
    is_back = told.kind is EventKind.HANDOVER and told.detail["state"] == Offer.WITHDRAWN
    return TOO_LATE if is_back and db.execute(IS_HANDED_OVER, (stay,)).fetchone() else None


def _heard(db: sqlite3.Connection, told: Told) -> bool:
    row = db.execute(_INSTRUCTED, (told.text("id"), told.gateway)).fetchone()
    problem = None if row else "there is no such instruction for this vehicle"
    settle(db, told, row and row["stay"], problem)
    return row is not None
