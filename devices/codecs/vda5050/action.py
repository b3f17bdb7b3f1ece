"""What a vehicle is asked to do beside driving: actions, and instant actions.

Source: VDA 5050 2.1.0, 6.6.6, 6.8 and 6.9; 3.0.0, 7.3, 7.3.1 and 7.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.version import V3, Version
from devices.codecs.vda5050.wire import JsonObject, Renamed, Wire
from devices.codecs.vda5050.words import BlockingType

ActionType = Annotated[str, Renamed((("initPosition", "initializePosition"),))]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionParameter:
    """A key and any JSON value (2.0 has no objects)."""

    key: str
    value: object
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of a node, of an edge, or to be done at once."""

    action_type: Annotated[ActionType, Wire(also=("actionName",))]
    action_id: str
    action_description: Annotated[str | None, Wire(v3="actionDescriptor")] = None
    blocking_type: BlockingType = BlockingType.HARD
    action_parameters: tuple[ActionParameter, ...] | None = None
    retriable: Annotated[bool | None, Wire(only=V3)] = None
    extra: JsonObject = field(default_factory=dict[str, object])

    def parameters(self) -> Mapping[str, object]:
        """The values by key; of a key that is there twice the last."""
        return {one.key: one.value for one in self.action_parameters or ()}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstantActions:
    """Topic instantActions: what is to be done at once. In 3.0 each blocking type is NONE.

    Version 1 called the list instantActions, and vda-5050-lib before 1.5 still does: for such a vehicle put
    it into `extra` under that name, too.
    """

    header: Annotated[Header, Wire(flat=True)]
    actions: Annotated[tuple[Action, ...], Wire(also=("instantActions",))]
    extra: JsonObject = field(default_factory=dict[str, object])

    def fault(self, version: Version) -> tuple[str, str] | None:
        """What 3.0 does not allow, if anything."""
        if version in V3 and any(one.blocking_type is not BlockingType.NONE for one in self.actions):
            return "expected blockingType NONE of each instant action in 3.0, got another", "actions"
        return None


def parameters_of(values: Mapping[str, object]) -> tuple[ActionParameter, ...]:
    """The parameters of an action, by key."""
    return tuple(ActionParameter(key=key, value=value) for key, value in values.items())
