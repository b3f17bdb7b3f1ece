"""What may follow what in an action's life, what may run beside it, and what a cancelled order makes of it.

Source: VDA 5050 2.1.0, 6.8 and 6.11; 3.0.0, 6.1.3, 6.2.2 (tables 3, figure 11) and 6.6.9 (table 13).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.state import ActionState
from devices.codecs.vda5050.words import ActionStatus, BlockingType

WAITING, INITIALIZING, RUNNING, PAUSED, RETRIABLE, FINISHED, FAILED = ActionStatus

ENDED = frozenset({FINISHED, FAILED})
TRANSITIONS: dict[ActionStatus | None, frozenset[ActionStatus]] = {
    None: frozenset({WAITING, INITIALIZING, RUNNING, FINISHED, FAILED}),
    WAITING: frozenset({INITIALIZING, RUNNING, FINISHED, FAILED}),
    INITIALIZING: frozenset({PAUSED, RUNNING, FAILED}),
    PAUSED: frozenset({INITIALIZING, RUNNING, FAILED}),
    RUNNING: frozenset({PAUSED, RETRIABLE, FINISHED, FAILED}),
    RETRIABLE: frozenset({INITIALIZING, RUNNING, FINISHED, FAILED}),
    FINISHED: frozenset(),
    FAILED: frozenset(),
}
"""None: the action has just come."""

_ALONE = frozenset({BlockingType.SINGLE, BlockingType.HARD})
_AT_REST = frozenset({BlockingType.SOFT, BlockingType.HARD})


def may_become(before: ActionStatus | None, after: ActionStatus) -> bool:
    """Whether an action may go from one status to the other, or stay in it."""
    return after == before or after in TRANSITIONS[before]


def may_drive(unended: Iterable[Action]) -> bool:
    """Whether the vehicle may drive while these are triggered and have not ended."""
    return all(action.blocking_type not in _AT_REST for action in unended)


def to_start(waiting: Sequence[Action], running: Sequence[Action]) -> list[Action]:
    """Which of the triggered actions, in their order, may start now beside those that run."""
    started: list[Action] = []
    if any(action.blocking_type in _ALONE for action in running):
        return started
    for action in waiting:
        if action.blocking_type in _ALONE:
            return started or ([] if running else [action])
        started.append(action)
    return started


def cancelled(state: ActionState, cancel_allowed: bool = True) -> ActionState:
    """After cancelOrder: FAILED, but for an action that has ended, or that runs and cannot be cancelled."""
    begun = state.action_status not in (WAITING, RETRIABLE)
    if state.action_status in ENDED or (begun and not cancel_allowed):
        return state
    return replace(state, action_status=FAILED)
