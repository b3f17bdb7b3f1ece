"""What is known of the patient on board: changed by the crew's events and by the hospital's words. Pure.

content.check(kind, detail)            # raises CaseConflict: it cannot be so now
content.told(kind, detail, when)       # it is so
content.shown(moment)                  # as the page gets it
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.model.crew import Detail, Offer, StayAction
from devices.model.observation import EventKind
from gateway.errors import CaseConflict

Json = dict[str, Any]
When = Mapping[str, str | int | None]
"""`boot` in hexadecimal, `ms` since it, `utc_ms` (None: not known)."""
_OF_VEHICLE = "vehicle"
"""The checklist that no patient's end clears."""
_ABOUT = ("identifier", "name", "sex", "age", "class")
_UNKNOWN: Json = {"identifier": "", "name": "", "sex": "unknown", "age": None, "class": "adult"}


@dataclass(slots=True)
class Content:
    """Of one vehicle."""

    stay: Json | None = None
    marks: list[Json] = field(default_factory=list[Json])
    checklists: dict[str, Json] = field(default_factory=dict[str, Json])
    assessments: dict[str, Json] = field(default_factory=dict[str, Json])
    requests: list[Json] = field(default_factory=list[Json])
    instructions: list[Json] = field(default_factory=list[Json])
    pictures: list[Json] = field(default_factory=list[Json])
    handover: Json | None = None
    """The patient on board is offered to the hospital: `to` whom."""
    taken: Json | None = None
    """The patient before, whom the hospital has taken over: `by` whom, `to` which bed."""

    @property
    def stay_id(self) -> str:
        """The box's number of the stay; "": nobody is on board."""
        return self.stay["id"] if self.stay else ""

    def check(self, kind: EventKind, detail: Detail) -> None:
        """Raises CaseConflict where an event of the right form cannot be so now."""
        match kind:
            case EventKind.PATIENT:
                self._check_patient(StayAction(detail["action"]))
            case EventKind.REQUEST:
                self._check_request(detail)
            case EventKind.HANDOVER if detail["state"] == Offer.WITHDRAWN and self.handover is None:
                raise CaseConflict("the patient on board is not offered: there is nothing to take back")
            case EventKind.INSTRUCTION if self._find(self.instructions, detail["id"]) is None:
                raise CaseConflict(f"there is no instruction {detail['id']} for the patient on board")
            case _:
                return

    def _check_patient(self, action: StayAction) -> None:
        if action is StayAction.BEGIN and self.stay:
            raise CaseConflict("somebody is on board already: end that stay before the next begins")

    def _check_request(self, detail: Detail) -> None:
        open_ones = [one for one in self.requests if one["resource"] == detail["resource"]]
        if any(one["answer"] is None for one in open_ones):
            raise CaseConflict(f"{detail['resource']} is asked for already: wait for the hospital's answer")

    def told(self, kind: EventKind, detail: Detail, when: When) -> None:
        """A checked event of the crew: it is so from now on."""
        said = {"by": detail["by"], "at": dict(when)}
        match kind:
            case EventKind.PATIENT:
                self._patient(StayAction(detail["action"]), detail, said)
            case EventKind.MARK:
                self.marks.append({"code": detail["code"], "text": detail.get("text", ""), **said})
            case EventKind.CHECKLIST:
                self._tick(detail, said)
            case EventKind.ASSESSMENT:
                self.assessments[str(detail["kind"])] = {"value": detail["value"], **said}
            case EventKind.REQUEST:
                asked = {name: detail.get(name, "") for name in ("id", "resource", "note")}
                self.requests.append({**asked, "answer": None, **said})
            case EventKind.INSTRUCTION:
                held = self._find(self.instructions, detail["id"])
                if held is not None and held[str(detail["state"])] is None:
                    held[str(detail["state"])] = said
            case EventKind.PICTURE:
                about = {name: detail.get(name, "") for name in ("digest", "kind", "shows")}
                self.pictures.append({**about, **said})
            case EventKind.HANDOVER:
                offer = {"to": detail.get("to", ""), **said}
                self.handover = offer if detail["state"] == Offer.OFFERED else None
            case _:
                raise ValueError(f"{kind} is no event of a crew")

    def _tick(self, detail: Detail, said: Json) -> None:
        items = self.checklists.setdefault(str(detail["list"]), {})
        if detail["done"]:
            items[str(detail["item"])] = said
        else:
            items.pop(str(detail["item"]), None)

    def _patient(self, action: StayAction, detail: Detail, said: Json) -> None:
        about = {name: detail[name] for name in _ABOUT if name in detail}
        match action:
            case StayAction.BEGIN:
                since = {"since": said["at"], "by": said["by"]}
                self.stay = {"id": detail["stay"], **_UNKNOWN, **about, **since}
                self.taken = None
            case StayAction.IDENTIFY if self.stay:
                self.stay.update(about)
            case _:
                self._clear()

    def _clear(self) -> None:
        """Nobody is on board: what was told of that patient is nobody else's."""
        self.stay = self.handover = None
        self.marks, self.assessments, self.requests, self.instructions = [], {}, [], []
        self.pictures = []
        self.checklists = {_OF_VEHICLE: self.checklists.get(_OF_VEHICLE, {})}

    def instructed(self, detail: Detail, when: When) -> None:
        """The hospital asks for something. Raises CaseConflict: for a patient who is no more on board."""
        if not self.stay or detail["stay"] not in ("", self.stay["id"]):
            raise CaseConflict("the patient whom the instruction is for is not on board any more")
        if self._find(self.instructions, detail["id"]) is None:
            told = {name: detail[name] for name in ("id", "text", "by")}
            self.instructions.append({**told, "at": dict(when), "shown": None, "acknowledged": None})

    def answered(self, detail: Detail, when: When) -> None:
        """The hospital knows of a request. Raises CaseConflict: there is none."""
        held = self._find(self.requests, detail["id"])
        if held is None:
            raise CaseConflict(f"request {detail['id']} is not of the patient on board")
        held["answer"] = {"text": detail["text"], "by": detail["by"], "at": dict(when)}

    def handed_over(self, detail: Detail, when: When) -> None:
        """The hospital has taken over whom it asks for. The next patient's page does not say so."""
        if not self.stay:
            self.taken = {**{name: detail[name] for name in ("stay", "to", "by")}, "at": dict(when)}

    def shown(self, moment: Callable[[When], int | None]) -> Json:
        """All of it; `moment` gives the page's time of when something was."""
        told = {
            "stay": self.stay,
            "marks": self.marks,
            "checklists": self.checklists,
            "assessments": self.assessments,
            "requests": self.requests,
            "instructions": self.instructions,
            "pictures": self.pictures,
            "handover": self.handover,
            "taken": self.taken,
        }
        return {name: _timed(part, moment) for name, part in told.items()}

    def _find(self, items: list[Json], number: object) -> Json | None:
        return next((one for one in items if one["id"] == number), None)


def _timed(item: Any, moment: Callable[[When], int | None]) -> Any:
    """`item` with `at_ms` for each `at`, and `since_ms` for `since`."""
    if isinstance(item, list):
        return [_timed(one, moment) for one in item]
    if not isinstance(item, dict):
        return item
    timed: Json = {}
    for name, part in item.items():
        is_time = name in ("at", "since") and isinstance(part, dict) and "boot" in part
        timed[f"{name}_ms" if is_time else name] = moment(part) if is_time else _timed(part, moment)
    return timed
