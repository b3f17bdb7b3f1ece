"""Physiological alarms: a state machine for each device and condition, after IEC 60601-1-8. Pure.

                     holds, long enough
    quiet ───────────────────────────────────────────────▶ alarm ──nobody reacts for 2 min──▶ escalated
      ▲                                                      │ acknowledged: seen, and goes on
      │   over, and it does not latch, or it was seen        │
      └──────────────────────────────────────────────────────┤ over, latches, not seen
      │                                                      │ link lost, or the value stopped: nobody knows
      └───────────────acknowledged──────────── latched ◀─────┘

A doubtful value (a flag of its device, or a pulse from the other sensor that says otherwise) never ends an
alarm and never hides one: it has to hold three times as long. What is missing ends nothing; a sensor that was
taken off does, for then the technical alarm speaks. Where the device itself is gone, or its value stopped,
every alarm is latched (`why`): it goes on as the same one if the value still holds when it is back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from devices.model.alarm_limits import CONDITIONS, Condition
from devices.model.identity import LocationId
from devices.model.observation import Instant, NoValue, Priority, Quality, Reading
from gateway.alarms.alarm import Alarm, Raised, Unknown, Who, kept_alarm
from gateway.alarms.limits import BY_METRIC, METRIC_OF, WITNESSES, stale_after_ns
from gateway.alarms.onset import GAP_NS, Onset, Value

Limit = Callable[[Condition, LocationId | None], Decimal | None]
"""The limit of a condition for who lies there, or for the box that it is; None: it does not speak of that."""
ESCALATE_NS = 120_000_000_000
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
STAY_ENDED = "stay-ended"
"""Why an alarm ended: the patient left."""


@dataclass(slots=True)
class _Times:
    """Of one active alarm, in this boot."""

    began: Instant
    """Or escalated last."""
    valued: Instant
    """When its value came last."""
    lapsed: Instant
    """Since when nobody knows, where that is so."""


@dataclass(slots=True)
class Physiological:
    """All of one gateway. Each call gives what changed, for the journal's lane of alerts."""

    limit: Limit
    number: int
    """Of the last alarm. The first is random: numbers of another start do not come again."""
    _onset: Onset = field(default_factory=Onset)
    _active: dict[tuple[str, str], Alarm] = field(default_factory=dict[tuple[str, str], Alarm])
    _times: dict[int, _Times] = field(default_factory=dict[int, _Times])
    _busy: set[str] = field(default_factory=set[str])
    """Devices of which an alarm is active, or a condition holds."""
    _bounds: dict[tuple[str | None, str], tuple[Decimal, Decimal]] = field(
        default_factory=dict[tuple[str | None, str], tuple[Decimal, Decimal]]
    )
    """By bed and metric: between them no condition holds."""

    def kept(self) -> list[dict[str, Any]]:
        """What has to outlive the process."""
        return [asdict(one) for one in self._active.values()]

    def restore(self, kept: Iterable[Mapping[str, Any]], now: Instant) -> list[Raised]:
        """Take up what an earlier start kept, and tell it again: the same alarms, not new ones.

        Raises TypeError for what is not of `kept`.
        """
        known = [one for one in map(kept_alarm, kept) if one.code in CONDITIONS]
        self._active = {one.key: one for one in known}
        self._busy = {one.device for one in known}
        self._times = {one.number: _Times(now, now, now) for one in known}
        return [one.alert(now) for one in known]

    @property
    def active(self) -> tuple[Alarm, ...]:
        """Those that are, in the order in which they began."""
        return tuple(self._active.values())

    # what devices say

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
        if not is_doubtful and reading.metric in WITNESSES:
            self._onset.witness(who[1], reading.metric, reading.value, reading.at)
        if who[0] not in self._busy and self._is_calm(conditions, who[1], reading.metric, reading.value):
            return []
        value = Value(who, reading.metric, reading.value, reading.at, is_doubtful)
        return [raised for one in conditions for raised in self._judge(one, value)]

    def _is_calm(
        self, conditions: Iterable[Condition], bed: LocationId | None, metric: str, value: Decimal
    ) -> bool:
        """Whether the value is within all limits: nearly always, therefore looked at first."""
        bounds = self._bounds.get((bed, metric))
        if bounds is None:
            limits = [(one, limit) for one in conditions if (limit := self.limit(one, bed)) is not None]
            below = [limit for one, limit in limits if one.is_below]
            above = [limit for one, limit in limits if not one.is_below]
            bounds = max(below, default=_LEAST), min(above, default=_MOST)
            self._bounds[bed, metric] = bounds
        return bounds[0] <= value <= bounds[1]

    def _judge(self, one: Condition, value: Value) -> list[Raised]:
        alarm, limit = self._active.get((value.who[0], one.code)), self.limit(one, value.who[1])
        if limit is None:
            return []
        if alarm is not None and alarm.is_of(value.metric):
            self._times[alarm.number].valued = value.at
        if not one.holds(value.value, limit):
            return [] if value.is_doubtful else self._over(value.who, one.code, value.metric, value.at)
        if alarm is not None:
            return self._again(alarm, value) if alarm.is_over and not value.is_doubtful else []
        self._busy.add(value.who[0])
        since = self._onset.holding(value, one)
        if value.at - since < self._onset.wait_ns(one, value, limit):
            return []
        return [self._begin(one, value, limit, since)]

    def _begin(self, one: Condition, value: Value, limit: Decimal, since: Instant) -> Raised:
        self.number += 1
        what = one.code, int(one.priority), str(value.value), str(limit), (value.at - since) // 1_000_000
        alarm = Alarm(self.number, *value.who, *what, metric=value.metric)
        self._onset.over(value.who, one.code, value.metric)
        self._active[alarm.key] = alarm
        self._times[alarm.number] = _Times(value.at, value.at, value.at)
        return alarm.alert(value.at)

    def _again(self, alarm: Alarm, value: Value) -> list[Raised]:
        """A latched one holds again before anybody has seen it: it is the same alarm."""
        again = replace(alarm, is_over=False, why="", metric=value.metric)
        self._active[alarm.key], self._times[alarm.number].valued = again, value.at
        return [again.alert(value.at)]

    def _none(self, who: Who, conditions: Iterable[Condition], reading: Reading) -> list[Raised]:
        if reading.reason not in _OFF:
            return []
        over = [self._over(who, one.code, reading.metric, reading.at) for one in conditions]
        return [raised for each in over for raised in each]

    # the end

    def _over(self, who: Who, code: str, metric: str, at: Instant) -> list[Raised]:
        self._onset.over(who, code, metric)
        alarm = self._active.get((who[0], code))
        if alarm is None or not alarm.is_of(metric):
            self._settle(who[0])
            return []
        if not CONDITIONS[code].latches or alarm.is_seen:
            return [self._end(alarm, at)]
        return [] if alarm.is_over and not alarm.why else [self._latch(alarm, at)]

    def _latch(self, alarm: Alarm, at: Instant, why: str = "") -> Raised:
        self._active[alarm.key] = latched = replace(alarm, is_over=True, why=why)
        return latched.alert(at)

    def _lapse(self, alarms: Iterable[Alarm], why: Unknown, at: Instant) -> list[Raised]:
        """Nobody knows any more whether they hold."""
        lapsed = [one for one in alarms if not one.is_over]
        for one in lapsed:
            self._times[one.number].lapsed = at
        return [self._latch(one, at, str(why)) for one in lapsed]

    def _end(self, alarm: Alarm, at: Instant, why: str = "") -> Raised:
        del self._active[alarm.key]
        del self._times[alarm.number]
        self._settle(alarm.device)
        return replace(alarm, is_over=True).alert(at, active=False, why=why)

    def _settle(self, device: str) -> None:
        """Of a device without an alarm, and with none beginning, only values beyond a limit are looked at."""
        if not self._onset.has(device) and all(key[0] != device for key in self._active):
            self._busy.discard(device)

    def acknowledge(self, number: int, at: Instant, by: str = "", *, is_crew: bool = False) -> list[Raised]:
        """`by` has seen alarm `number`. Nothing if it is no more, or was seen and goes on."""
        alarm = next((one for one in self._active.values() if one.number == number), None)
        if alarm is None or (alarm.is_seen and not alarm.is_over):
            return []
        seen = alarm if alarm.is_seen else replace(alarm, is_seen=True, by=by, is_by_crew=is_crew)
        if alarm.is_over:
            return [self._end(seen, at)]
        self._active[alarm.key] = seen
        return [seen.alert(at)]

    def lost(self, device: str, at: Instant) -> list[Raised]:
        """It is not connected any more: what it said last is nobody's state now."""
        return self._lapse(self._of(device), Unknown.LINK_LOST, at)

    def gone(self, device: str, at: Instant) -> list[Raised]:
        """Nobody serves `device` any more: what it said last is no alarm for ever."""
        self._onset.drop(lambda who: who[0] == device)
        return [self._end(one, at) for one in self._of(device)]

    def left(self, bed: LocationId, at: Instant) -> list[Raised]:
        """The patient left: no alarm of theirs is one of the next, and no second of it counts for those."""
        self._onset.left(bed)
        self.forget_limits(bed)
        return [self._end(one, at, STAY_ENDED) for one in self.active if one.bed == bed]

    def forget_limits(self, bed: LocationId) -> None:
        """The limits of who lies there have changed."""
        for key in [key for key in self._bounds if key[0] == bed]:
            del self._bounds[key]

    def _of(self, device: str) -> list[Alarm]:
        return [one for one in self._active.values() if one.device == device]

    # time

    def tick(self, now: Instant) -> list[Raised]:
        """Time passes: values become stale, and what nobody has reacted to becomes more urgent."""
        return [*self._stale(now), *self._forgotten(now), *self._escalate(now)]

    def _stale(self, now: Instant) -> list[Raised]:
        stale = [
            one
            for one in self._active.values()
            if now - self._times[one.number].valued >= stale_after_ns(one.metric or METRIC_OF[one.code])
        ]
        return self._lapse(stale, Unknown.STALE, now)

    def _forgotten(self, now: Instant) -> list[Raised]:
        """What somebody had seen before it was lost ends when it does not come back."""
        ended = [
            one
            for one in self._active.values()
            if one.why and one.is_seen and now - self._times[one.number].lapsed >= GAP_NS
        ]
        return [self._end(one, now) for one in ended]

    def _escalate(self, now: Instant) -> list[Raised]:
        late = [
            one
            for one in self._active.values()
            if not one.is_seen
            and one.priority < Priority.HIGH
            and now - self._times[one.number].began >= ESCALATE_NS
        ]
        for one in late:
            priority = int(Priority.HIGH) if one.priority >= Priority.MEDIUM else int(Priority.MEDIUM)
            self._active[one.key] = replace(one, priority=priority, is_escalated=True)
            self._times[one.number].began = now
        return [self._active[one.key].alert(now) for one in late]
