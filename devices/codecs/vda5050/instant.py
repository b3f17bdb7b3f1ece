"""Instant actions of a vehicle: those of the standard, and others that its factsheet names.

Source: VDA 5050 2.1.0, 6.8 and 6.9; 3.0.0, 6.1.3, 6.2.1 and 6.2.3.
"""

from collections.abc import Callable
from dataclasses import replace

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.actions import ENDED
from devices.codecs.vda5050.base import Base
from devices.codecs.vda5050.errors import BadField
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.journey import Journey
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.state import ActionState
from devices.codecs.vda5050.values import Number, Text
from devices.codecs.vda5050.words import ActionScope, ActionStatus

_KEPT = 20
"""So many that have ended are still told of; the oldest are left out."""


class Instants:
    """The instant actions that came, and what they ask for."""

    def __init__(self, base: Base, journey: Journey, factsheet: Factsheet) -> None:
        self._base = base
        self._journey = journey
        self._factsheet = factsheet
        self._states: dict[str, ActionState] = {}
        self._actions: dict[str, Action] = {}
        self.paused = False
        self.asked: set[str] = set()
        """state, factsheet: what is to be sent. The vehicle takes them out."""
        self._known: dict[str, Callable[[Action], ActionStatus]] = {
            "cancelOrder": self._cancel,
            "startPause": lambda _: self._pause(True),
            "stopPause": lambda _: self._pause(False),
            "stateRequest": lambda _: self._ask("state"),
            "factsheetRequest": lambda _: self._ask("factsheet"),
            "initPosition": self._place,
            "clearInstantActions": lambda _: self._clear(),
        }

    def states(self) -> tuple[ActionState, ...]:
        """How far each is."""
        return tuple(self._states.values())

    def take(self, action: Action) -> Problem | None:
        """Do what is asked; what is wrong with it, if anything. One that came before is not done again."""
        if action.action_id in self._states:
            return None
        self._set(action, ActionStatus.WAITING)
        own = self._known.get(action.action_type)
        try:
            self._set(action, own(action) if own else self._begin(action))
        except BadField as bad:
            self._set(action, ActionStatus.FAILED)
            return self._problem(action, str(bad))
        if self._states[action.action_id].action_status is not ActionStatus.FAILED:
            return None
        return self._problem(action, f"expected an action that can be done now, got {action.action_type}")

    def step(self) -> None:
        """See how far those are that take their time."""
        for action in list(self._actions.values()):
            if self._states[action.action_id].action_status in ENDED:
                continue
            if action.action_type == "cancelOrder":
                if self._journey.idle() and not self._base.driving():
                    self._set(action, ActionStatus.FINISHED)
            else:
                now = self._base.progress(action)
                self._set(action, now.status, now.result)
        ended = [one for one, state in self._states.items() if state.action_status in ENDED]
        for one in ended[:-_KEPT]:
            del self._states[one], self._actions[one]

    def _begin(self, action: Action) -> ActionStatus:
        if not self._factsheet.action(action.action_type, ActionScope.INSTANT):
            return ActionStatus.FAILED
        self._base.begin(action)
        return ActionStatus.RUNNING

    def _cancel(self, action: Action) -> ActionStatus:
        held = self._journey.held()
        named = action.parameters().get("orderId")
        if not held or held.idle or held.cancelled or named not in (None, held.order.order_id):
            return ActionStatus.FAILED
        self._journey.cancel()
        return ActionStatus.RUNNING

    def _pause(self, paused: bool) -> ActionStatus:
        self.paused = paused
        return ActionStatus.FINISHED

    def _ask(self, what: str) -> ActionStatus:
        self.asked.add(what)
        return ActionStatus.FINISHED

    def _place(self, action: Action) -> ActionStatus:
        given = action.parameters()
        x, y, theta = (Number().read(given.get(name)) for name in ("x", "y", "theta"))
        map_id, last = (Text().read(given.get(name, "")) for name in ("mapId", "lastNodeId"))
        if not self._base.place(Pose(x, y, theta, map_id)):
            return ActionStatus.FAILED
        self._journey.last_node_id = last
        return ActionStatus.FINISHED

    def _clear(self) -> ActionStatus:
        for one in [one for one, state in self._states.items() if state.action_status in ENDED]:
            del self._states[one], self._actions[one]
        return ActionStatus.FINISHED

    def _set(self, action: Action, status: ActionStatus, result: str | None = None) -> None:
        self._actions[action.action_id] = action
        fresh = ActionState(
            action_id=action.action_id, action_type=action.action_type, action_status=ActionStatus.WAITING
        )
        was = self._states.get(action.action_id, fresh)
        self._states[action.action_id] = replace(was, action_status=status, result_description=result)

    def _problem(self, action: Action, why: str) -> Problem:
        none = action.action_type == "cancelOrder"
        kind = ErrorType.NO_ORDER if none else ErrorType.INSTANT_ACTION
        return Problem(
            kind, "there is no such order to cancel" if none else why, {"actionId": action.action_id}
        )
