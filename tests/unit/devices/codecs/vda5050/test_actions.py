"""The life of an action: what may follow what, what may run beside it, and what cancelling makes of it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.actions import ENDED, TRANSITIONS, cancelled, may_become, may_drive, to_start
from devices.codecs.vda5050.state import ActionState
from devices.codecs.vda5050.words import ActionStatus, BlockingType

KINDS = st.sampled_from(BlockingType)


def actions(kinds: list[BlockingType] | str) -> list[Action]:
    told = kinds if isinstance(kinds, list) else [BlockingType(one) for one in kinds.split()]
    return [
        Action(action_type="t", action_id=str(place), blocking_type=one) for place, one in enumerate(told)
    ]


def test_the_table_is_the_standards() -> None:
    allowed = {(before, after) for before, afters in TRANSITIONS.items() for after in afters}
    assert len(allowed) == 5 + 4 + 3 + 3 + 4 + 4
    assert TRANSITIONS.keys() == {None, *ActionStatus}


@pytest.mark.parametrize(("before", "after"), list(product(ActionStatus, ActionStatus)))
def test_what_has_ended_stays_so_and_nothing_waits_again(before: ActionStatus, after: ActionStatus) -> None:
    if before in ENDED or after is ActionStatus.WAITING:
        assert may_become(before, after) == (before is after)
    elif after is ActionStatus.FAILED:
        assert may_become(before, after)


@pytest.mark.parametrize(
    ("waiting", "running", "started"),
    [
        ("NONE SOFT NONE", "", 3),
        ("NONE HARD NONE", "", 1),
        ("HARD NONE", "", 1),
        ("SINGLE NONE", "", 1),
        ("HARD", "NONE", 0),
        ("NONE", "SOFT", 1),
        ("NONE", "SINGLE", 0),
        ("NONE", "HARD", 0),
        ("", "", 0),
    ],
)
def test_actions_start_together_or_alone(waiting: str, running: str, started: int) -> None:
    assert to_start(actions(waiting), actions(running)) == actions(waiting)[:started]


@given(st.lists(KINDS, max_size=6))
def test_every_action_starts_at_last_and_none_beside_one_that_is_alone(kinds: list[BlockingType]) -> None:
    waiting = actions(kinds)
    while waiting:
        started = to_start(waiting, [])
        alone = {BlockingType.SINGLE, BlockingType.HARD} & {one.blocking_type for one in started}
        assert started
        assert len(started) == 1 or not alone
        assert to_start(waiting[len(started) :], started) == [] or not alone
        waiting = waiting[len(started) :]


@pytest.mark.parametrize(
    ("kinds", "drives"), [("", True), ("NONE SINGLE", True), ("NONE SOFT", False), ("HARD", False)]
)
def test_soft_and_hard_actions_hold_the_vehicle(kinds: str, drives: bool) -> None:
    assert may_drive(actions(kinds)) is drives


@pytest.mark.parametrize("status", ActionStatus)
@pytest.mark.parametrize("allowed", [True, False])
def test_cancelling_fails_what_waits_and_what_can_be_stopped(status: ActionStatus, allowed: bool) -> None:
    after = cancelled(ActionState(action_id="1", action_status=status), allowed).action_status
    assert may_become(status, after)
    begun = status in {ActionStatus.INITIALIZING, ActionStatus.RUNNING, ActionStatus.PAUSED}
    assert after is (status if status in ENDED or (begun and not allowed) else ActionStatus.FAILED)
