"""The codec of the S/5 computer interface: asks for values, waveforms and alarms, and reads them.

Values are asked for every 5 s, the least a monitor grants. Waveforms are asked for once values came: what a
channel measures is told with the values. Those asked for make 600 samples a second, the most a monitor sends
at 19200 baud.
"""

from datetime import datetime, timedelta

from devices.codecs import Said
from devices.codecs.device_alarms import Alarms
from devices.codecs.dri import alarm, request
from devices.codecs.dri.physiological import DISPLAYED, TREND_10_S, TREND_60_S, Physiological
from devices.codecs.dri.record import MainType, Record, RecordReader
from devices.codecs.dri.vitals import Vitals
from devices.codecs.dri.waveform import AWP, CO2, ECG1, FLOW, INVP1, PLETH, RESP, Waves
from devices.codecs.health import BadByteCounter
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

WAVES = (ECG1, INVP1, PLETH, CO2, AWP, FLOW, RESP)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - monitors tell no zone


class Dri:
    """Gives readings, waveforms, DEVICE_CLOCK, DEVICE_ALARM, STATUS, MARK, UNMAPPED, BAD_BYTES, REFUSED."""

    PATIENCE_S = 15.0
    """Three intervals without values, or this long without a waveform: ask again."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = RecordReader(self._bad)
        self._vitals, self._waves, self._alarms = Vitals(), Waves(), Alarms()
        self._outgoing = request.values() + request.alarms()
        self._values_due: Instant | None = None
        self._waves_due: Instant | None = None
        self._unanswered = 1

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        self._values_due = self._values_due or later(now, self.PATIENCE_S)
        said: list[Said] = []
        for record in self._reader.feed(data):
            if record is None:
                self._waves.lose()
            else:
                said += self._read(record, now)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Requests that are due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the monitor has been silent for too long, or counted bytes are to be told."""
        due = (self._values_due or Instant(0), self._waves_due, self._bad.due())
        return min(one for one in due if one is not None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask again for what does not come; tell counted bytes."""
        said: list[Said] = [*self._bad.told(now)]
        if self._values_due is None:
            self._values_due = later(now, self.PATIENCE_S)
        elif now >= self._values_due:
            if self._unanswered == 1:
                detail: dict[str, str | int] = {"command": "send-displayed-values", "answer": "none"}
                said.append(DeviceEvent(EventKind.REFUSED, now, detail))
            self._outgoing = request.values() + request.alarms()
            self._unanswered, self._waves_due = self._unanswered + 1, None
            self._values_due = later(now, self.PATIENCE_S)
        if self._waves_due is not None and now >= self._waves_due:
            self._ask_for_waves(now)
        return said

    def _ask_for_waves(self, now: Instant) -> None:
        self._outgoing += request.waves(WAVES)
        self._waves_due = later(now, self.PATIENCE_S)

    def _read(self, record: Record, now: Instant) -> list[Said]:
        """What the record says as far as it can be read."""
        said: list[Said] = []
        try:
            match record.main_type:
                case MainType.PHYSIOLOGICAL:
                    said += self._values(record, now)
                case MainType.WAVEFORM:
                    self._waves_due = later(now, self.PATIENCE_S)
                    for one in record.subrecords:
                        said += self._waves.told(one, now)
                case MainType.ALARM:
                    for one in record.subrecords:
                        if one.kind == alarm.STATUS:
                            said += self._alarms.become(alarm.decode(one.data), now)
                case _:
                    self._bad.count("range")
        except BadBytes as bad:
            self._bad.count(bad.reason)
        return said

    def _values(self, record: Record, now: Instant) -> list[Said]:
        kinds = (DISPLAYED, TREND_10_S, TREND_60_S)
        read = [Physiological.decode(one.data) for one in record.subrecords if one.kind in kinds]
        if not read:
            return []
        self._unanswered, self._values_due = 0, later(now, self.PATIENCE_S)
        if self._waves_due is None:
            self._ask_for_waves(now)
        said: list[Said] = [_clock(read[0].time, now)] if read[0].time else []
        for one in read:
            self._waves.learn(one.groups)
        return [*said, *self._vitals.told(read, record.level, now)]


def _clock(seconds: int, now: Instant) -> DeviceEvent:
    time = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    return DeviceEvent(EventKind.DEVICE_CLOCK, now, {"time": time, "set": 1})
