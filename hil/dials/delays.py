"""How long it takes from a dial to the ward board, and to an alarm there: each turn is waited for.

Measured from the moment in which simulators could read the dial to that in which the board's events, from
which its page draws, had told it. The device's own rhythm of sending is in it, and up to 0.05 s in which its
simulator looks for the dial; the browser's drawing is not. A turn is shown when the board has a value that
was measured after it and is what the dial says; a fault, when the board has what follows from it (`_SHOWN`).
What never comes is counted, too.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from hil.dials.board import BoardView
from hil.dials.panel import MEASURED
from hil.dials.turns import Turn

Json = dict[str, Any]
PATIENCE_S = 60.0
"""What has not come by then counts as not shown."""
_LAST = 50
_ENOUGH_FOR_P95 = 20
_COLUMNS = ("least", "median", "p95", "most")
ALARM = "alarm"
"""The kind of a delay to an alarm, beside the dials' names."""
_HALF = {"temperature": 0.06}
_SILENT = frozenset({"value-stale", "device-lost"})


@dataclass(slots=True)
class _Waiting:
    turn: Turn
    at_s: float
    at_ms: int
    """By the controller's clock."""
    alerts: frozenset[tuple[str, str | None, str]]
    """Those that there were before."""
    is_shown: bool = False
    is_alarmed: bool = False


@dataclass(slots=True)
class _Kind:
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_LAST))
    missed: int = 0


class Delays:
    """Measured by `now` (s of CLOCK_BOOTTIME); `bed_of` a device."""

    def __init__(self, now: Callable[[], float], bed_of: dict[str, str]) -> None:
        self._now = now
        self._bed_of = bed_of
        self._waiting: list[_Waiting] = []
        self._kinds: dict[str, _Kind] = {}
        self.last: deque[Json] = deque(maxlen=_LAST)
        """What was measured: `turn`, `kind`, `seconds` (None: not within PATIENCE_S), `code` of an alarm."""

    def turned(self, turn: Turn, at_s: float, board: BoardView) -> None:
        """Wait for it from now on, and no more for an earlier turn of the same dial, or for its alarm."""
        same = [one for one in self._waiting if one.turn.bed == turn.bed]
        for one in same:
            one.is_alarmed = True
            one.is_shown |= (one.turn.device, one.turn.dial) == (turn.device, turn.dial)
        is_shown = turn.value is None or not _is_visible(turn.dial)
        self._waiting.append(_Waiting(turn, at_s, board.now_ms, frozenset(board.alerts), is_shown))
        self._settle()

    def look(self, board: BoardView) -> None:
        """After each event of the board, and now and then."""
        now = self._now()
        for one in self._waiting:
            if not one.is_shown and _is_shown(one, board, self._bed_of):
                one.is_shown = True
                self._measured(one, one.turn.dial, now - one.at_s)
            if not one.is_alarmed and (code := self._new_alarm(one, board)):
                one.is_alarmed = True
                self._measured(one, ALARM, now - one.at_s, code)
            if now - one.at_s > PATIENCE_S:
                if not one.is_shown:
                    self._measured(one, one.turn.dial, None)
                one.is_shown = one.is_alarmed = True
        self._settle()

    def table(self) -> list[Json]:
        """By kind: how many, how many never, least, median, 95th percentile (of 20 or more), most, in s."""
        return [{"kind": kind, **_distribution(one)} for kind, one in sorted(self._kinds.items())]

    def _settle(self) -> None:
        self._waiting = [one for one in self._waiting if not (one.is_shown and one.is_alarmed)]

    def _new_alarm(self, one: _Waiting, board: BoardView) -> str | None:
        new = (key for key in board.alerts if key not in one.alerts)
        of_bed = (code for code, device, _ in new if self._bed_of.get(device or "") == one.turn.bed)
        return next(of_bed, None)

    def _measured(self, one: _Waiting, kind: str, seconds: float | None, code: str | None = None) -> None:
        held = self._kinds.setdefault(kind, _Kind())
        if seconds is None:
            held.missed += 1
        else:
            held.seconds.append(seconds)
        rounded = None if seconds is None else round(seconds, 3)
        self.last.append({"turn": one.turn.model_dump(), "kind": kind, "seconds": rounded, "code": code})


def lines(table: Sequence[Json]) -> Iterator[str]:
    """Of `Delays.table`, for a terminal."""
    for row in table:
        told = (f"{name} {row[name]:.2f} s" for name in _COLUMNS if row[name] is not None)
        missed = f", {row['missed']} not within {PATIENCE_S:.0f} s" if row["missed"] else ""
        yield f"  {row['kind']}: {row['count']} measured{missed}; {', '.join(told) or 'no figures'}"


def _distribution(kind: _Kind) -> Json:
    seconds = sorted(kind.seconds)
    least, most = (seconds[0], seconds[-1]) if seconds else (None, None)
    p95 = quantiles(seconds, n=20)[-1] if len(seconds) >= _ENOUGH_FOR_P95 else None
    middle = median(seconds) if seconds else None
    told = {"least": least, "median": middle, "p95": p95, "most": most}
    rounded = {name: None if one is None else round(one, 3) for name, one in told.items()}
    return {"count": len(seconds), "missed": kind.missed, **rounded}


def _is_visible(dial: str) -> bool:
    """Whether the board shows, beside alarms, what follows."""
    return dial in MEASURED or dial in _SHOWN


def _is_shown(one: _Waiting, board: BoardView, bed_of: dict[str, str]) -> bool:
    if one.turn.device is not None:
        return _SHOWN[one.turn.dial](one, board)
    wanted, near = float(one.turn.value or 0), _HALF.get(one.turn.dial, 0.51)
    return any(
        value["value"] is not None and abs(value["value"] - wanted) < near
        for value in _fresh(one, board)
        if bed_of.get(value["device"]) == one.turn.bed and value["metric"] in MEASURED[one.turn.dial]
    )


def _fresh(one: _Waiting, board: BoardView) -> Iterator[Json]:
    """Values that were measured after it was turned."""
    return (value for value in board.values.values() if value["at_ms"] >= one.at_ms)


def _linked(one: _Waiting, board: BoardView) -> bool:
    device = board.devices.get(one.turn.device or "", {})
    return device.get("connected") is (not one.turn.value)


def _valued(one: _Waiting, board: BoardView) -> bool:
    """No values while it is so, and values again."""
    of_device = (value for value in _fresh(one, board) if value["device"] == one.turn.device)
    return any((value["value"] is None) is bool(one.turn.value) for value in of_device)


def _silent(one: _Waiting, board: BoardView) -> bool:
    if not one.turn.value:
        return any(value["device"] == one.turn.device for value in _fresh(one, board))
    return any(code in _SILENT and device == one.turn.device for code, device, _ in board.alerts)


def _charged(one: _Waiting, board: BoardView) -> bool:
    return board.devices.get(one.turn.device or "", {}).get("battery_percent") == one.turn.value


_SHOWN: dict[str, Callable[[_Waiting, BoardView], bool]] = {
    "cut": _linked,
    "away": _linked,
    "sensor_off": _valued,
    "leak": _valued,
    "frozen": _silent,
    "battery": _charged,
}
"""By fault; motion only shakes waveforms."""
