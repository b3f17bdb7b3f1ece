"""MQTT topics of VDA 5050: interface/version/manufacturer/serial/topic.

    Address("uagv", 2, "Acme", "AGV-1").topic(Topic.ORDER)     # uagv/v2/Acme/AGV-1/order
    parse("uagv/v2/Acme/AGV-1/state")                          # (Address(…), Topic.STATE)

Source: VDA 5050 2.1.0, 6.2 and 6.3; 3.0.0, 4.1 to 4.3 (there the interface's name is a suggestion: vda5050).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from devices.codecs.vda5050.errors import BadTopic
from devices.codecs.vda5050.version import V3, Version

_LEVEL = re.compile(r"[^/+#$\x00-\x1f\x7f]{1,256}")
_SERIAL = re.compile(r"[A-Za-z0-9_.:-]{1,256}")
_MAJORS = frozenset(version.major for version in Version)


class Topic(StrEnum):
    """The last level of a topic, which says what is spoken of."""

    ORDER = "order"
    INSTANT_ACTIONS = "instantActions"
    STATE = "state"
    VISUALIZATION = "visualization"
    CONNECTION = "connection"
    FACTSHEET = "factsheet"
    ZONE_SET = "zoneSet"
    RESPONSES = "responses"


FROM_MASTER = frozenset({Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.ZONE_SET, Topic.RESPONSES})
"""What the master publishes; a vehicle publishes the others."""
SINCE_3 = frozenset({Topic.ZONE_SET, Topic.RESPONSES})
RETAINED = frozenset({Topic.CONNECTION, Topic.FACTSHEET})
"""Published with MQTT's retain flag (the factsheet by 3.0; harmless before)."""


def quality_of_service(topic: Topic) -> int:
    """MQTT's QoS: 1 for the connection, which is a last will, and 0 for the others."""
    return 1 if topic is Topic.CONNECTION else 0


@dataclass(frozen=True, slots=True)
class Address:
    """Which vehicle, over which interface. Raises BadTopic for characters that may not be there."""

    interface: str
    major: int
    manufacturer: str
    serial_number: str

    def __post_init__(self) -> None:
        for name, level in (("interface", self.interface), ("manufacturer", self.manufacturer)):
            if not _LEVEL.fullmatch(level):
                raise BadTopic(f"expected the {name} without / + # $ and controls, got {level[:80]!r}")
        if not _SERIAL.fullmatch(self.serial_number):
            raise BadTopic(
                f"expected a serial number of A-Z a-z 0-9 _ . : -, got {self.serial_number[:80]!r}"
            )
        if self.major not in _MAJORS:
            raise BadTopic(f"expected version v2 or v3, got v{self.major}: set another one on the vehicle")

    def topic(self, topic: Topic) -> str:
        """The whole topic. Raises BadTopic for one that this version does not have."""
        _has(self.major, topic)
        return f"{self.interface}/v{self.major}/{self.manufacturer}/{self.serial_number}/{topic.value}"


def parse(text: str) -> tuple[Address, Topic]:
    """Whose topic it is and which. Raises BadTopic."""
    levels = text.split("/")
    version = re.fullmatch(r"v(\d{1,3})", levels[1]) if len(levels) == 5 else None
    if not version:
        raise BadTopic(f"expected interface/v2/manufacturer/serial/topic, got {text[:200]!r}")
    interface, _, manufacturer, serial_number, last = levels
    if last not in set(Topic):
        raise BadTopic(f"expected one of {', '.join(Topic)} as last level, got {last[:80]!r}")
    address = Address(interface, int(version[1]), manufacturer, serial_number)
    _has(address.major, Topic(last))
    return address, Topic(last)


def subscription(interface: str, major: int, topic: Topic) -> str:
    """The filter that hears this topic of every vehicle."""
    _has(major, topic)
    return f"{interface}/v{major}/+/+/{topic.value}"


def _has(major: int, topic: Topic) -> None:
    if topic in SINCE_3 and major not in {version.major for version in V3}:
        raise BadTopic(f"expected version v3 for the topic {topic.value}, got v{major}")
