"""controller/conferences/agenda.py"""

import pytest

from controller.conferences.model import Asked
from controller.conferences.states import CaseState, ConferenceState
from controller.errors import Conflict, OrderError
from tests.unit.controller.conferences.conftest import ANNA, BEN, CARA, NINA, Council, known, member

SKULL = Asked("5000", "Kaya, Can", "what is it?", 5)


async def test_anybody_who_takes_part_puts_a_patient_on_the_agenda(council: Council) -> None:
    made = await council.agreed(member("nina", "presenter"))
    with pytest.raises(Conflict, match="answer first"):
        await council.service.agenda.add(known(made), SKULL, NINA)
    made = await council.service.agenda.add(known(made), SKULL, CARA)
    assert [one.identifier for one in made.cases] == ["4711", "0100", "5000"]
    with pytest.raises(Conflict, match="on the agenda already"):
        await council.service.agenda.add(known(made), SKULL, CARA)


async def test_who_leads_it_says_the_order(council: Council) -> None:
    made = await council.agreed()
    first, second = (one.id for one in made.cases)
    made = await council.service.agenda.arrange(known(made), [second, first], ANNA)
    assert [one.identifier for one in made.cases] == ["0100", "4711"]
    with pytest.raises(Conflict, match="every case"):
        await council.service.agenda.arrange(known(made), [first], ANNA)
    with pytest.raises(Conflict, match="who leads"):
        await council.service.agenda.arrange(known(made), [first, second], CARA)


async def test_the_chair_shows_a_case_and_the_one_before_is_done(council: Council) -> None:
    made = await council.begun()
    first, second = made.cases
    assert first.state is CaseState.NOW
    made = await council.service.agenda.show(made.number, second.id, ANNA)
    assert [one.state for one in made.cases] == ["done", "now"]
    again = await council.service.agenda.show(made.number, second.id, ANNA)
    assert again.revision == made.revision
    with pytest.raises(Conflict, match="who leads"):
        await council.service.agenda.show(made.number, first.id, CARA)
    made = await council.step(made, ConferenceState.FINISHED)
    assert [one.state for one in made.cases] == ["done", "done"]
    with pytest.raises(Conflict, match="begin it first"):
        await council.service.agenda.show(made.number, first.id, ANNA)


async def test_a_case_is_taken_off_and_put_on_again_but_not_after_it_was_spoken_about(
    council: Council,
) -> None:
    made = await council.begun()
    first, second = made.cases
    made = await council.service.agenda.take_off(known(made), second.id, BEN, off=True)
    made = await council.service.agenda.take_off(known(made), second.id, BEN, off=False)
    with pytest.raises(Conflict, match="cannot become off"):
        await council.service.agenda.take_off(known(made), first.id, BEN, off=True)


async def test_who_tells_of_a_case_changes_it(council: Council) -> None:
    made = await council.agreed()
    other = Asked("", "", "radiate?", 20, "cara")
    made = await council.service.agenda.change(known(made), made.cases[0].id, other, BEN)
    assert (made.cases[0].question, made.cases[0].presenter) == ("radiate?", "cara")
    await council.service.agenda.change(known(made), made.cases[0].id, other, CARA)
    for presenter, question, missing in (("dora", "x", "presenter"), ("", " ", "question")):
        with pytest.raises(OrderError, match=missing):
            said = Asked("", "", question, 5, presenter)
            await council.service.agenda.change(known(await council.find(made)), made.cases[0].id, said, BEN)


async def test_the_agenda_of_what_was_called_off_is_closed(council: Council) -> None:
    made = await council.step(await council.agreed(), ConferenceState.CANCELLED, why="x")
    with pytest.raises(Conflict, match="agenda is closed"):
        await council.service.agenda.add(known(made), SKULL, CARA)
