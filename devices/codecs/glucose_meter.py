"""Glucose Service 1.0.1 (0x1808) over a connection: measurements, their contexts, and the stored records.

    BleLink(service=SERVICE, ..., linked=linked)

The sample's type chooses the metric: `glucose_cap` for capillary blood and plasma, else `glucose`; of a meter
that tells mol/L `glucose_cap_molar` and `glucose_molar`, in the unit that it shows its user. The type,
the place and the sequence number go out beside each reading as an UNMAPPED event, and what its user noted as
others. A test with control solution is TEST_DATA: never the patient's value.
The time of a measurement is the meter's base time and offset: what it showed its user. It is judged by the
meter's own clock if that can be read (Accu-Chek Guide: Current Time, Aviva Connect: Date Time, by xDrip,
BluetoothGlucoseMeter.java), else by the host's. It is not set: xDrip only reads it, but for meters of i-SENS.
A record that comes while stored ones are sent and has no time that can be believed is STORED too.
A measurement whose context is announced waits for it at most `CONTEXT_S`: i-SENS's CareSens Dual says only
there that it measured ketone. Then it is no glucose, and only told as UNMAPPED.
"""

from collections.abc import Mapping
from decimal import Decimal

from devices.codecs import Codec, Host, Said
from devices.codecs.current_time import CURRENT_TIME, DATE_TIME
from devices.codecs.device_clock import DeviceClock, as_datetime
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.glucose_context import KETONE_MEAL, Context, Noted
from devices.codecs.glucose_values import (
    CAPILLARY,
    LOCATIONS,
    TYPES,
    Annunciation,
    Measurement,
    decode_features,
    names,
    shown,
)
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number
from devices.codecs.racp import RACP
from devices.codecs.record_codec import RacpCodec, RecordCodec, among_stored
from devices.codecs.record_fetch import Record, RecordFetch
from devices.model.glucose import MASS, MOLAR, measured_in, mg_per_dl
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, later

SERVICE = uuid16(0x1808)
MEASUREMENT = uuid16(0x2A18)
CONTEXT = uuid16(0x2A34)
FEATURE = uuid16(0x2A51)
METRICS = ("glucose_cap", "glucose", "glucose_cap_molar", "glucose_molar")

CONTEXT_S = 1.0
_SYSTEM = "bluetooth-gls"
_FAILED = (
    Annunciation.SAMPLE_SIZE_INSUFFICIENT
    | Annunciation.STRIP_INSERTION_ERROR
    | Annunciation.STRIP_TYPE_INCORRECT
    | Annunciation.READ_INTERRUPTED
)
_ALARM = Annunciation.SENSOR_MALFUNCTION | Annunciation.DEVICE_FAULT
_DOUBT = Annunciation.TEMPERATURE_TOO_HIGH | Annunciation.TEMPERATURE_TOO_LOW


class Meter:
    """What the codecs of one connection to a meter share."""

    def __init__(self, host: Host) -> None:
        self.fetch = RecordFetch(host, "glucose")
        self.clock = DeviceClock(host)
        self._conditions = Conditions()
        self._held: tuple[Measurement, Instant] | None = None
        self._last: tuple[int, Instant] | None = None
        """Sequence number and instant of what was handed out last."""
        self._known: int | None = None
        """The sequence number of a record that was not new."""

    def measured(self, value: Measurement, data: bytes, now: Instant) -> list[Said]:
        """A measurement has arrived; one that waits for its context goes on waiting if it comes twice."""
        if self._held and self._held[0] == value:
            return []
        said = self.release()
        if not self.fetch.is_new(_record(value, data), now):
            self._known = value.sequence
            return said
        self._known = None
        if value.context_follows:
            self._held, self.fetch.held = (value, now), True
            return said
        return [*said, *self._say(value, now)]

    def noted(self, context: Context, now: Instant) -> list[Said]:
        """A context has arrived, behind its measurement."""
        if context.sequence == self._known:
            return []
        if self._held and self._held[0].sequence == context.sequence:
            said = self.release(context)
        else:
            said = self.release()
        at = self._last[1] if self._last and self._last[0] == context.sequence else now
        return [*said, *(_unmapped(note, context.sequence, at) for note in context.noted())]

    def held_until(self) -> Instant | None:
        """When a measurement that waits for its context is to wait no longer."""
        return later(self._held[1], CONTEXT_S) if self._held else None

    def release(self, context: Context | None = None) -> list[Said]:
        """The measurement that waits for its context, if there is one."""
        if self._held is None:
            return []
        (value, arrived), self._held, self.fetch.held = self._held, None, False
        return self._say(value, arrived, is_ketone=context is not None and context.meal == KETONE_MEAL)

    def _say(self, value: Measurement, now: Instant, *, is_ketone: bool = False) -> list[Said]:
        status = value.status or Annunciation(0)
        is_set = not status & Annunciation.TIME_FAULT and value.has_offset
        moment = among_stored(self.clock.measured(value.time, now, is_set=is_set), self.fetch)
        self._last = value.sequence, moment.at
        said: list[Said] = [value.time.event(moment.at, is_set)]
        said += self._conditions.become(names(status), moment.at)
        number = _number(value, status)
        if is_ketone:
            said.append(_unmapped(_ketone(number, molar=value.molar), value.sequence, moment.at))
        elif number is not None:
            sample = "glucose_cap" if value.sample_type in CAPILLARY else "glucose"
            metric = measured_in(sample, MOLAR if value.molar else MASS)
            said.append(reading(metric, moment.at, number, moment.quality | _quality(value, status)))
            said.append(_unmapped(_sample(value), value.sequence, moment.at))
        return [*said, *self._conditions.become([], moment.at)]


def _record(value: Measurement, data: bytes) -> Record:
    """The number comes after the flags. Without a date only it tells two equal measurements apart."""
    base = as_datetime(value.base_time)
    body = data[1:] if base is None else data[3:]
    return Record(value.sequence, body, tuple(base.timetuple()[:6]) if base else ())


def _number(value: Measurement, status: Annunciation) -> Number | None:
    """mg/dL or mmol/L, or why there is none; None: the meter tells no concentration."""
    if value.concentration is None:
        return None
    if status & Annunciation.RESULT_TOO_HIGH:
        return NoValue.OVERFLOW
    if status & Annunciation.RESULT_TOO_LOW:
        return NoValue.UNDERFLOW
    if status & _FAILED:
        return NoValue.FAILED
    return shown(value.concentration, molar=value.molar)


def _quality(value: Measurement, status: Annunciation) -> Quality:
    quality = Quality.TEST_DATA if value.is_control else Quality.GOOD
    quality |= Quality.SENSOR_ALARM if status & _ALARM else Quality.GOOD
    return quality | (Quality.QUESTIONABLE if status & _DOUBT else Quality.GOOD)


def _sample(value: Measurement) -> Noted:
    sample_type = TYPES.get(value.sample_type, f"reserved-{value.sample_type}")
    return Noted("sample", sample_type, text=LOCATIONS.get(value.location, f"reserved-{value.location}"))


def _ketone(number: Number | None, *, molar: bool) -> Noted:
    """CareSens tells mmol/L of ketone in the place of tens of mg/dL of glucose."""
    if not isinstance(number, Decimal):
        return Noted("ketone", "not-available" if number is None else number.name.lower().replace("_", "-"))
    return Noted("ketone", f"{(mg_per_dl(number) if molar else number) / 10:f}", "mmol/L")


def _unmapped(note: Noted, sequence: int, at: Instant) -> DeviceEvent:
    detail: dict[str, str | int] = {"code": note.code, "system": _SYSTEM, "value": note.value}
    detail |= {name: told for name, told in (("unit", note.unit), ("text", note.text)) if told}
    return DeviceEvent(EventKind.UNMAPPED, at, {**detail, "sequence": sequence})


class MeasurementCodec(RecordCodec):
    """Glucose Measurement: gives the reading, DEVICE_CLOCK, STATUS and UNMAPPED (`sample`) of each record.

    A condition holds for the one measurement only: it begins before the reading and ends after it.
    """

    def __init__(self, meter: Meter) -> None:
        super().__init__(meter.fetch)
        self._meter = meter

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return self._meter.measured(self._decoded(Measurement.decode, data), data, now)

    def next_timer(self) -> Instant | None:
        """When a measurement has waited for its context for too long, or counted values are to be told."""
        timers = [timer for timer in (self._meter.held_until(), self._bad.due()) if timer is not None]
        return min(timers, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Hand out the measurement that waited; tell counted values."""
        until = self._meter.held_until()
        said = self._meter.release() if until is not None and now >= until else []
        return [*said, *self._bad.told(now)]


class ContextCodec(RecordCodec):
    """Glucose Measurement Context: gives UNMAPPED for each thing noted, at its measurement's instant."""

    def __init__(self, meter: Meter) -> None:
        super().__init__(meter.fetch)
        self._meter = meter

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return self._meter.noted(Context.decode(data), now)


class FeatureCodec(ValueCodec):
    """Gives IDENTITY with `features`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, {"features": decode_features(data)})]


class ShownTimeCodec(ValueCodec):
    """Date Time or Current Time of a meter, which begin alike: gives DEVICE_CLOCK, and sets nothing."""

    def __init__(self, clock: DeviceClock) -> None:
        super().__init__()
        self._clock = clock

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        time = DeviceTime.decode(Fields(data))
        shown = as_datetime(time)
        if shown:
            self._clock.tells(shown, now)
        return [time.event(now, is_set=shown is not None)]


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of one connection, by characteristic."""
    meter = Meter(host)
    return {
        DATE_TIME: ShownTimeCodec(meter.clock),
        CURRENT_TIME: ShownTimeCodec(meter.clock),
        MEASUREMENT: MeasurementCodec(meter),
        CONTEXT: ContextCodec(meter),
        RACP: RacpCodec(meter.fetch, meter.release),
    }
