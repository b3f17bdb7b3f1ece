"""What people may ask of a gateway from afar: commands, and settings of its configuration.

Both sides look here: the controller before it signs, the gateway before it obeys. Everything else is in the
gateway's own file; devices may be there, and in the settings (`devices.model.served`).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from devices.errors import BadOrder
from devices.model.identity import NAME_PATTERN
from devices.model.served import is_served, served

Arguments = Mapping[str, str | int]

REBIRTH, IDENTIFY, SET_LOG_LEVEL = "rebirth", "identify", "set-log-level"
DISCOVER, FORGET, ACKNOWLEDGE = "discover", "forget", "acknowledge"
LOG_LEVEL, JOURNAL_QUOTA_MB, DSCP = "log-level", "journal-quota-mb", "dscp-"
SOFTWARE_RELEASE = "software-release"
"""Names of settings; DSCP is followed by the name of a lane."""

LEVELS = ("debug", "info", "warning", "error")

_Bounds = range | tuple[str, ...] | re.Pattern[str]

_DEVICE = re.compile(NAME_PATTERN)
_ADDRESS = re.compile(r"|[0-9A-F]{2}(:[0-9A-F]{2}){5}")

COMMANDS: Mapping[str, Mapping[str, _Bounds]] = MappingProxyType(
    {
        REBIRTH: {},
        IDENTIFY: {},
        SET_LOG_LEVEL: {"level": LEVELS},
        DISCOVER: {"seconds": range(1, 61)},
        FORGET: {"device": _DEVICE, "address": _ADDRESS},
        ACKNOWLEDGE: {"alarm": range(1, 2**31)},
    }
)
"""The arguments that each command needs. DISCOVER: listen for so long which Bluetooth devices are in reach;
FORGET: serve the device no more, and wipe its bond (`address`, Bluetooth, empty where it has none) and what
is remembered of it; ACKNOWLEDGE: somebody has seen the alarm of this number."""

TIMELESS = frozenset({REBIRTH, IDENTIFY, ACKNOWLEDGE})
"""Commands that harm nobody however late they come: a gateway that does not know the time, and so not whether
they have expired, may do them. An alarm's number does not come again."""

SETTINGS: Mapping[str, _Bounds] = MappingProxyType(
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
    others = {name: value for name, value in settings.items() if not is_served(name)}
    _check(others, SETTINGS, "settings")


def _check(given: Arguments, known: Mapping[str, _Bounds], what: str) -> None:
    for name, value in given.items():
        if name not in known:
            raise BadOrder(
                what, f"expected only {', '.join(known) or 'nothing'}, got {name!r:.60}: take it out"
            )
        if not _is_within(value, known[name]):
            raise BadOrder(what, f"{name}: expected {_spelled(known[name])}, got {value!r:.60}")


def _is_within(value: object, bounds: _Bounds) -> bool:
    if isinstance(bounds, re.Pattern):
        return isinstance(value, str) and bounds.fullmatch(value) is not None
    return type(value) in (int, str) and value in bounds


def _spelled(bounds: _Bounds) -> str:
    match bounds:
        case range():
            return f"{bounds[0]} to {bounds[-1]}"
        case re.Pattern():
            return f"a text like {bounds.pattern}"
        case _:
            return ", ".join(bounds)
