"""Who lies in which bed of a ward, as a configuration from afar tells it to the gateway there.

    lying({"bed.bed-1": '{"stay": "01…ef", "class": "child", "limits": {"hr-high": ["170", "kim"]}}'})
    # (Lying("bed-1", "01…ef", "child", {"hr-high": ("170", "kim")}),)
    placed({"at.ox-2": "bed-1"})
    # {"ox-2": "bed-1"}: a person put it there, whatever the gateway's file says

The whole of it, each time: a bed without a setting is empty. A stay is a key that does not come again;
nobody's name or number is in it. Whether a limit may be so the gateway judges; here is only whether it can
be read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.errors import BadOrder
from devices.model.alarm_limits import PatientClass
from devices.model.identity import NAME_PATTERN

BED, AT = "bed.", "at."
"""How the settings begin: who lies in a bed, where a device is."""
MOST_BY = 100
"""Characters of the name of who moved a limit."""

_NAME = re.compile(NAME_PATTERN)
_STAY = re.compile(r"[0-9a-f]{16}")
_VALUE = re.compile(r"[0-9]{1,3}(\.[0-9])?")


@dataclass(frozen=True, slots=True)
class Lying:
    """One patient's stay in `bed`."""

    bed: str
    stay: str
    patient: str = ""
    """The class of the patient; "": that of the bed, which the gateway knows."""
    limits: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By the code of the condition: the value in the unit of its metric, and who moved it there."""

    @property
    def name(self) -> str:
        """Of its setting."""
        return BED + self.bed

    @property
    def text(self) -> str:
        """The setting's value: the same for the same."""
        limits = {code: list(one) for code, one in sorted(self.limits.items())}
        return json.dumps({"stay": self.stay, "class": self.patient, "limits": limits}, ensure_ascii=False)


def is_lying(name: str) -> bool:
    """Whether the setting called `name` is one of these: the ward's, and no engineer's."""
    return name.startswith((BED, AT))


def lying(settings: Mapping[str, object]) -> tuple[Lying, ...]:
    """Who lies where, in the order of `settings`. Raises BadOrder."""
    return tuple(_read(name, value) for name, value in settings.items() if name.startswith(BED))


def placed(settings: Mapping[str, object]) -> dict[str, str]:
    """By device: the bed where a person put it, "" for none. Raises BadOrder."""
    return {_named(name, AT): _bed(name, value) for name, value in settings.items() if name.startswith(AT)}


def without_lying(settings: Mapping[str, str | int]) -> dict[str, str | int]:
    """Those of `settings` that an engineer sets."""
    return {name: value for name, value in settings.items() if not is_lying(name)}


def _read(name: str, value: object) -> Lying:
    bed = _named(name, BED)
    try:
        told: Any = json.loads(value if isinstance(value, str) else "")
        stay, patient, limits = told["stay"], told["class"], told["limits"]
        moved = {code: (moved, by) for code, (moved, by) in limits.items()}
        is_good = _STAY.fullmatch(stay) and patient in ("", *PatientClass)
        is_good = is_good and all(_NAME.fullmatch(code) for code in moved)
        is_good = is_good and all(_is_moved(*one) for one in moved.values())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        is_good = False
        stay, patient, moved = "", "", dict[str, tuple[str, str]]()
    if not is_good:
        expected = "expected JSON with stay, class, and limits by code, each a value and a name"
        raise BadOrder("settings", f"{name}: {expected}, got {value!r:.60}")
    return Lying(bed, stay, patient, moved)


def _is_moved(value: Any, by: Any) -> bool:
    return _VALUE.fullmatch(value) is not None and isinstance(by, str) and len(by) <= MOST_BY


def _named(name: str, prefix: str) -> str:
    named = name.removeprefix(prefix)
    if not _NAME.fullmatch(named):
        raise BadOrder("settings", f"{name!r:.60}: expected a name after {prefix}")
    return named


def _bed(name: str, value: object) -> str:
    if not isinstance(value, str) or (value and not _NAME.fullmatch(value)):
        raise BadOrder("settings", f"{name}: expected a bed, or nothing, got {value!r:.60}")
    return value
