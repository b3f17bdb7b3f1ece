"""Messages of VDA 5050 as bytes and as dataclasses, in the version that a vehicle speaks.

    order = decode(Topic.ORDER, data)                 # in the version that its header names
    encode(order, Version.V3_0)                       # the same order in another version's words

One model serves all versions. It has the names of 2.1; 3.0 renamed many, and the members below it alone, or
2 alone, has. What a version cannot say is refused when it is encoded (Unsayable), never left out.

    2.1                                   3.0
    agvPosition                           mobileRobotPosition (positionInitialized: localized)
    batteryState                          powerSupply (batteryCharge: stateOfCharge; reach: range)
    safetyState.eStop                     safetyState.activeEmergencyStop; AUTOACK is gone
    …Description of nodes, edges, maps,   …Descriptor
      actions and information
    resultDescription                     actionResult
    maxSpeed, maxRotationSpeed            maximumSpeed, maximumRotationSpeed
    maxHeight, minHeight                  maximumMobileRobotHeight, minimumLoadHandlingDeviceHeight
    allowedDeviationXY, a radius          an ellipse {a, b, theta} (2.0's schema: allowedDeviationXy)
    corridorRefPoint, KINEMATICCENTER     corridorReferencePoint, KINEMATIC_CENTER
    TEACHIN, CONNECTIONBROKEN             TEACH_IN, CONNECTION_BROKEN
    initPosition                          initializePosition
    factsheet: agv…, …Max, …Min           mobileRobot…, maximum…, minimum…
    only in 2: zoneSetId, rotationAllowed, mapDescription of positions, enumLen
    only in 3: zoneSets, requests, paths, instantActionStates, retriable, SINGLE, RETRIABLE, URGENT, CRITICAL
    since 2.1: maps, corridor, errorHint, blockingTypes, vehicleConfig
"""

from typing import Any

from devices.codecs.vda5050.action import InstantActions
from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.json_text import parse, write
from devices.codecs.vda5050.order import Order
from devices.codecs.vda5050.presence import Connection, Visualization
from devices.codecs.vda5050.shape import shape
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import SINCE_3, Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.zones import Responses, ZoneSet

Message = Order | InstantActions | State | Visualization | Connection | Factsheet | ZoneSet | Responses
_SMALL = 64 * 1024
_LARGE = 1024 * 1024
_KINDS: dict[Topic, tuple[type[Any], int]] = {
    Topic.ORDER: (Order, _LARGE),
    Topic.INSTANT_ACTIONS: (InstantActions, _LARGE),
    Topic.STATE: (State, _LARGE),
    Topic.VISUALIZATION: (Visualization, _LARGE),
    Topic.CONNECTION: (Connection, _SMALL),
    Topic.FACTSHEET: (Factsheet, _LARGE),
    Topic.ZONE_SET: (ZoneSet, _LARGE),
    Topic.RESPONSES: (Responses, _LARGE),
}
"""What each topic carries, and its most bytes."""


def kind_of(topic: Topic) -> type[Any]:
    """The dataclass of this topic."""
    return _KINDS[topic][0]


def topic_of(message: Message) -> Topic:
    """The topic that it goes to."""
    return next(topic for topic, (kind, _) in _KINDS.items() if isinstance(message, kind))


def decode(topic: Topic, data: bytes, version: Version | None = None) -> Message:
    """The message of this topic. Raises TooLarge, NotJson, BadField."""
    kind, limit = _KINDS[topic]
    content = parse(data, limit)
    spoken = version or _version_in(content)
    if topic in SINCE_3 and spoken.major < 3:
        raise BadField(f"expected a version of 3 for the topic {topic.value}, got {spoken}", "version")
    return shape(kind, spoken).read(content)


def encode(message: Message, version: Version | None = None) -> bytes:
    """The message in this version, or in that of its header. Raises Unsayable, BadField for that header's."""
    topic = topic_of(message)
    spoken = version or Version.of(message.header.version)
    if topic in SINCE_3 and spoken.major < 3:
        raise Unsayable(f"version {spoken} has no topic {topic.value}")
    data = write(shape(type(message), spoken).write(message) | {"version": spoken.value})
    limit = _KINDS[topic][1]
    if len(data) > limit:
        raise Unsayable(f"expected at most {limit} bytes for the topic {topic.value}, got {len(data)}")
    return data


def _version_in(content: dict[str, object]) -> Version:
    named = content.get("version")
    if not isinstance(named, str):
        raise BadField("expected the version as a string, got nothing or something else", "version")
    try:
        return Version.of(named)
    except BadField as bad:
        raise bad.under("version") from None
