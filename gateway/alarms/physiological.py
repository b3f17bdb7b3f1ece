"""Physiological alarms: a state machine for each device and condition, after IEC 60601-1-8. Pure.

                     holds, long enough
    quiet ───────────────────────────────────────────────▶ alarm ──nobody reacts for 2 min──▶ escalated
      ▲                                                      │ acknowledged: seen, and goes on
      │   over, and it does not latch, or it was seen        │
      └──────────────────────────────────────────────────────┤ over, latches, not seen
      └───────────────acknowledged──────────── latched ◀─────┘

A doubtful value (a flag of its device, or a pulse from the other sensor that says otherwise) never ends an
alarm and never hides one: it has to hold three times as long. What is missing ends nothing; a sensor that was
taken off does, for then the technical alarm speaks.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Alert, Instant, NoValue, Priority, Quality, Reading
from gateway.alarms.limits import BY_METRIC, CONDITIONS, Condition

Who = tuple[DeviceId, LocationId | None]
Raised = tuple[Who, Alert]
Limit = Callable[[Condition, LocationId | None], Decimal]
"""The limit of a condition for who lies there."""

ESCALATE_NS = 120_000_000_000
DOUBT = 3
"""So many times longer a doubtful value has to hold."""
LEAST_DOUBT_NS = 10_000_000_000
OTHER_NS = 5_000_000_000
"""So long a pulse from the other sensor counts against this one."""
GAP_NS = 30_000_000_000
"""After so long without a value beyond the limit, it begins to hold anew."""
_DOUBTFUL = (
    Quality.ARTIFACT
    | Quality.LOW_PERFUSION
    | Quality.OUT_OF_TRACK
    | Quality.SENSOR_ALARM
    | Quality.QUESTIONABLE
    | Quality.IMPLAUSIBLE
)
_NOBODYS = Quality.STORED | Quality.TEST_DATA
"""Of another time, or of no patient."""
_LEAST, _MOST = Decimal("-Infinity"), Decimal("Infinity")
_OFF = (NoValue.SENSOR_OFF, NoValue.NO_CONTACT)
_PULSES: Mapping[str, str] = {"hr": "pr_spo2", "pr_spo2": "hr"}
"""The heart's rate by electrodes and by the finger: what one says, the other may contradict."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One that is active: `number` is its name, at this gateway."""

    number: int
    device: str
    bed: str | None
    code: str
    priority: int
    value: str
    limit: str
    onset_ms: int
    """From the first value beyond the limit to the alarm, ms."""
    is_seen: bool = False
    """Somebody acknowledged it."""
    is_over: bool = False
    """The condition is over, and it is latched."""
    is_escalated: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Device and code: there is one at a time."""
        return self.device, self.code

    def alert(self, at: Instant, *, active: bool = True) -> Raised:
        """As it goes into the journal."""
        flags = {"seen": self.is_seen, "over": self.is_over, "escalated": self.is_escalated}
        detail: dict[str, str | int] = {
            "alarm": self.number,
            "value": self.value,
            "limit": self.limit,
            "onset-ms": self.onset_ms,
            **{name: 1 for name, is_so in flags.items() if is_so},
        }
        who = DeviceId(self.device), LocationId(self.bed) if self.bed else None
        return who, Alert(self.code, at, Priority(self.priority), active, detail)


class _Seen(NamedTuple):
    """A value, as it is judged."""

    who: Who
    metric: str
    value: Decimal
    at: Instant
    is_doubtful: bool


@dataclass(slots=True)
class Physiological:
    """All of one gateway. Each call gives what changed, for the journal's lane of alerts."""

    limit: Limit
    number: int
    """Of the last alarm. The first is random: numbers of another start do not come again."""
    _active: dict[tuple[str, str], Alarm] = field(default_factory=dict[tuple[str, str], Alarm])
    _since: dict[tuple[str, str], tuple[Instant, Instant]] = field(
        default_factory=dict[tuple[str, str], tuple[Instant, Instant]]
    )
    """Since when a condition holds that is no alarm yet, and when it was last seen to."""
    _began: dict[int, Instant] = field(default_factory=dict[int, Instant])
    """When an alarm began, in this boot."""
    _busy: set[str] = field(default_factory=set[str])
    """Devices of which an alarm is active, or a condition holds."""
    _bounds: dict[tuple[str | None, str], tuple[Decimal, Decimal]] = field(
        default_factory=dict[tuple[str | None, str], tuple[Decimal, Decimal]]
    )
    """By bed and metric: between them no condition holds."""
    _pulses: dict[tuple[str | None, str], tuple[Decimal, Instant]] = field(
        default_factory=dict[tuple[str | None, str], tuple[Decimal, Instant]]
    )

    def kept(self) -> list[dict[str, Any]]:
        """What has to outlive the process."""
        return [asdict(one) for one in self._active.values()]

    def restore(self, kept: Iterable[Mapping[str, Any]], now: Instant) -> list[Raised]:
        """Take up what an earlier start kept, and tell it again: the same alarms, not new ones.

        Raises TypeError for what is not of `kept`.
        """
        alarms = [Alarm(**one) for one in kept]
        known = [one for one in alarms if one.code in CONDITIONS]
        self._active = {one.key: one for one in known}
        self._busy = {one.device for one in known}
        self._began = {one.number: now for one in known}
        return [one.alert(now) for one in known]

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Those that are, in the order in which they began."""
        return tuple(self._active.values())

    def measured(self, who: Who, reading: Reading) -> list[Raised]:
        """A value, or that there is none."""
        conditions = BY_METRIC.get(reading.metric)
        # Nearly always nothing is said against a value, and the flags of an enumeration are slow.
        quality = reading.quality or None
        if conditions is None or (quality and quality & _NOBODYS):
            return []
        if reading.value is None:
            return self._none(who, conditions, reading)
        is_doubtful = bool(quality and quality & _DOUBTFUL)
        if not is_doubtful and reading.metric in _PULSES:
            self._pulses[who[1], reading.metric] = reading.value, reading.at
        if who[0] not in self._busy and self._is_calm(conditions, who[1], reading.metric, reading.value):
            return []
        seen = _Seen(who, reading.metric, reading.value, reading.at, is_doubtful)
        return [raised for one in conditions for raised in self._judge(one, seen)]

    def _is_calm(
        self, conditions: Iterable[Condition], bed: LocationId | None, metric: str, value: Decimal
    ) -> bool:
        """Whether the value is within all limits: nearly always, therefore looked at first."""
        bounds = self._bounds.get((bed, metric))
        if bounds is None:
            below = [self.limit(one, bed) for one in conditions if one.is_below]
            above = [self.limit(one, bed) for one in conditions if not one.is_below]
            bounds = max(below, default=_LEAST), min(above, default=_MOST)
            self._bounds[bed, metric] = bounds
        return bounds[0] <= value <= bounds[1]

    def _judge(self, one: Condition, seen: _Seen) -> list[Raised]:
        key, limit = (seen.who[0], one.code), self.limit(one, seen.who[1])
        if not one.holds(seen.value, limit):
            return [] if seen.is_doubtful else self._over(key, seen.at)
        alarm = self._active.get(key)
        if alarm is not None:
            return self._again(alarm, seen.at) if alarm.is_over and not seen.is_doubtful else []
        since = self._holding(key, seen.at)
        if seen.at - since < self._wait_ns(one, seen, limit):
            return []
        return [self._begin(one, seen, limit, since)]

    def _holding(self, key: tuple[str, str], at: Instant) -> Instant:
        """Since when the condition holds without a gap."""
        since, last = self._since.get(key, (at, at))
        self._since[key] = (since if at - last < GAP_NS else at), at
        self._busy.add(key[0])
        return self._since[key][0]

    def _wait_ns(self, one: Condition, seen: _Seen, limit: Decimal) -> int:
        if seen.is_doubtful or self._is_contradicted(one, seen, limit):
            return max(DOUBT * one.delay_ns, LEAST_DOUBT_NS)
        return one.delay_ns

    def _is_contradicted(self, one: Condition, seen: _Seen, limit: Decimal) -> bool:
        """Whether the other sensor of the same patient says now that all is well."""
        bed = seen.who[1]
        other = self._pulses.get((bed, _PULSES.get(seen.metric, "")))
        if bed is None or other is None or seen.at - other[1] >= OTHER_NS:
            return False
        return not one.holds(other[0], limit)

    def _begin(self, one: Condition, seen: _Seen, limit: Decimal, since: Instant) -> Raised:
        self.number += 1
        onset_ms = (seen.at - since) // 1_000_000
        what = one.code, int(one.priority), str(seen.value), str(limit), onset_ms
        alarm = Alarm(self.number, *seen.who, *what)
        self._since.pop(alarm.key, None)
        self._active[alarm.key] = alarm
        self._began[alarm.number] = seen.at
        return alarm.alert(seen.at)

    def _again(self, alarm: Alarm, at: Instant) -> list[Raised]:
        """A latched one holds again before anybody has seen it: it is the same alarm."""
        self._active[alarm.key] = again = replace(alarm, is_over=False)
        return [again.alert(at)]

    def _over(self, key: tuple[str, str], at: Instant) -> list[Raised]:
        self._since.pop(key, None)
        alarm = self._active.get(key)
        if alarm is None or alarm.is_over:
            self._settle(key[0])
            return []
        if CONDITIONS[alarm.code].latches and not alarm.is_seen:
            self._active[key] = latched = replace(alarm, is_over=True)
            return [latched.alert(at)]
        return [self._end(alarm, at)]

    def _end(self, alarm: Alarm, at: Instant) -> Raised:
        del self._active[alarm.key]
        self._began.pop(alarm.number, None)
        self._settle(alarm.device)
        return replace(alarm, is_over=True).alert(at, active=False)

    def _settle(self, device: str) -> None:
        """Of a device without an alarm, and with none beginning, only values beyond a limit are looked at."""
        if all(key[0] != device for keys in (self._active, self._since) for key in keys):
            self._busy.discard(device)

    def _none(self, who: Who, conditions: Iterable[Condition], reading: Reading) -> list[Raised]:
        if reading.reason not in _OFF:
            return []
        return [raised for one in conditions for raised in self._over((who[0], one.code), reading.at)]

    def acknowledge(self, number: int, at: Instant) -> list[Raised]:
        """Somebody has seen alarm `number`. Nothing if it is no more, or was seen."""
        alarm = next((one for one in self._active.values() if one.number == number), None)
        if alarm is None or alarm.is_seen:
            return []
        seen = replace(alarm, is_seen=True)
        if alarm.is_over:
            return [self._end(seen, at)]
        self._active[alarm.key] = seen
        return [seen.alert(at)]

    def gone(self, device: str, at: Instant) -> list[Raised]:
        """Nobody serves `device` any more: what it said last is no alarm for ever."""
        for key in [key for key in self._since if key[0] == device]:
            del self._since[key]
        return [self._end(one, at) for one in tuple(self._active.values()) if one.device == device]

    def tick(self, now: Instant) -> list[Raised]:
        """Time passes: what nobody has reacted to becomes more urgent."""
        late = [
            one
            for one in self._active.values()
            if not one.is_seen
            and one.priority < Priority.HIGH
            and now - self._began[one.number] >= ESCALATE_NS
        ]
        for one in late:
            priority = int(Priority.HIGH) if one.priority >= Priority.MEDIUM else int(Priority.MEDIUM)
            self._active[one.key] = replace(one, priority=priority, is_escalated=True)
            self._began[one.number] = now
        return [self._active[one.key].alert(now) for one in late]
