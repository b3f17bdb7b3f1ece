"""What people may ask of a gateway from afar: commands, and settings of its configuration.

Both sides look here: the controller before it signs, the gateway before it obeys. Everything else is in the
gateway's own file; devices may be there, and in the settings (`devices.model.served`). Who lies in a ward's
beds is in the settings, too (`devices.model.lying`): the controller sets that by itself.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from devices.errors import BadOrder
from devices.model.bounds import Bounds, is_within, spelled
from devices.model.identity import NAME_PATTERN
from devices.model.lying import is_lying, lying, placed
from devices.model.served import is_served, served

Arguments = Mapping[str, str | int]

REBIRTH, IDENTIFY, SET_LOG_LEVEL = "rebirth", "identify", "set-log-level"
DISCOVER, FORGET, ACKNOWLEDGE = "discover", "forget", "acknowledge"
INSTRUCT, ANSWER, WATCHED = "instruct", "answer", "watched"
HANDED_OVER, CORRIDOR = "handed-over", "corridor"
PICTURE = "picture"
SET_LIMIT = "set-limit"
LOOK_AT_QUALITY = "look-at-quality"
UPDATE_NODE = "update-node"
ROBOT_ORDER = "robot-order"
LOG_LEVEL, JOURNAL_QUOTA_MB, DSCP = "log-level", "journal-quota-mb", "dscp-"
SOFTWARE_RELEASE = "software-release"
"""Names of settings; DSCP is followed by the name of a lane."""

LEVELS = ("debug", "info", "warning", "error")

_DEVICE = re.compile(NAME_PATTERN)
_ADDRESS = re.compile(r"|[0-9A-F]{2}(:[0-9A-F]{2}){5}")
_ID = re.compile(r"[0-9a-f]{16}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STAY = re.compile(r"|[0-9a-f]{16}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LIMIT = re.compile(r"|[0-9]{1,3}(\.[0-9])?")
PICTURE_STATES = ("received", "archived", "refused")
_WORDS = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]{0,500}")
ROBOT_TOPICS = ("order", "instantActions")
MOST_JSON = 60_000
"""Characters of what is asked of a robot at once."""
_JSON = re.compile(rf"[^\x00-\x1f\x7f]{{2,{MOST_JSON}}}")

COMMANDS: Mapping[str, Mapping[str, Bounds]] = MappingProxyType(
    {
        REBIRTH: {},
        IDENTIFY: {},
        SET_LOG_LEVEL: {"level": LEVELS},
        DISCOVER: {"seconds": range(1, 61)},
        FORGET: {"device": _DEVICE, "address": _ADDRESS},
        UPDATE_NODE: {"device": _DEVICE, "version": range(1, 2**31), "digest": _DIGEST},
        ACKNOWLEDGE: {"alarm": range(1, 2**31)},
        SET_LIMIT: {"bed": _DEVICE, "stay": _ID, "code": _DEVICE, "value": _LIMIT, "by": _WORDS},
        INSTRUCT: {"vehicle": _DEVICE, "stay": _STAY, "id": _ID, "text": _WORDS, "by": _WORDS},
        ANSWER: {"vehicle": _DEVICE, "id": _ID, "text": _WORDS, "by": _WORDS},
        WATCHED: {"vehicle": _DEVICE, "by": _WORDS},
        HANDED_OVER: {"vehicle": _DEVICE, "stay": _ID, "to": _WORDS, "by": _WORDS},
        CORRIDOR: {"vehicle": _DEVICE, "lights": _WORDS},
        PICTURE: {"vehicle": _DEVICE, "stay": _ID, "digest": _DIGEST, "state": PICTURE_STATES, "why": _WORDS},
        LOOK_AT_QUALITY: {"session": _UUID},
        ROBOT_ORDER: {"vehicle": _DEVICE, "topic": ROBOT_TOPICS, "json": _JSON},
    }
)
"""The arguments that each command needs. DISCOVER: listen for so long which Bluetooth devices are in reach;
FORGET: serve the device no more, and wipe its bond (`address`, Bluetooth, empty where it has none) and what
is remembered of it; UPDATE_NODE: fetch the image of this SHA-256 from the controller, and have the node run
it once it measures no patient; ACKNOWLEDGE: somebody has seen the alarm of this number;
SET_LIMIT: for the patient of this `stay`, and no other, an alarm begins beyond `value` (empty: the limit of
the patient's class). For the crew of a vehicle:
INSTRUCT: show what a physician asks for, until it is acknowledged, if the patient of this `stay` (empty:
whoever is on board) is still there; ANSWER: the hospital knows of the crew's
request of this `id`; WATCHED: these people look on from now on, with commas (empty: nobody);
HANDED_OVER: the patient of this `stay` is at `to` now, where `by` has taken them over;
PICTURE: how far the picture of this digest has come, of the patient of this `stay`: once it is received, the
box need not keep its bytes;
CORRIDOR: what a city says of the traffic lights ahead (`devices.model.lights`): it deceives once it is old,
so a box that does not know the time takes none of it.
LOOK_AT_QUALITY: the mobile network's operator says that this session has another state: ask it which.
ROBOT_ORDER: publish this message of VDA 5050, byte for byte in UTF-8, to the robot that is this device; done
once the broker, or the robot's base, has it: what the robot makes of it, its next state tells."""

OF_CLINICIANS = frozenset({ACKNOWLEDGE, SET_LIMIT, INSTRUCT, ANSWER, WATCHED, HANDED_OVER, PICTURE})
"""Commands that are about a patient: no engineer gives them."""
OF_NETWORK = frozenset({LOOK_AT_QUALITY, CORRIDOR})
"""Commands that come of what a mobile network or a city says: no person gives them."""
OF_ROBOTS = frozenset({ROBOT_ORDER})
"""Commands that whoever manages the traffic of robots gives: no person does, past that."""

TIMELESS = frozenset({REBIRTH, IDENTIFY, ACKNOWLEDGE, ANSWER, HANDED_OVER, PICTURE, LOOK_AT_QUALITY})
"""Commands that harm nobody however late they come: a gateway that does not know the time, and so not whether
they have expired, may do them. The number of an alarm, a request or a stay does not come again; nor does a
picture go back to where it was."""

SETTINGS: Mapping[str, Bounds] = MappingProxyType(
    {
        **{f"{DSCP}{lane}": range(64) for lane in ("alert", "vital", "wave", "bulk")},
        JOURNAL_QUOTA_MB: range(16, 1_000_001),
        LOG_LEVEL: LEVELS,
        SOFTWARE_RELEASE: range(1, 1_000_001),
    }
)
"""The DSCP (RFC 2474) of each lane's packets; the journal's disk space in units of 10^6 bytes; how much the
log says; the release of its own software that the gateway is to run."""


def check_command(name: str, arguments: Arguments) -> None:
    """Raises BadOrder."""
    if name not in COMMANDS:
        raise BadOrder("unknown", f"expected one of {', '.join(COMMANDS)}, got {name!r:.60}")
    wanted = COMMANDS[name]
    if missing := wanted.keys() - arguments.keys():
        raise BadOrder("arguments", f"{name}: expected {', '.join(sorted(missing))}, it is missing: add it")
    _check(arguments, wanted, "arguments")


def check_settings(settings: Arguments) -> None:
    """Raises BadOrder."""
    served(settings)
    lying(settings)
    placed(settings)
    own = {name: value for name, value in settings.items() if not is_served(name)}
    others = {name: value for name, value in own.items() if not is_lying(name)}
    _check(others, SETTINGS, "settings")


def _check(given: Arguments, known: Mapping[str, Bounds], what: str) -> None:
    for name, value in given.items():
        if name not in known:
            raise BadOrder(
                what, f"expected only {', '.join(known) or 'nothing'}, got {name!r:.60}: take it out"
            )
        if not is_within(value, known[name]):
            raise BadOrder(what, f"{name}: expected {spelled(known[name])}, got {value!r:.60}")
