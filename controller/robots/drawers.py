"""Drawers that robots are told to open: open is what the robot says to be open, and nothing before that.

    drawers.ask(opening, number)                     # it has been asked for, by the message of this number
    drawers.heard("robot-1", state, now_ms); drawers.answered(number, why, now_ms); drawers.tick(now_ms)
    drawers.of("TR00000001")                         # what became of it

Whoever opened a drawer has what is in it, so nobody has before it is open; if it is not known to have opened,
whoever stands there is told what to do. What a robot says of it late counts all the same.
"""

from collections.abc import Callable
from dataclasses import replace

from controller.robots.reasons import because
from controller.robots.told import LIFE_MS, Opening
from controller.robots.watching import Ask
from devices.codecs.vda5050.actions import ENDED
from devices.codecs.vda5050.state import ActionState, State
from devices.codecs.vda5050.words import ActionStatus

LONGEST_MS = LIFE_MS + 5_000
"""Who has not said by then what became of it is not waited for."""


class Drawers:
    """Of all robots, the newest of each transport; `keep` takes what became of one."""

    def __init__(self, keep: Callable[[Opening], None], ask: Ask) -> None:
        self._keep = keep
        self._ask = ask
        self._newest: dict[str, Opening] = {}
        self._numbers: dict[int, str] = {}

    def of(self, transport: str) -> Opening | None:
        """The one that was asked for last."""
        return self._newest.get(transport)

    def ask(self, one: Opening, number: int | None = None) -> None:
        """It has been asked for, by the message of this number; None: before a start."""
        self._newest[one.transport] = one
        if number is not None:
            self._numbers[number] = one.transport

    def answered(self, number: int, why: str, now_ms: int) -> None:
        """The gateway has passed a message on (`why` is ""), or never will."""
        one = self._newest.get(self._numbers.pop(number, ""))
        if one and why and one.state == "asked":
            self._shut(one, because("drawer-not-told", robot=one.robot, n=one.drawer, said=why), now_ms)

    def heard(self, robot: str, state: State, now_ms: int) -> None:
        """The robot has said how it is."""
        waiting = {one.action: one for one in self._newest.values() if one.robot == robot}
        for action in (*state.action_states, *state.instant_action_states):
            one = waiting.get(action.action_id)
            if one and one.state != "open" and action.action_status in ENDED:
                self._ended(one, action, now_ms)

    def _ended(self, one: Opening, action: ActionState, now_ms: int) -> None:
        if action.action_status is ActionStatus.FINISHED:
            self._open(one)
        elif one.state == "asked":
            said = action.result_description or "-"
            self._shut(one, because("drawer-failed", robot=one.robot, n=one.drawer, said=said), now_ms)

    def said_by_person(self, transport: str) -> None:
        """Somebody has loaded it, or taken it out: what was asked for is open."""
        if (one := self._newest.get(transport)) and one.state != "open":
            self._open(one)

    def tick(self, now_ms: int) -> None:
        """Those of which nothing was heard are not waited for."""
        for one in list(self._newest.values()):
            if one.state == "asked" and now_ms - one.at_ms > LONGEST_MS:
                self._shut(one, because("drawer-silent", robot=one.robot, n=one.drawer), now_ms)

    def over(self, transport: str) -> None:
        """The transport is."""
        self._newest.pop(transport, None)

    def _open(self, one: Opening) -> None:
        self._newest[one.transport] = made = replace(one, state="open", why="")
        self._keep(made)

    def _shut(self, one: Opening, why: str, now_ms: int) -> None:
        self._newest[one.transport] = made = replace(one, state="shut", why=why)
        self._keep(made)
        self._ask(why, now_ms, one.robot, one.transport)
