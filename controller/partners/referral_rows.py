"""Referrals as rows, for what is asked here and for what comes: read, kept, stepped, inside transactions."""

import sqlite3
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.errors import NotFound, Outdated
from controller.identity.certificates import By
from controller.partners.model import Partner, Referral, Way
from controller.partners.states import REFERRAL_STEPS, ReferralState
from controller.steps import check_step

SELECT = """SELECT partner_referral.*, partner.site, partner.name AS site_name FROM partner_referral
JOIN partner ON partner.id = partner_referral.partner"""
_BY_ID = f"{SELECT} WHERE partner_referral.id = ?"
_BY_NUMBER = f"{SELECT} WHERE partner_referral.partner = ? AND way = ? AND partner_referral.number = ?"
_ADD = """INSERT INTO partner_referral (partner, way, number, patient, name, expert, reason, asked_by,
  consent, until_ms, content, answer, state, revision, at_ms, changed_by, changed_ms)
VALUES (:partner, :way, :number, :patient, :name, :expert, :reason, :asked_by,
  :consent, :until_ms, :content, '', 'requested', 1, :at_ms, :by, :at_ms)"""
_STEP = """UPDATE partner_referral SET state = ?, answer = ?, revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""
_LETTER = "UPDATE partner_referral SET letter = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class New:
    """A referral to be kept."""

    way: Way
    number: str
    patient: str
    name: str
    expert: str
    reason: str
    asked_by: str
    consent: str
    until_ms: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """How a referral goes on: to which state, with which words, by whom, when (UTC, ms)."""

    to: ReferralState
    answer: str
    by: By
    utc_ms: int


def add(db: sqlite3.Connection, partner: Partner, new: New, by: By, utc_ms: int) -> Referral:
    """It is there, requested."""
    told = {name: getattr(new, name) for name in New.__dataclass_fields__}
    db.execute(_ADD, {**told, "partner": partner.id, "by": by.actor, "at_ms": utc_ms})
    return numbered(db, partner, new.way, new.number)


def current(db: sqlite3.Connection, number: int, over: int) -> Referral:
    """The row `number`, if it is still at the revision that is known. Raises NotFound, Outdated."""
    row = db.execute(_BY_ID, (number,)).fetchone()
    if row is None:
        raise NotFound(f"there is no referral {number}: see /api/referrals for those there are")
    referral = referral_of(row)
    if referral.revision != over:
        raise Outdated(f"the referral is at revision {referral.revision}, not {over}: look again")
    return referral


def numbered(db: sqlite3.Connection, partner: Partner, way: Way, number: str) -> Referral:
    """By its number between the two sites. Raises NotFound."""
    row = db.execute(_BY_NUMBER, (partner.id, way, number)).fetchone()
    if row is None:
        raise NotFound(f"there is no referral {number} between us")
    return referral_of(row)


def step(db: sqlite3.Connection, referral: Referral, said: Step) -> Referral:
    """As the table lets it; noted. Raises Conflict."""
    check_step(REFERRAL_STEPS, referral.state, said.to)
    db.execute(_STEP, (said.to, said.answer, said.by.actor, said.utc_ms, referral.id))
    note(db, f"referral-{said.to}", referral, said.by, said.utc_ms)
    return referral_of(db.execute(_BY_ID, (referral.id,)).fetchone())


def keep_letter(db: sqlite3.Connection, referral: Referral, content: bytes) -> None:
    """What came back with the patient."""
    db.execute(_LETTER, (content, referral.id))


def note(db: sqlite3.Connection, action: str, referral: Referral, by: By, utc_ms: int) -> None:
    """One line of the trail."""
    whose = referral.whose
    entry = Entry(action, by.actor, referral.entity, patient=whose, where=by.where, why=by.why)
    append(db, entry, utc_ms * 1000)


def referral_of(row: sqlite3.Row) -> Referral:
    """The referral of a row of SELECT."""
    told = {name: row[name] for name in Referral.__dataclass_fields__}
    return Referral(**{**told, "state": ReferralState(row["state"])})
