"""Conclusions of closed conferences on the record of a patient: for staff who see the patient, and on /my.

found = await Record(store).of("4711")               # the latest first
found[0].votes[0].file()                              # what `wardlink rx verify` takes
"""

import json
from dataclasses import dataclass
from typing import Any

from controller.conferences.model import Stand
from controller.signing.model import Signed
from controller.store import Store

_OF = """SELECT conference.number, title, closed_ms, closed_why, requester, conference_case.id AS case_id,
  question, version, conclusion, plan, conference_conclusion.by, conference_conclusion.utc_ms,
  (SELECT json_group_array(json_object('actor', actor, 'stand', stand, 'words', words, 'document', document,
    'signature', signature, 'receipt', receipt)) FROM conference_signed
    WHERE conference_case = conference_case.id AND conference_signed.version = conference_conclusion.version)
    AS votes
FROM conference_conclusion JOIN conference_case ON conference_case.id = conference_conclusion.conference_case
JOIN conference ON conference.id = conference_case.conference
LEFT JOIN stay ON stay.id = conference_case.stay
WHERE conference.state = 'fulfilled' AND ifnull(stay.identifier, subject) = ?
AND version = (SELECT max(version) FROM conference_conclusion AS other
  WHERE other.conference_case = conference_case.id)
ORDER BY closed_ms DESC LIMIT 100"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """Who signed, and whether they agree; `words`: of who differs."""

    actor: str
    stand: Stand
    words: str
    document: str
    signature: str
    receipt: str

    def file(self) -> bytes:
        """For `wardlink rx verify`."""
        return Signed(json.loads(self.document), self.signature, self.receipt).file()


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What was concluded of a patient."""

    number: str
    """The conference's."""
    case: int
    title: str
    question: str
    conclusion: str
    plan: str
    by: str
    utc_ms: int
    """UTC, when it was written."""
    closed_ms: int
    requester: str
    """The actor to whom it went back."""
    closed_why: str
    """Of a chair who closed it although somebody had not signed."""
    opinions: tuple[Opinion, ...]


class Record:
    """Methods raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, patient: str) -> list[OnRecord]:
        """The latest first."""
        return [_on_record(dict(row)) for row in await self._store.read(_OF, (patient,))]


def _on_record(row: dict[str, Any]) -> OnRecord:
    row["case"], opinions = row["case_id"], json.loads(row["votes"])
    kept = {name: row[name] for name in OnRecord.__dataclass_fields__ if name != "opinions"}
    return OnRecord(**kept, opinions=tuple(Opinion(**one) for one in opinions))
