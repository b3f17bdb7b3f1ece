"""What a robot is told of place and load where it picks, drops or charges: the parameters of the action.

Of the load its transport knows `loadId` and `loadType` (a word of the factsheet); of the place the map says
the rest (`parameters` of a node: stationType, height, depth, side and what else a maker wants); which of its
load handling devices is used follows from the factsheet.
Source: VDA 5050 2.1.0, 6.8.1 and 6.15; 3.0.0, table of predefined actions.
"""

from collections.abc import Mapping

from controller.robots.places import Node
from controller.robots.vehicles import Action, Model
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.words import ActionScope

KNOWN = frozenset({"stationName", "loadId", "loadType"})
"""What is always said, where something is picked or dropped."""
DEVICES = frozenset({"lhd", "loadHandlingDevice"})
"""Which of its load handling devices: version 2's word, and version 3's."""
_LOADS = (Action.PICK, Action.DROP)


def told_at(
    action: Action, place: Node, transport: str | None, load: str, sheet: Factsheet | None
) -> dict[str, object]:
    """The parameters of an action at a place."""
    if action not in _LOADS:
        return dict(place.parameters)
    about = {"loadId": transport, "loadType": load}
    device = _device(sheet, load) if sheet else None
    names = DEVICES & _declared(sheet, action).keys() if device else ()
    named = dict.fromkeys(names, device)
    return {"stationName": place.id, **{k: v for k, v in about.items() if v}, **named, **place.parameters}


def demands_of(sheet: Factsheet) -> frozenset[tuple[Action, str]]:
    """By action, the parameters that the robot demands, and that only the map can say."""
    positions = bool(sheet.load_specification.load_positions) or any(
        one.load_positions for one in sheet.load_specification.load_sets or ()
    )
    given = {action: KNOWN | (DEVICES if positions else frozenset()) for action in _LOADS}
    return frozenset(
        (action, key)
        for action in (*_LOADS, Action.CHARGE)
        for key, needed in _declared(sheet, action).items()
        if needed and key not in given.get(action, ())
    )


def can_do(sheet: Factsheet | None, action: Action, place: Node) -> bool:
    """Whether the robot can be asked for this action there; one that has not said what it can may."""
    if action == Action.PARK or sheet is None:
        return action != Action.PARK
    demanded = {key for of, key in demands_of(sheet) if of == action}
    return sheet.action(action, ActionScope.NODE) is not None and demanded <= place.parameters.keys()


def lacking(model: Model, action: Action, place: Node) -> list[str]:
    """What the robot demands for this action, and the map does not say of this place."""
    return sorted(key for of, key in model.demands if of == action and key not in place.parameters)


def _declared(sheet: Factsheet | None, action: Action) -> Mapping[str, bool]:
    """The parameters that it declares, and whether it demands them."""
    known = sheet and sheet.action(action, ActionScope.NODE)
    return {one.key: not one.is_optional for one in known.action_parameters or ()} if known else {}


def _device(sheet: Factsheet, load: str) -> str | None:
    """The first of its load handling devices that is for this load: it carries one thing at a time."""
    sets = [one for one in sheet.load_specification.load_sets or () if one.load_type == load]
    places = [place for one in sets for place in one.load_positions or ()]
    return next(iter(places or sheet.load_specification.load_positions or ()), None)
