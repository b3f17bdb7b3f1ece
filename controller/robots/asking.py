"""What a robot is asked beside its order: instant actions, and messages before they are numbered."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.robots.errand import Errand
from devices.codecs.vda5050.action import Action, InstantActions, parameters_of
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.shape import shape
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import BlockingType

AGAIN_MS = 6_000
"""What no state shows by then is sent again."""
_OLDER = "instantActions"
_NONE_TO_CANCEL = frozenset({"noOrderToCancel", "NO_ORDER_TO_CANCEL"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A message, not yet numbered; `errand`: as it stands when the robot has taken it."""

    topic: Topic
    message: Order | InstantActions
    why: str
    errand: Errand | None = None


@dataclass(slots=True)
class Asked:
    """An instant action that was asked for, until a state shows its end."""

    action_id: str
    why: str
    sent_ms: int = 0
    kind: str = ""
    """Its type."""


def instant(asked: Asked, given: Mapping[str, object], header: Header) -> Draft:
    """One instant action; `given`: its parameters. In 3.0 each is of blocking type NONE.

    To a vehicle of 2.0 the list goes under the name of version 1, too: some of 2.0 know no other
    (vda-5050-lib before 1.5), and a pause or a cancelled order must not fail by that.
    """
    version = Version.of(header.version)
    is_3 = version.major == 3
    action = Action(
        action_type=asked.kind,
        action_id=asked.action_id,
        blocking_type=BlockingType.NONE if is_3 else BlockingType.HARD,
        action_parameters=parameters_of(given) or None,
    )
    older = {_OLDER: [shape(Action, version).write(action)]} if version is Version.V2_0 else {}
    message = InstantActions(header=header, actions=(action,), extra=older)
    return Draft(Topic.INSTANT_ACTIONS, message, asked.why)


def had_no_order(state: State, asked: Asked) -> bool:
    """Whether it says that there was nothing to cancel."""
    return any(
        error.error_type in _NONE_TO_CANCEL
        and any(one.reference_value == asked.action_id for one in error.error_references or ())
        for error in state.errors
    )
