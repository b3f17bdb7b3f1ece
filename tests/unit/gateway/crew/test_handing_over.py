"""A crew offers its patient; the hospital takes over, and the stay on board ends by itself, once."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from devices.model.observation import EventKind
from gateway.errors import CaseConflict, NotKept
from tests.unit.gateway.crew.test_case import MARK, PATIENT, Box

HANDOVER = EventKind.HANDOVER


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """With a patient, who is offered."""
    box = Box(tmp_path)
    box.tell(PATIENT, action="begin", name="Ann")
    box.tell(HANDOVER, state="offered", to="ER 2")
    return box


def taken_over(box: Box, stay: str, by: str = "Li Na") -> None:
    told = {"vehicle": "amb-1", "stay": stay, "to": "Bed 2", "by": by}
    asyncio.run(box.case.handed_over(told))


def shown(box: Box) -> dict[str, Any]:
    state = box.case.state()
    return {name: state[name] for name in ("stay", "handover", "taken")}


def test_an_offer_stands_until_it_is_taken_back(box: Box) -> None:
    assert shown(box)["handover"] == {"to": "ER 2", "by": "Kim", "at_ms": 100_000}
    box.tell(HANDOVER, state="withdrawn")
    assert shown(box)["handover"] is None
    with pytest.raises(CaseConflict, match="nothing to take back"):
        box.tell(HANDOVER, state="withdrawn")


def test_nobody_cannot_be_offered(tmp_path: Path) -> None:
    with pytest.raises(CaseConflict, match="nobody is on board"):
        Box(tmp_path).tell(HANDOVER, state="offered")


def test_the_hospital_ends_the_stay_in_the_words_of_a_crew_and_the_page_says_who(box: Box) -> None:
    stay = box.case.content.stay_id
    box.clock.seconds += 60
    taken_over(box, stay)
    told = {"stay": stay, "to": "Bed 2", "by": "Li Na", "at_ms": 160_000}
    assert shown(box) == {"stay": None, "handover": None, "taken": told}
    end = box.journal[-1]
    assert (end.kind, end.detail["action"], end.detail["by"]) == (PATIENT, "end", "hospital: Li Na")
    assert (end.detail["stay"], box.boarded[-1]) == (stay, None)
    again = Box(box.case.folder, box.clock, first=50)
    assert shown(again)["taken"] == told
    again.tell(MARK, code="rosc")
    assert shown(again)["taken"] is None


def test_a_crews_end_after_it_and_word_of_it_after_the_crews_end_change_nothing(box: Box) -> None:
    stay = box.case.content.stay_id
    taken_over(box, stay)
    with pytest.raises(CaseConflict, match="nobody is on board"):
        box.tell(PATIENT, action="end")
    taken_over(box, stay)
    assert len(box.journal) == 3


def test_after_an_end_on_paper_the_page_still_says_who_took_over(box: Box) -> None:
    stay = box.case.content.stay_id
    box.tell(PATIENT, action="end")
    assert shown(box) == {"stay": None, "handover": None, "taken": None}
    taken_over(box, stay)
    assert shown(box)["taken"]["by"] == "Li Na"


def test_the_next_patient_is_left_alone_by_word_of_the_one_before(box: Box) -> None:
    first = box.case.content.stay_id
    box.tell(PATIENT, action="end")
    box.tell(PATIENT, action="begin", name="Ben")
    before = box.case.state()
    taken_over(box, first)
    assert box.case.state() == before


def test_with_a_full_disk_the_stay_has_ended_and_the_journal_hears_of_it_later(box: Box) -> None:
    box.full = True
    with pytest.raises(NotKept):
        taken_over(box, box.case.content.stay_id, by="N" * 500)
    assert (shown(box)["stay"], box.case.state()["untold"]) == (None, 1)
    box.full = False
    asyncio.run(box.case.tell_untold())
    assert len(str(box.journal[-1].detail["by"])) == 100
