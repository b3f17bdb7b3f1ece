"""The image of a case that is shown to all in a conference's room, and who is told which one it is.

    why = await images.show("MC00000001", Frame(case, item, series, instance, 1), By("anna"))     # "": it is
    told = await store.write(lambda db: images.told(db, "MC00000001", "cara"))

No picture passes here: each page asks for it by its person's own right. Who may not look into the file of the
case (sight.py) is told that an image of it is shown, and neither which nor what is drawn on it
(telemedicine/marks/images.py: Images). It is shown while its case is the one that is spoken about, and again
when that one is; the same image shown again is the same, with what was drawn on it.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from controller.conferences.books import Books, asked_to, held
from controller.conferences.items import item_in
from controller.conferences.model import Case, Conference
from controller.conferences.sight import check_look
from controller.conferences.states import CaseState
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.telemedicine.marks.images import PREFIX

Json = dict[str, Any]
_PUT_AWAY = "UPDATE conference_image SET is_on = 0 WHERE conference_case = ? AND is_on = 1"
_SHOW = """INSERT INTO conference_image
  (conference_case, item, study, series, instance, frame, is_on, by, at_ms)
VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (conference_case, study, series, instance, frame)
DO UPDATE SET item = excluded.item, is_on = 1, by = excluded.by, at_ms = excluded.at_ms"""
_IMAGE = """SELECT image.id, image.conference_case, image.item, image.series, image.instance, image.frame,
  image.is_on, image.by
FROM conference_image AS image
JOIN conference_item AS item ON item.id = image.item AND item.removed_ms IS NULL"""
_ON = f"{_IMAGE} WHERE image.conference_case = ? AND image.is_on = 1"
_OF_ID = f"""{_IMAGE} JOIN conference_case AS one ON one.id = image.conference_case
JOIN conference ON conference.id = one.conference WHERE image.id = ? AND conference.number = ?"""


@dataclass(frozen=True, slots=True)
class Frame:
    """Which: an item that was chosen for a case, a study, and in it this frame, from 1 on."""

    case: int
    item: int
    series: str
    instance: str
    frame: int


@dataclass(frozen=True, slots=True)
class _Image:
    id: int
    of: Frame
    is_on: bool
    by: str


class Images:
    """Of all conferences. Those that are awaited raise StoreError."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def show(self, number: str, of: Frame, by: By) -> str:
        """To all, by the chair or who presents the case. "", or why not: "leads", "now": its case is not the
        one that is spoken about; "gone": there is no such item, or its file is closed.

        Raises NotFound: who shows it was not asked to the conference.
        """

        def work(db: sqlite3.Connection) -> str:
            conference = asked_to(db, number, by.actor)
            if why := self._why_not(db, conference, of, by.actor):
                return why
            now = _on(db, of.case)
            if now is None or now.of != of:
                self._put_on(db, conference, of, by)
            return ""

        return await self._books.store.write(work)

    async def put_away(self, number: str, by: By) -> str:
        """None is shown any more. "", or "leads"."""

        def work(db: sqlite3.Connection) -> str:
            conference = asked_to(db, number, by.actor)
            case = _case_on(conference)
            if case is None:
                return ""
            if not _leads(conference, case, by.actor):
                return "leads"
            if db.execute(_PUT_AWAY, (case.id,)).rowcount:
                detail = {"patient": case.identifier, "case": case.id}
                self._books.note(db, "conference-image-away", conference, by, **detail)
            return ""

        return await self._books.store.write(work)

    def told(self, db: sqlite3.Connection, number: str, actor: str) -> Json | None:
        """What is shown now; who may not see it is told of which case it is, and no more. Raises NotFound."""
        conference = held(db, number)
        case = _case_on(conference)
        image = case and _on(db, case.id)
        if case is None or image is None:
            return None
        place = conference.cases.index(case) + 1
        if not self._looks(db, number, case.id, actor):
            return {"id": "", "n": place}
        member = conference.member(image.by)
        by = member.display if member else image.by
        said = {"id": f"{PREFIX}{image.id}", "n": place, "by": by, **asdict(image.of)}
        return {**said, "leads": _leads(conference, case, actor)}

    def is_on(self, db: sqlite3.Connection, number: str, still: str) -> bool:
        """Whether it can be drawn on. Raises NotFound: there is no such conference."""
        image, case = _find(db, number, still), _case_on(held(db, number))
        return bool(image and image.is_on and case and case.id == image.of.case)

    def sees(self, db: sqlite3.Connection, number: str, still: str, actor: str) -> bool:
        """Whether this one may look into the file that it is of."""
        image = _find(db, number, still)
        return image is not None and self._looks(db, number, image.of.case, actor)

    def about(self, db: sqlite3.Connection, number: str, still: str) -> Mapping[str, str | int]:
        """Whose it is, and which. Raises NotFound."""
        image, conference = _find(db, number, still), held(db, number)
        case = image and conference.case(image.of.case)
        if image is None or case is None:
            raise NotFound(f"there is no image {still!r:.40} in conference {number}: look again")
        return {"patient": case.identifier, "study": _study(db, image.of), **asdict(image.of)}

    def _why_not(self, db: sqlite3.Connection, conference: Conference, of: Frame, actor: str) -> str:
        case = conference.case(of.case)
        if case is None or not _leads(conference, case, actor):
            return "leads"
        if case.state is not CaseState.NOW:
            return "now"
        if not self._looks(db, conference.number, case.id, actor):
            return "gone"
        return "" if _study(db, of) else "gone"

    def _put_on(self, db: sqlite3.Connection, conference: Conference, of: Frame, by: By) -> None:
        db.execute(_PUT_AWAY, (of.case,))
        frame = of.series, of.instance, of.frame
        db.execute(_SHOW, (of.case, of.item, _study(db, of), *frame, by.actor, self._books.now_ms()))
        case = conference.case(of.case)
        whose = {"patient": case.identifier} if case else {}
        self._books.note(db, "conference-image-shown", conference, by, **whose, **asdict(of))

    def _looks(self, db: sqlite3.Connection, number: str, case: int, actor: str) -> bool:
        try:
            check_look(db, self._books, number, case, actor)
        except (NotFound, Conflict):
            return False
        return True


def _leads(conference: Conference, case: Case, actor: str) -> bool:
    return actor in (conference.chair.person.actor, case.presenter)


def _case_on(conference: Conference) -> Case | None:
    return next((one for one in conference.cases if one.state is CaseState.NOW), None)


def _study(db: sqlite3.Connection, of: Frame) -> str:
    """Of the item; "": there is none, or it is no study of images."""
    try:
        item = item_in(db, of.case, of.item)
    except NotFound:
        return ""
    return str(item.what["study"]) if item.kind == "imaging" else ""


def _on(db: sqlite3.Connection, case: int) -> _Image | None:
    return _image(db.execute(_ON, (case,)).fetchone())


def _find(db: sqlite3.Connection, number: str, still: str) -> _Image | None:
    digits = still.removeprefix(PREFIX)
    if not (still.startswith(PREFIX) and digits.isascii() and digits.isdecimal() and len(digits) <= 15):
        return None
    return _image(db.execute(_OF_ID, (int(digits), number)).fetchone())


def _image(row: sqlite3.Row | None) -> _Image | None:
    if row is None:
        return None
    of = Frame(row["conference_case"], row["item"], row["series"], row["instance"], row["frame"])
    return _Image(row["id"], of, bool(row["is_on"]), row["by"])
