"""Traffic lights ahead of a vehicle, and what the city answered: as the hospital says it to the crew.

The statuses are those of SAE J2735 (PrioritizationResponseStatus), and `asked`: no answer yet.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from devices.errors import BadCrew

STATUSES = (
    *("asked", "unknown", "requested", "processing", "watchOtherTraffic"),
    *("granted", "rejected", "maxPresence", "reserviceLocked"),
)
MOST, LONGEST = 3, 60
"""Lights that are told, the nearest first, and characters of a name."""
HOLDS_S = 45
"""What was told longer ago says nothing of the lights ahead any more."""


class Light(NamedTuple):
    """One: the name of its approach, and its status."""

    name: str
    status: str


def spoken(lights: Iterable[Light]) -> str:
    """As a command carries them."""
    return json.dumps([[one.name[:LONGEST], one.status] for one in lights][:MOST], ensure_ascii=False)


def heard(text: str) -> list[Light]:
    """What `spoken` made. Raises BadCrew."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadCrew(f"lights: expected JSON, got {text!r:.60}") from error
    match found:
        case [*items] if len(items) <= MOST and all(map(_is_light, items)):
            return [Light(*one) for one in items]
        case _:
            raise BadCrew(f"lights: expected at most {MOST} pairs of name and status, got {text!r:.80}")


def _is_light(one: object) -> bool:
    match one:
        case [str(name), str(status)]:
            return len(name) <= LONGEST and status in STATUSES
        case _:
            return False
