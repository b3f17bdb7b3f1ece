"""Devices that a configuration from afar adds to those of a gateway's own file.

    served({"device.ox-2": "nonin-3230 00:1C:05:FF:E8:74 bed-1"})
    # (Served("ox-2", "nonin-3230", "00:1C:05:FF:E8:74", "bed-1"),)

A setting for each, as a person can write and read it: the profile, the Bluetooth address or the serial port,
and the bed if it is known. Whether there is such a profile the gateway knows, which has the software.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from devices.errors import BadOrder
from devices.model.identity import NAME_PATTERN
from devices.model.lying import is_lying

PREFIX = "device."
MOST = 64
"""Devices of one gateway at the most."""

_NAME = re.compile(NAME_PATTERN)
_WHERE = re.compile(r"[\x21-\x7e]{1,200}")


class Served(NamedTuple):
    """A device, its profile, and where the gateway finds it; `bed` empty: not known."""

    id: str
    profile: str
    where: str
    bed: str = ""

    @property
    def name(self) -> str:
        """Of its setting."""
        return PREFIX + self.id

    @property
    def text(self) -> str:
        """The setting's value."""
        return " ".join(self[1:]).rstrip()


def is_served(name: str) -> bool:
    """Whether the setting called `name` is of a device."""
    return name.startswith(PREFIX)


def served(settings: Mapping[str, object]) -> tuple[Served, ...]:
    """The devices in `settings`, in their order. Raises BadOrder."""
    found = tuple(_read(name, value) for name, value in settings.items() if is_served(name))
    if len(found) > MOST:
        raise BadOrder("settings", f"expected at most {MOST} devices, got {len(found)}: use another gateway")
    _check_apart(found)
    return found


def carried(before: Mapping[str, str | int], settings: Mapping[str, str | int]) -> dict[str, str | int]:
    """`settings`, and of those `before` the devices that they do not name, and who lies where: who changes
    how a lane is marked does not mean to take a ward's devices or a patient's limits away."""
    kept = {name: value for name, value in before.items() if is_served(name) or is_lying(name)}
    return {**kept, **settings}


def _read(name: str, value: object) -> Served:
    device, words = name.removeprefix(PREFIX), value.split(" ") if isinstance(value, str) else []
    names = [device, *words[:1], *words[2:]]
    is_good = 2 <= len(words) <= 3 and all(map(_NAME.fullmatch, names)) and _WHERE.fullmatch(words[1])
    if not is_good:
        raise BadOrder("settings", f"{name}: expected PROFILE ADDRESS-OR-PORT [BED], got {value!r:.60}")
    return Served(device, *words)


def _check_apart(found: tuple[Served, ...]) -> None:
    """Two links to one port or device would take its bytes from each other."""
    seen: dict[str, str] = {}
    for one in found:
        other = seen.setdefault(one.where.upper(), one.id)
        if other != one.id:
            raise BadOrder("settings", f"{one.name}: {one.where} is that of {other}: keep one of them")
