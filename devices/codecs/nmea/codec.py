"""NMEA 0183 of a satellite receiver: one set of readings for each epoch, however many sentences tell it.

Sentences of one UTC time are an epoch. It is over when another time comes, when a sentence comes again, or
after `GAP_S` of silence; only then can it be told, for a position counts only if none of its sentences says
anything against it: the status of RMC and GLL, the mode indicators, the quality of GGA, "no fix" of GSA.
What was told of an epoch is not told again: a receiver that hangs at one time gives nothing new, unless it is
that there is no position any more.

An estimated (dead reckoning), entered or simulated position is no value here, and a STATUS.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.nmea.fix import Told, UtcTime, Verdict, read
from devices.codecs.nmea.sentence import Sentence, SentenceReader
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later

METRICS = (
    "latitude",
    "longitude",
    "altitude",
    "vehicle_speed",
    "vehicle_course",
    "gnss_satellites",
    "gnss_hdop",
    "gnss_in_view",
)
_COUNTS = {"gnss_satellites", "gnss_in_view"}
"""What is true whether or not there is a position."""
_CYCLIC = {"RMC", "GGA", "GNS", "GLL", "VTG"}
"""Formatters of which each talker sends one an epoch."""
_CONDITIONS = {
    Verdict.NONE: "no-satellite-fix",
    Verdict.MANUAL: "position-manual",
    Verdict.ESTIMATED: "position-estimated",
    Verdict.SIMULATED: "position-simulated",
}
_REMEMBERED = 4
"""Epochs that are remembered as told: sentences may come late by one or two."""


@dataclass(slots=True)
class Epoch:
    """What the sentences of one time have told so far."""

    at: Instant
    """When the first of them came."""
    time: UtcTime | None = None
    date: str = ""
    verdict: Verdict | None = None
    dimensions: int = 0
    values: dict[str, Decimal | NoValue] = field(default_factory=dict[str, "Decimal | NoValue"])
    in_view: dict[str, int] = field(default_factory=dict[str, int])
    seen: set[str] = field(default_factory=set[str])

    def is_over(self, address: str, one: Told) -> bool:
        """Whether `one`, of a sentence with this address, is of another epoch."""
        is_later = one.time and self.time and not one.time.is_of(self.time)
        return bool(is_later) or address in self.seen

    def add(self, sentence: Sentence, one: Told) -> None:
        """Take what a sentence tells. The first value of a metric holds."""
        if sentence.formatter in _CYCLIC:
            self.seen.add(sentence.talker + sentence.formatter)
        self.time, self.date = self.time or one.time, self.date or one.date
        self.dimensions = max(self.dimensions, one.dimensions)
        if one.verdict is not None:
            self.verdict = max(self.verdict or Verdict.GOOD, one.verdict)
        if one.in_view is not None:
            self.in_view[sentence.talker] = max(one.in_view, self.in_view.get(sentence.talker, 0))
        for metric, value in one.values.items():
            if isinstance(self.values.get(metric, NoValue.NOT_AVAILABLE), NoValue):
                self.values[metric] = value

    def judged(self) -> Verdict | None:
        """What holds of its position; None: nothing tells."""
        return Verdict.NONE if self.verdict is not None and self.dimensions == 1 else self.verdict

    def readings(self) -> list[Reading]:
        """Everything that it tells."""
        verdict, values = self.judged(), dict(self.values)
        if self.dimensions == 2 and "altitude" in values:
            values["altitude"] = NoValue.NOT_AVAILABLE
        if self.in_view:
            values["gnss_in_view"] = Decimal(sum(self.in_view.values()))
        quality = Quality.QUESTIONABLE if verdict is Verdict.CAUTION else Quality.GOOD
        return [
            _reading(metric, values[metric], self.at, verdict, quality)
            for metric in METRICS
            if metric in values
        ]


def _reading(
    metric: str, value: Decimal | NoValue, at: Instant, verdict: Verdict | None, quality: Quality
) -> Reading:
    if verdict is not None and verdict > Verdict.CAUTION and metric not in _COUNTS:
        value = NoValue.NOT_AVAILABLE if verdict is Verdict.NONE else NoValue.INVALID
    if isinstance(value, NoValue):
        return Reading(metric, at, None, value)
    return Reading(metric, at, value, None, quality)


class NmeaGnss:
    """Gives METRICS, DEVICE_CLOCK (UTC, with a `Z`), STATUS and BAD_BYTES. It sends nothing."""

    GAP_S = 0.3

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = SentenceReader(self._bad)
        self._conditions = Conditions()
        self._epoch: Epoch | None = None
        self._over = Instant(0)
        self._told: deque[tuple[UtcTime, dict[str, bool]]] = deque(maxlen=_REMEMBERED)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said = self._close_if_over(now)
        for sentence in self._reader.feed(data):
            said += self._take(sentence, now)
        self._over = later(now, self.GAP_S)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Nothing."""
        return b""

    def next_timer(self) -> Instant | None:
        """When an epoch is over without another, or counted sentences are to be told."""
        dues = (self._over if self._epoch else None, self._bad.due())
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell the epoch that is over; tell counted sentences."""
        return [*self._close_if_over(now), *self._bad.told(now)]

    def _take(self, sentence: Sentence, now: Instant) -> list[Said]:
        try:
            one = read(sentence)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return []
        if one is None:
            return []
        said: list[Said] = []
        if self._epoch and self._epoch.is_over(sentence.talker + sentence.formatter, one):
            said = self._close()
        self._epoch = self._epoch or Epoch(now)
        self._epoch.add(sentence, one)
        return said

    def _close_if_over(self, now: Instant) -> list[Said]:
        return self._close() if now >= self._over else []

    def _close(self) -> list[Said]:
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return []
        told = self._told_of(epoch.time)
        ceases = (epoch.judged() or Verdict.GOOD) > Verdict.CAUTION
        readings = [
            one
            for one in epoch.readings()
            if one.metric not in told or (ceases and one.value is None and told[one.metric])
        ]
        clock = [] if "clock" in told else _clock(epoch)
        told |= {"clock": True} if clock else {}
        told |= {one.metric: one.value is not None for one in readings}
        return [*clock, *self._became(epoch), *readings]

    def _told_of(self, time: UtcTime | None) -> dict[str, bool]:
        """What was told of this time already, and whether it was a value: to be added to."""
        if time is None:
            return {}
        for known, told in self._told:
            if known.is_of(time):
                return told
        self._told.append((time, {}))
        return self._told[-1][1]

    def _became(self, epoch: Epoch) -> list[DeviceEvent]:
        verdict = epoch.judged()
        if verdict is None:
            return []
        return self._conditions.become([_CONDITIONS[verdict]] if verdict in _CONDITIONS else [], epoch.at)


def _clock(epoch: Epoch) -> list[DeviceEvent]:
    """What the satellites' clock says. Without a position it may be the receiver's own: it is not set."""
    if not (epoch.date and epoch.time):
        return []
    is_set = epoch.judged() is not Verdict.NONE
    detail: dict[str, str | int] = {"time": f"{epoch.date}T{epoch.time.text}Z", "set": int(is_set)}
    return [DeviceEvent(EventKind.DEVICE_CLOCK, epoch.at, detail)]
