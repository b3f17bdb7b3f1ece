"""Continuous Glucose Monitoring Service 1.0.2 (0x181F) over a connection.

    BleLink(service=SERVICE, ..., linked=linked)

A record's time is the session's age. What that is now is told by CGM Status, read after connecting: so
records are placed without any calendar, as exactly as the minute in which the age is told. Where there is no
status, the session's start and the host's clock place them. If the offset of a record that comes of itself
falls, a new session has begun of which nothing is known: its readings are QUESTIONABLE until the next
connection. Records are asked for once the session's start is known: the same offset in another session is
another record.

The sample's type, in CGM Feature, chooses the metric: `glucose_isf` for interstitial fluid and where it is
not told, else `glucose`; control solution is TEST_DATA. `glucose_trend` is mg/dL a minute. The sensor's own
quality in % goes out as an UNMAPPED event when it changes. Annunciations of this moment are STATUS events;
those of stored records are too, at the record's instant, and end with the last of these.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from devices.codecs import Codec, Host, Said
from devices.codecs.cgm_values import (
    OPS_RESULTS,
    OPS_SUCCESS,
    Annunciation,
    Feature,
    Measurement,
    Op,
    SessionStart,
    Status,
    decode_ops,
    decode_run_time,
    encode_ops,
    records,
)
from devices.codecs.device_clock import FRESH_S, DeviceClock, Moment, as_datetime, device_time
from devices.codecs.gatt import DeviceTime, ValueCodec, reading, uuid16
from devices.codecs.glucose_values import CONTROL_SOLUTION, INTERSTITIAL_FLUID, TYPES, names, plain
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number
from devices.codecs.racp import RACP
from devices.codecs.record_codec import RacpCodec, RecordCodec, among_stored
from devices.codecs.record_fetch import Record, RecordFetch
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, later

SERVICE = uuid16(0x181F)
MEASUREMENT = uuid16(0x2AA7)
FEATURE = uuid16(0x2AA8)
STATUS = uuid16(0x2AA9)
SESSION_START = uuid16(0x2AAA)
SESSION_RUN_TIME = uuid16(0x2AAB)
OPS_CONTROL = uuid16(0x2AAC)
METRICS = ("glucose_isf", "glucose_trend")

_SYSTEM = "bluetooth-cgms"
_ALARM = Annunciation.SENSOR_MALFUNCTION | Annunciation.DEVICE_FAULT
_BEYOND = Annunciation.RESULT_TOO_HIGH | Annunciation.RESULT_TOO_LOW
_DOUBT = (
    Annunciation.SESSION_STOPPED
    | Annunciation.SENSOR_TYPE_INCORRECT
    | Annunciation.CALIBRATION_REQUIRED
    | Annunciation.TEMPERATURE_TOO_HIGH
    | Annunciation.TEMPERATURE_TOO_LOW
)


class Sensor:
    """What the codecs of one connection to a sensor share."""

    def __init__(self, host: Host) -> None:
        self.fetch = RecordFetch(host, "cgm", waits=True)
        self.crc: bool | None = None
        self.sample_type = INTERSTITIAL_FLUID
        self._clock = DeviceClock(host)
        self._start: DeviceTime | None = None
        self._age: tuple[int, Instant] | None = None
        """How many minutes old the session was, and when."""
        self._highest = 0
        self._present, self._past = Conditions(), Conditions()
        self._past_until = Instant(0)
        self._told_quality: Number | None = None

    def is_at(self, status: Status, now: Instant) -> list[Said]:
        """The sensor tells how old its session is, and what is true now."""
        self._age = status.offset_min, now
        return [*self._present.become(names(status.status), now)]

    def began(self, start: SessionStart, data: bytes) -> None:
        """The sensor tells when its session began."""
        self._start = start.time
        self.fetch.begin(data)

    def measured(self, value: Measurement, record: bytes, now: Instant) -> list[Said]:
        """A record has arrived."""
        if self.fetch.is_done and value.offset_min < self._highest:
            self._age = self._start = None
        self._highest = max(self._highest, value.offset_min)
        if not self.fetch.is_new(Record(value.offset_min, record, (value.offset_min,)), now):
            return []
        moment = among_stored(self._moment(value.offset_min, now), self.fetch)
        time = self._shown(value.offset_min)
        clock: list[Said] = [time.event(moment.at)] if time else []
        return [*clock, *self._conditions(value.status, moment), *self._readings(value, moment)]

    def _moment(self, offset_min: int, now: Instant) -> Moment:
        if self._age is None:
            shown = self._shown(offset_min)
            return self._clock.measured(shown, now) if shown else Moment(now, Quality.QUESTIONABLE)
        age_min, at = self._age
        age_s = (age_min - offset_min) * 60 + (now - at) / 1_000_000_000
        if age_s < -FRESH_S:
            return Moment(now, Quality.QUESTIONABLE)
        return Moment(later(now, -age_s), Quality.STORED) if age_s > FRESH_S else Moment(now)

    def _shown(self, offset_min: int) -> DeviceTime | None:
        """What the sensor's clock showed at an offset, if it tells when its session began."""
        start = as_datetime(self._start) if self._start else None
        return device_time(start + timedelta(minutes=offset_min)) if start and start.year < 9999 else None

    def _conditions(self, status: Annunciation, moment: Moment) -> list[Said]:
        if moment.quality & Quality.STORED:
            self._past_until = moment.at
            return [*self._past.become(names(status), moment.at)]
        return [*self.past_ends(), *self._present.become(names(status), moment.at)]

    def past_ends(self) -> list[Said]:
        """The stored records have come: their conditions end with the last of them."""
        return [*self._past.become([], self._past_until)]

    def _readings(self, value: Measurement, moment: Moment) -> list[Said]:
        is_control = self.sample_type == CONTROL_SOLUTION
        quality = (
            moment.quality | (Quality.TEST_DATA if is_control else Quality.GOOD) | _quality(value.status)
        )
        metric = "glucose_isf" if self.sample_type in (0, INTERSTITIAL_FLUID) else "glucose"
        said: list[Said] = [reading(metric, moment.at, _number(value), quality)]
        if value.trend is not None:
            said.append(reading("glucose_trend", moment.at, _plain(value.trend), quality))
        if value.quality is not None and value.quality != self._told_quality:
            self._told_quality = value.quality
            said.append(_unmapped("quality", value.quality, moment.at))
        return said


def _number(value: Measurement) -> Number:
    """mg/dL, or why there is none."""
    match value.status & _BEYOND:
        case Annunciation.RESULT_TOO_HIGH:
            return NoValue.OVERFLOW
        case Annunciation.RESULT_TOO_LOW:
            return NoValue.UNDERFLOW
        case _:
            pass
    number = _plain(value.concentration)
    return number if isinstance(number, NoValue) or number > 0 else NoValue.INVALID


def _plain(number: Number) -> Number:
    return number if isinstance(number, NoValue) else plain(number)


def _quality(status: Annunciation) -> Quality:
    """A sensor that says both "too high" and "too low" is not to be believed in either."""
    alarm = Quality.SENSOR_ALARM if status & _ALARM else Quality.GOOD
    doubtful = status & _DOUBT or status & _BEYOND == _BEYOND
    return alarm | (Quality.QUESTIONABLE if doubtful else Quality.GOOD)


def _unmapped(code: str, number: Number, at: Instant) -> DeviceEvent:
    told = number.name.lower().replace("_", "-") if isinstance(number, NoValue) else f"{number:f}"
    return DeviceEvent(EventKind.UNMAPPED, at, {"code": code, "system": _SYSTEM, "value": told, "unit": "%"})


class MeasurementCodec(RecordCodec):
    """CGM Measurement: gives `glucose_isf` or `glucose`, `glucose_trend`, DEVICE_CLOCK, STATUS, UNMAPPED.

    A record whose CRC is wrong costs no other one of its notification.
    """

    def __init__(self, sensor: Sensor) -> None:
        super().__init__(sensor.fetch)
        self._sensor = sensor

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        said: list[Said] = []
        try:
            for record in records(data):
                said += self._record(record, now)
        except BadBytes as bad:
            self._fetch.damaged()
            self._bad.count(bad.reason)
        return [*said, *self._bad.told(now)]

    def _record(self, record: bytes, now: Instant) -> list[Said]:
        try:
            value = self._decoded(partial(Measurement.decode, crc=self._sensor.crc), record)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return []
        return self._sensor.measured(value, record, now)


class _SensorCodec(ValueCodec):
    """A codec of one value that is read."""

    def __init__(self, sensor: Sensor) -> None:
        super().__init__()
        self._sensor = sensor


class FeatureCodec(_SensorCodec):
    """CGM Feature: gives IDENTITY with `features` and `sample-type`, and says whether values have a CRC."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Feature.decode(data)
        self._sensor.crc, self._sensor.sample_type = value.crc, value.sample_type
        sample_type = TYPES.get(value.sample_type, f"reserved-{value.sample_type}")
        detail = {"features": value.names, "sample-type": sample_type}
        return [DeviceEvent(EventKind.IDENTITY, now, detail)]


class StatusCodec(_SensorCodec):
    """CGM Status: gives STATUS."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return self._sensor.is_at(Status.decode(data, self._sensor.crc), now)


class SessionStartCodec(_SensorCodec):
    """CGM Session Start Time: gives DEVICE_CLOCK, and lets the records be asked for."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = SessionStart.decode(data, self._sensor.crc)
        self._sensor.began(value, value.encode())
        is_set = as_datetime(value.time) is not None
        return [] if is_set else [value.time.event(now, is_set=False)]


class SessionRunTimeCodec(_SensorCodec):
    """CGM Session Run Time: gives IDENTITY with `session-run-time-h`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        hours = decode_run_time(data, self._sensor.crc)
        return [DeviceEvent(EventKind.IDENTITY, now, {"session-run-time-h": hours})]


class OpsCodec(_SensorCodec):
    """CGM Specific Ops Control Point: asks how often the sensor reports, once it is known whether with a CRC.

    Gives IDENTITY with `communication-interval-min`, STATUS `periodic-reports-off` where that is 0, REFUSED.
    """

    def __init__(self, sensor: Sensor) -> None:
        super().__init__(sensor)
        self._conditions = Conditions()
        self._is_asked = False

    def data_to_send(self) -> bytes:
        """The question."""
        if self._is_asked or self._sensor.crc is None:
            return b""
        self._is_asked = True
        return encode_ops(Op.GET_INTERVAL, crc=self._sensor.crc)

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        op_code, operand = decode_ops(data, self._sensor.crc)
        match op_code:
            case Op.INTERVAL:
                off = ["periodic-reports-off"] if operand[0] == 0 else []
                detail = {"communication-interval-min": operand[0]}
                return [DeviceEvent(EventKind.IDENTITY, now, detail), *self._conditions.become(off, now)]
            case Op.RESPONSE if operand[0] == Op.GET_INTERVAL and operand[1] != OPS_SUCCESS:
                result = operand[1]
                answer = OPS_RESULTS[result] if result < len(OPS_RESULTS) else f"reserved-{result}"
                detail = {"command": "get-communication-interval", "answer": answer}
                return [DeviceEvent(EventKind.REFUSED, now, detail)]
            case _:
                return []


_CODECS: Mapping[str, Callable[[Sensor], Codec]] = {
    FEATURE: FeatureCodec,
    STATUS: StatusCodec,
    SESSION_START: SessionStartCodec,
    SESSION_RUN_TIME: SessionRunTimeCodec,
    MEASUREMENT: MeasurementCodec,
    OPS_CONTROL: OpsCodec,
}


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of one connection, by characteristic."""
    sensor = Sensor(host)
    codecs = {uuid: codec(sensor) for uuid, codec in _CODECS.items()}
    return {**codecs, RACP: RacpCodec(sensor.fetch, sensor.past_ends)}
