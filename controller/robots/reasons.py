"""Why robots do what they do: a code with its parameters, for pages in any language, and the same in English.

    why = because("fetch", load="blood", node="lab", transport="TR00000001")
    why                       # "fetch blood at lab (TR00000001)": a str, for the API, logs and the store
    coded(why)                # {"code": "fetch", "params": {"load": "blood", …}}, for who says it otherwise

A parameter may be a reason itself. What people and robots say in their own words is a plain str: no code.
The words of the pages are web/public/words/why-*.js.
"""

import json
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

TEXTS: Mapping[str, str] = {
    # What a robot is to do
    "fetch": "fetch {load} at {node} ({transport})",
    "bring": "bring {load} to {node} ({transport})",
    "idle": "nothing to do: it leaves room for others",
    "battery": "its battery is at {percent} %",
    "no-charger": "no charger is free: it waits",
    "near": "{node} is taken: it waits near",
    "another-way": "another way: {why}",
    "left-way": "it had to leave its way",
    "restart": "after a start",
    # Who carries a transport
    "nearest": "{robot}: it is the nearest that can",
    "nearer": "{robot}: it is much nearer",
    "another-nearer": "another robot is much nearer",
    "more-urgent": "{transport} is more urgent",
    "robot-is": "{robot} is {condition}",
    "not-enough": "{robot} is at {percent} %: not enough to end it",
    "taken-away": "{robot} has been taken away",
    # What became of it
    "arrived": "{robot} has come to {node}",
    "delivered": "delivered",
    "cancelled": "it was cancelled",
    "cancelled-back": "it was cancelled, and is back where it came from",
    "cancelled-by": "cancelled by {who}",
    "says-so": "the robot says so",
    "taken-by-robot": "taken: the robot says so",
    "loaded-by": "loaded: {who} says so",
    "taken-by": "taken: {who} says so",
    "not-taken-by": "not taken: {who}: {said}",
    "taken-with": "{robot} was taken away with {load}: a person brings it",
    "too-little-charge": "{robot} had too little charge to go on: a person took it at {node}",
    # When it will be there
    "with": "with {robot}",
    "with-after": "with {robot}, {n} before it at the place",
    "there": "{robot} is there",
    "no-way-now": "there is no open way now",
    "no-robot-free": "no robot is free for it yet",
    "robot-stands": "{robot} stands ({condition}): nobody can say how long",
    # Why a robot waits or stands
    "others-on-its-way": "{robots} on its way",
    "others-first": "others have to pass first",
    "it-is": "it is {condition}",
    "all-stand": "all robots stand: {why}",
    "by": "by {who}",
    "by-because": "{who}: {said}",
    "other-map": "{robots} may drive by another map: wait till it stands",
    "not-known": "{robot} is not known",
    "in-the-way": "{robot} stands at {node}, on its way",
    "way-blocked": "{edge} in its way is blocked",
    "not-where-it-should": "it is not where it should be, but at {node}",
    "not-halted-yet": "it has not said yet that it stands",
    "something-else": "it has something else to do",
    "where-after-start": "after a start it is asked where it stands",
    "mode": "its mode is {mode}",
    "taken-over-by": "{who} has taken it over",
    "nothing-stops-it": "nothing stops it any more",
    "stop-all": "all robots were stopped",
    "stop-fleet": "another one stands on its way",
    "stop-person": "a person has taken it over",
    "stop-jump": "it is where it cannot have driven",
    "not-introduced": "it has not said what it is and can",
    "not-whole": "it has not said for long how it is as a whole",
    "person-says-where": "a person says where it is",
    "drawer": "{who} is there ({how}), for {transport}",
    # What is in doubt
    "link": "its connection is {connection}",
    "emergency-stop": "its emergency stop is pressed",
    "place": "it does not know where it is: say where it is",
    "map": "it says that it is on the map {map}, which there is not",
    "paused": "it was paused at the robot",
    "jumped": "it is where it cannot have driven",
    "jump": "it is where it cannot have driven: see where it is, and say so",
    "refuses": "it refuses its order: {said}",
    "no-more": "{doubt}: no more",
    "both": "{one}; {other}",
    # What a person has to see to
    "of-robot": "{robot}: {why}",
    "silent": "{robot} has not been heard of for {seconds} s: look at {node}",
    "stalled": "{robot} may go on, and does not: look at {node}",
    "unattended": "{robot} waits at {node} for somebody to {action}",
    "no-way": "{robot} has no way from {node}: see what stands or is closed around it",
    "nowhere": "{robot} is nowhere on the map: drive it to a node by hand",
    "unknown-robot": "{robot} is not known: register it, or switch it off",
    "too-many": "{n} robots, but only {rooms} parks and chargers: add places to the map",
    "nobody-carries": "no robot carries {load}: a person has to",
    "nobody-knows": "no robot carries {load} from {pick} to {drop}, for the map does not say {keys} there: "
    "add it to `parameters` of these stations",
    "demands": "{robot} demands {key} for {action}, which the map does not say at {nodes}: add it to their "
    "`parameters`; until then it does not do so there",
    "bring-by-hand": "{robot} was taken away with {load}: a person brings it to {node}",
    "meet": "{robot} is at {percent} %: meet it at {node}, take the {load}, and have it charged",
    "meet-before": "{robot} is at {percent} % and will not reach {drop}: meet it at {node}, take the {load}, "
    "and have it charged",
    "needs-help": "{robot} needs help: {said}",
    "robot-says": "{robot} says: {said}",
    "could-not": "{robot} could not do {action}: {said}",
    "could-not-silent": "{robot} could not do {action}: it does not say why",
    "loaded-empty": "{robot} says that it has loaded, and that it is empty: look",
    "unloaded-full": "{robot} says that it was unloaded, and still has it: look",
    "drawer-not-told": "{robot} was not told to open drawer {n} ({said}): ask again, or open it by hand and "
    "say what you did",
    "drawer-failed": "{robot} could not open drawer {n} ({said}): ask again, or open it by hand and say what "
    "you did",
    "drawer-silent": "{robot} has not said that drawer {n} is open: if it is, say what you did; if not, ask "
    "again",
    "unreadable": "{robot} says what cannot be read: {said}",
    "not-received": "{robot} did not get what was sent: {said}",
}
"""English, by code."""

Param = str | int


class Reason(str):
    """English; `code` and `params` say the same to who has other words for it."""

    code: str
    params: Mapping[str, Param]

    def __new__(cls, text: str, code: str = "", params: Mapping[str, Param] | None = None) -> "Reason":
        """Made by `because`."""
        made = super().__new__(cls, text)
        made.code, made.params = code, params or {}
        return made


def because(code: str, **params: Param) -> Reason:
    """A reason of the table; a parameter may be one itself."""
    return Reason(TEXTS[code].format(**params), code, params)


def joined(reasons: Iterable[str]) -> str:
    """All of them; "": there are none."""
    return reduce(lambda one, other: because("both", one=one, other=other) if one else other, reasons, "")


def coded(why: str) -> dict[str, Any] | None:
    """Code and parameters; None: somebody's own words."""
    if not isinstance(why, Reason):
        return None
    return {"code": why.code, "params": {name: _param(value) for name, value in why.params.items()}}


def _param(value: Param) -> Any:
    return value if isinstance(value, int) else coded(value) or str(value)


def written(why: str) -> str:
    """`coded` as the store has it, beside the text; "": somebody's own words."""
    told = coded(why)
    return json.dumps(told, ensure_ascii=False) if told else ""


def reread(why: str, told: str) -> str:
    """What was `written`, with the text that was beside it, which stays where its code is no more."""
    return _again(json.loads(told), why) if told else why


def _again(told: dict[str, Any], why: str = "") -> str:
    if told["code"] not in TEXTS:
        return why
    params = {name: _again(one) if isinstance(one, dict) else one for name, one in told["params"].items()}
    return because(told["code"], **params)
