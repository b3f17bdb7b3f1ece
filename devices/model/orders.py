"""What people may ask of a gateway from afar: commands, and settings of its configuration.

Both sides look here: the controller before it signs, the gateway before it obeys. Everything else, its
devices too, is in the gateway's own file.
"""

from collections.abc import Mapping
from types import MappingProxyType

from devices.errors import BadOrder

Arguments = Mapping[str, str | int]

REBIRTH, IDENTIFY, SET_LOG_LEVEL = "rebirth", "identify", "set-log-level"
LOG_LEVEL, JOURNAL_QUOTA_MB, DSCP = "log-level", "journal-quota-mb", "dscp-"
"""Names of settings; DSCP is followed by the name of a lane."""

LEVELS = ("debug", "info", "warning", "error")

_Bounds = range | tuple[str, ...]

COMMANDS: Mapping[str, Mapping[str, _Bounds]] = MappingProxyType(
    {
        REBIRTH: {},
        IDENTIFY: {},
        SET_LOG_LEVEL: {"level": LEVELS},
    }
)
"""The arguments that each command needs."""

TIMELESS = frozenset({REBIRTH, IDENTIFY})
"""Commands that change nothing: a gateway that does not know the time, and so not whether they have expired,
may do them."""

SETTINGS: Mapping[str, _Bounds] = MappingProxyType(
    {
        **{f"{DSCP}{lane}": range(64) for lane in ("alert", "vital", "wave", "bulk")},
        JOURNAL_QUOTA_MB: range(16, 1_000_001),
        LOG_LEVEL: LEVELS,
    }
)
"""The DSCP (RFC 2474) of each lane's packets; the journal's disk space in units of 10^6 bytes; how much the
log says."""


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
    _check(settings, SETTINGS, "settings")


def _check(given: Arguments, known: Mapping[str, _Bounds], what: str) -> None:
    for name, value in given.items():
        if name not in known:
            raise BadOrder(
                what, f"expected only {', '.join(known) or 'nothing'}, got {name!r:.60}: take it out"
            )
        bounds = known[name]
        if type(value) not in (int, str) or value not in bounds:
            wanted = f"{bounds[0]} to {bounds[-1]}" if isinstance(bounds, range) else ", ".join(bounds)
            raise BadOrder(what, f"{name}: expected {wanted}, got {value!r:.60}")
