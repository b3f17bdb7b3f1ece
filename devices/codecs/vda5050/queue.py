"""The actions of a vehicle's order: which wait, which run, and how they ended.

Source: VDA 5050 2.1.0, 6.8 and 6.11; 3.0.0, 6.2.2 and 6.6.9.
"""

from collections.abc import Iterable
from dataclasses import replace

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.actions import ENDED, cancelled, may_become, may_drive, to_start
from devices.codecs.vda5050.base import Base, Progress
from devices.codecs.vda5050.state import ActionState
from devices.codecs.vda5050.words import ActionStatus


class ActionQueue:
    """Actions in the order in which they were triggered."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._actions: dict[str, Action] = {}
        self._states: dict[str, ActionState] = {}
        self._triggered: list[str] = []

    def states(self) -> tuple[ActionState, ...]:
        """How far each action is, in the order in which they came."""
        return tuple(self._states.values())

    def idle(self) -> bool:
        """Whether every action has ended."""
        return all(one.action_status in ENDED for one in self._states.values())

    def may_drive(self) -> bool:
        """Whether nothing that was triggered holds the vehicle."""
        return may_drive(self._with(self._triggered, ENDED, inside=False))

    def expect(self, actions: Iterable[Action]) -> None:
        """These wait for their node or edge. One that is known already is not expected again."""
        for action in actions:
            if action.action_id not in self._states:
                self._actions[action.action_id] = action
                self._states[action.action_id] = ActionState(
                    action_id=action.action_id,
                    action_type=action.action_type,
                    action_description=action.action_description,
                    action_status=ActionStatus.WAITING,
                )

    def forget(self, actions: Iterable[Action]) -> None:
        """These belong to a horizon that is gone."""
        for action in actions:
            self._states.pop(action.action_id, None)

    def clear(self) -> None:
        """A new order has come."""
        self._actions.clear()
        self._states.clear()
        self._triggered.clear()

    def trigger(self, actions: Iterable[Action]) -> None:
        """The vehicle has reached their node, or entered their edge."""
        self._triggered += [one.action_id for one in actions if one.action_id not in self._triggered]

    def step(self) -> None:
        """Ask how far those are that run, and begin those that may."""
        for action in self._running():
            self._tell(action, self._base.progress(action))
        waiting = self._with(self._triggered, {ActionStatus.WAITING})
        for action in to_start(waiting, self._running()):
            self._base.begin(action)
            self._tell(action, Progress(ActionStatus.RUNNING))

    def end(self, actions: Iterable[Action]) -> None:
        """The vehicle has left their edge: what still runs is over."""
        ids = [one.action_id for one in actions]
        for action in self._with(ids, ENDED, inside=False):
            if self._states[action.action_id].action_status is not ActionStatus.WAITING:
                self._base.abort(action)
            self._tell(action, Progress(ActionStatus.RUNNING))
            self._tell(action, Progress(ActionStatus.FINISHED))

    def cancel(self) -> None:
        """What waits has failed, and what can be aborted; the rest comes to its end."""
        running = {action.action_id: self._base.abort(action) for action in self._running()}
        self._states = {one: cancelled(state, running.get(one, True)) for one, state in self._states.items()}

    def _running(self) -> list[Action]:
        return self._with(self._triggered, {ActionStatus.WAITING, *ENDED}, inside=False)

    def _with(
        self, ids: Iterable[str], statuses: Iterable[ActionStatus], inside: bool = True
    ) -> list[Action]:
        wanted = frozenset(statuses)
        known = (one for one in ids if one in self._states)
        return [self._actions[one] for one in known if (self._states[one].action_status in wanted) is inside]

    def _tell(self, action: Action, now: Progress) -> None:
        state = self._states[action.action_id]
        if not may_become(state.action_status, now.status):
            raise ValueError(f"{action.action_type} cannot go from {state.action_status} to {now.status}")
        told = replace(state, action_status=now.status, result_description=now.result)
        self._states[action.action_id] = told
