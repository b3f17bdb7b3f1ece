"""A short day in a vehicle: every promise is kept, and planted defects are noticed."""

from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest

from controller import stays
from devices.model.crew import Detail
from devices.model.observation import EventKind
from gateway.alarms.onset import Onset
from gateway.crew.case import Case
from hil.ambulance.plan import Run, Trouble, run
from hil.ambulance.world import Outcome, live_a_day
from tests.support import planted

SHORT_S = 260.0, 300.0


def short(trouble: Trouble, number: int = 0) -> Run:
    return run(number, trouble, Random(7), SHORT_S)


def lived(folder: Path, *runs: Run) -> Outcome:
    return live_a_day(folder, 11, list(runs))


def test_a_short_day_keeps_every_promise(tmp_path: Path) -> None:
    outcome = lived(tmp_path, short(Trouble.TUNNEL_TWO), short(Trouble.GARAGE, 1))
    assert [problems for _, _, problems in outcome.rounds] == [[], []]
    assert all(fired for _, fired, _ in outcome.rounds), "the tunnel and the power cut were there"
    assert not outcome.figures["true alarms raised in the box"].startswith("0,")


def alarms_come_late() -> AbstractContextManager[Any]:
    """Every condition has to hold for twenty seconds more."""
    return mock.patch.object(Onset, "wait_ns", lambda *_: 20_000_000_000)


def marks_are_told_twice() -> AbstractContextManager[Any]:
    """What goes into the journal goes in once more, under another number."""
    tell = Case.tell

    async def twice(self: Case, kind: EventKind, detail: Detail, by: str) -> None:
        for _ in range(2 if kind is EventKind.MARK else 1):
            await tell(self, kind, detail, by)

    return mock.patch.object(Case, "tell", twice)


def stays_begin_when_they_are_heard_of() -> AbstractContextManager[Any]:
    """Half a minute late: the patient's first values are nobody's."""
    begin = stays.begin

    def late(db: Any, bed: str, patient: Any, from_ms: int, *rest: Any, **more: Any) -> Any:
        return begin(db, bed, patient, from_ms + 30_000, *rest, **more)

    return mock.patch.object(stays, "begin", late)


@pytest.mark.parametrize(
    ("defect", "trouble", "complaint"),
    [
        (alarms_come_late, Trouble.TUNNEL, "was not raised"),
        (marks_are_told_twice, Trouble.NONE, "is there 2 times"),
        (stays_begin_when_they_are_heard_of, Trouble.NONE, "under nobody"),
        (planted.no_sync, Trouble.GARAGE, ": lost"),
    ],
)
def test_a_planted_defect_is_noticed(
    tmp_path: Path, defect: planted.Planted, trouble: Trouble, complaint: str
) -> None:
    with defect():
        ((_, _, problems),) = lived(tmp_path, short(trouble)).rounds
    assert any(complaint in problem for problem in problems), problems
