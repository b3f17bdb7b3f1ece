"""The enumerations of VDA 5050. A member's value is the word of version 2; `spelled` gives another version's.

Source: VDA 5050 2.1.0, 6.6 to 6.15; 3.0.0, 7.3 to 7.10.
"""

from enum import StrEnum
from functools import cache

from devices.codecs.vda5050.version import Version


class BlockingType(StrEnum):
    """What else may happen beside an action: SOFT and HARD forbid driving, SINGLE and HARD other actions."""

    NONE = "NONE"
    SOFT = "SOFT"
    SINGLE = "SINGLE"
    HARD = "HARD"


class ActionStatus(StrEnum):
    """How far an action is. The transitions: `actions.py`."""

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RETRIABLE = "RETRIABLE"
    FINISHED = "FINISHED"
    FAILED = "FAILED"


class OperatingMode(StrEnum):
    """Who is in control of the vehicle."""

    STARTUP = "STARTUP"
    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    INTERVENED = "INTERVENED"
    MANUAL = "MANUAL"
    SERVICE = "SERVICE"
    TEACHIN = "TEACHIN"


class ErrorLevel(StrEnum):
    """How bad it is: from FATAL a vehicle recovers only by a human's hand."""

    WARNING = "WARNING"
    URGENT = "URGENT"
    CRITICAL = "CRITICAL"
    FATAL = "FATAL"


class InfoLevel(StrEnum):
    """What an information is for."""

    INFO = "INFO"
    DEBUG = "DEBUG"


class EStop(StrEnum):
    """How an emergency stop is acknowledged; NONE: there is none."""

    AUTOACK = "AUTOACK"
    MANUAL = "MANUAL"
    REMOTE = "REMOTE"
    NONE = "NONE"


class ConnectionState(StrEnum):
    """Whether a vehicle is at the broker. CONNECTIONBROKEN is the last will."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    HIBERNATING = "HIBERNATING"
    CONNECTIONBROKEN = "CONNECTIONBROKEN"


class Enabled(StrEnum):
    """Whether a map or a set of zones is in use (mapStatus, zoneSetStatus)."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class OrientationType(StrEnum):
    """What an edge's orientation is relative to."""

    GLOBAL = "GLOBAL"
    TANGENTIAL = "TANGENTIAL"


class CorridorRefPoint(StrEnum):
    """What of the vehicle stays in a corridor."""

    KINEMATICCENTER = "KINEMATICCENTER"
    CONTOUR = "CONTOUR"


class CorridorLoss(StrEnum):
    """What a vehicle in a corridor does when its release ends."""

    STOP = "STOP"
    RETURN = "RETURN"


class ZoneLoss(StrEnum):
    """What a vehicle in a zone does when its release ends."""

    STOP = "STOP"
    CONTINUE = "CONTINUE"
    EVACUATE = "EVACUATE"


class ZoneRequestType(StrEnum):
    """What a vehicle asks leave for in a zone."""

    ACCESS = "ACCESS"
    REPLANNING = "REPLANNING"


class EdgeRequestType(StrEnum):
    """What a vehicle asks leave for on an edge."""

    CORRIDOR = "CORRIDOR"


class RequestStatus(StrEnum):
    """How far a request is."""

    REQUESTED = "REQUESTED"
    QUEUED = "QUEUED"
    GRANTED = "GRANTED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class GrantType(StrEnum):
    """What the master answers to a request."""

    GRANTED = "GRANTED"
    QUEUED = "QUEUED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"


class ZoneType(StrEnum):
    """What a zone demands of a vehicle."""

    BLOCKED = "BLOCKED"
    LINE_GUIDED = "LINE_GUIDED"
    RELEASE = "RELEASE"
    COORDINATED_REPLANNING = "COORDINATED_REPLANNING"
    SPEED_LIMIT = "SPEED_LIMIT"
    ACTION = "ACTION"
    PRIORITY = "PRIORITY"
    PENALTY = "PENALTY"
    DIRECTED = "DIRECTED"
    BIDIRECTED = "BIDIRECTED"


class BidirectedLimitation(StrEnum):
    """How far a vehicle may leave a zone's two directions."""

    SOFT = "SOFT"
    RESTRICTED = "RESTRICTED"


class DirectedLimitation(StrEnum):
    """How far a vehicle may leave a zone's direction."""

    SOFT = "SOFT"
    RESTRICTED = "RESTRICTED"
    STRICT = "STRICT"


class Support(StrEnum):
    """How a vehicle stands to an optional parameter."""

    SUPPORTED = "SUPPORTED"
    REQUIRED = "REQUIRED"


class ActionScope(StrEnum):
    """Where an action may be asked for."""

    INSTANT = "INSTANT"
    NODE = "NODE"
    EDGE = "EDGE"
    ZONE = "ZONE"


class ValueDataType(StrEnum):
    """The type of an action's parameter."""

    BOOL = "BOOL"
    NUMBER = "NUMBER"
    INTEGER = "INTEGER"
    FLOAT = "FLOAT"
    STRING = "STRING"
    OBJECT = "OBJECT"
    ARRAY = "ARRAY"


_ONLY_3: dict[type[StrEnum], frozenset[str]] = {
    BlockingType: frozenset({"SINGLE"}),
    ActionStatus: frozenset({"RETRIABLE"}),
    OperatingMode: frozenset({"STARTUP", "INTERVENED"}),
    ErrorLevel: frozenset({"URGENT", "CRITICAL"}),
    ConnectionState: frozenset({"HIBERNATING"}),
    ActionScope: frozenset({"ZONE"}),
}
_ONLY_2: dict[type[StrEnum], frozenset[str]] = {
    EStop: frozenset({"AUTOACK"}),
    ValueDataType: frozenset({"FLOAT"}),
}
_IN_3: dict[type[StrEnum], dict[str, str]] = {
    OperatingMode: {"TEACHIN": "TEACH_IN"},
    ConnectionState: {"CONNECTIONBROKEN": "CONNECTION_BROKEN"},
    CorridorRefPoint: {"KINEMATICCENTER": "KINEMATIC_CENTER"},
}


@cache
def spelled(kind: type[StrEnum], version: Version) -> dict[StrEnum, str]:
    """The words of one enumeration in one version; a member that it does not have is not there."""
    missing = (_ONLY_3 if version.major == 2 else _ONLY_2).get(kind, frozenset())
    renamed = {} if version.major == 2 else _IN_3.get(kind, {})
    return {member: renamed.get(member.value, member.value) for member in kind if member.value not in missing}
