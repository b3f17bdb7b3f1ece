"""Simulated personal health devices (IEEE 11073-20601): agents that associate and measure.

The oximeter sends its numbers each second, the others a measurement every few seconds, each confirmed. What
is not answered within `_PATIENCE_S` was not heard: the device associates again, and measures anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from devices.codecs.device_clock import device_time
from devices.codecs.health import BadByteCounter
from devices.codecs.ieee11073 import Number
from devices.codecs.phd import objects
from devices.codecs.phd.apdu import (
    Apdu,
    ApduReader,
    Association,
    Choice,
    Message,
    Presentation,
    Result,
    association_request,
)
from devices.codecs.phd.mder import Reader, float32, listed, sfloat, u16
from devices.codecs.phd.nomenclature import Attribute, Event
from devices.codecs.phd.objects import PhdObject
from devices.codecs.phd.observations import EventReport, Observation, encode_fixed
from devices.codecs.phd.stamps import encode_absolute_time
from devices.codecs.phd.system import encode_system
from devices.model.observation import NoValue
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_PATIENCE_S = 3.0
_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
_AT = ((int(Attribute.STAMP_ABSOLUTE), 8),)
_SIMPLE_AT = ((int(Attribute.VALUE_SIMPLE), 4), *_AT)
_BASIC_AT = ((int(Attribute.VALUE_BASIC), 2), *_AT)

Numbers = Mapping[str, Number]
"""What is measured, by metric."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One specialisation: how its device presents itself, and what it measures of a patient."""

    model: str
    configuration: int
    period_s: float
    measure: Callable[[Patient, float], Mapping[str, Decimal]]
    values: Callable[[Numbers], Mapping[int, bytes]]
    """The value octets of each handle."""
    own: tuple[PhdObject, ...] = ()
    """The objects, where the configuration is not a standard one."""
    stamped: bool = True
    """Whether each measurement carries the device's time."""


class PhdSim:
    """One device on TCP."""

    def __init__(self, kind: Kind, patient: Patient) -> None:
        self.on_patient = True
        self.period_s = 1.0
        self._kind = kind
        self._patient = patient
        self._reader = ApduReader(BadByteCounter())
        self._is_operating = False
        self._awaited_since: float | None = None
        self._measured_at = float("-inf")
        self._invoke_id = 0

    def tick(self, time_s: float) -> list[Measured]:
        """Measure if it is time and the last measurement was answered; begin if nobody answers."""
        if self._awaited_since is not None and time_s - self._awaited_since < _PATIENCE_S:
            return []
        if self._awaited_since is not None or not self._is_operating:
            return [self._begin(time_s)]
        if time_s - self._measured_at < self._kind.period_s:
            return []
        self._measured_at = time_s
        return [self._measurement(time_s)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Answer the manager, and note what it answers."""
        return [Measured(answer) for one in self._reader.feed(data) for answer in self._answers(one, time_s)]

    def _begin(self, time_s: float) -> Measured:
        self._is_operating, self._awaited_since = False, time_s
        self._reader = ApduReader(BadByteCounter())
        modes = (0x0001, 1, 0)
        return Measured(
            association_request(Association(self._system_id, self._kind.configuration, modes=modes))
        )

    @property
    def _system_id(self) -> bytes:
        return bytes.fromhex("0200005749") + self._kind.configuration.to_bytes(2, "big") + b"\1"

    def _answers(self, one: Apdu, time_s: float) -> Sequence[bytes]:
        match one.choice:
            case Choice.ASSOCIATION_RESPONSE:
                return self._associated(Result(Reader(one.body).u16()), time_s)
            case Choice.PRESENTATION:
                return self._operation(Presentation.decode(one.body), time_s)
            case _:
                self._is_operating = False
                return []

    def _associated(self, result: Result, time_s: float) -> list[bytes]:
        if result == Result.ACCEPTED_UNKNOWN_CONFIG:
            known = objects.STANDARD.get(self._kind.configuration, {})
            told = objects.encode_report(self._kind.configuration, self._kind.own or known.values())
            return [self._report(EventReport(0, Event.CONFIGURATION, told), time_s)]
        self._is_operating, self._awaited_since = result == Result.ACCEPTED, None
        return []

    def _operation(self, message: Presentation, time_s: float) -> list[bytes]:
        if message.kind == Message.GET:
            told: dict[int, bytes] = {
                Attribute.TIME_ABSOLUTE: self._time(time_s),
                Attribute.BATTERY_LEVEL: u16(87),
            }
            system = encode_system(self._system_id, self._kind.model, "W-0001", told)
            return [Presentation(message.invoke_id, Message.GET_DONE, u16(0) + system).encode()]
        if message.invoke_id == self._invoke_id:
            self._is_operating, self._awaited_since = True, None
        return []

    def _measurement(self, time_s: float) -> Measured:
        measured = self._kind.measure(self._patient, time_s)
        numbers: dict[str, Number] = {
            metric: number if self.on_patient else NoValue.NOT_AVAILABLE
            for metric, number in measured.items()
        }
        stamp = self._time(time_s) if self._kind.stamped else b""
        values = self._kind.values(numbers)
        seen = [Observation(handle, {}, octets + stamp) for handle, octets in values.items()]
        told = {name: None if isinstance(n, NoValue) else float(n) for name, n in numbers.items()}
        return Measured(self._report(EventReport(0, Event.SCAN_FIXED, encode_fixed(seen)), time_s), told)

    def _report(self, report: EventReport, time_s: float) -> bytes:
        self._invoke_id = (self._invoke_id + 1) % 0x10000
        self._awaited_since = time_s
        return Presentation(self._invoke_id, Message.CONFIRMED_EVENT_REPORT, report.encode()).encode()

    def _time(self, time_s: float) -> bytes:
        """The device's clock, which has run since it was made."""
        now = _EPOCH + timedelta(seconds=time_s)
        return encode_absolute_time(device_time(now.replace(tzinfo=None)))


def _rounded(number: float, digits: int = 0) -> Decimal:
    return Decimal(f"{number:.{digits}f}")


_PRESSURE = Wander(0.25, middle=0.0, swing=8.0, knot_s=60)
_GLUCOSE = Wander(0.5, middle=104.0, swing=20.0, knot_s=300)


def _pressure(patient: Patient, time_s: float) -> dict[str, Decimal]:
    """Synthetic but for the pulse rate."""
    offset = _PRESSURE.at(time_s)
    rate = _rounded(patient.heart_rate(time_s))
    pressures = {"nibp_sys": 121 + offset, "nibp_dia": 78 + offset / 2, "nibp_map": 92 + offset / 2}
    return {name: _rounded(number) for name, number in pressures.items()} | {"pr_nibp": rate}


def _pressure_values(numbers: Numbers) -> dict[int, bytes]:
    names = ("nibp_sys", "nibp_dia", "nibp_map")
    return {1: listed(sfloat(numbers[name]) for name in names), 2: sfloat(numbers["pr_nibp"])}


def _body(_patient: Patient, _time_s: float) -> dict[str, Decimal]:
    """Synthetic: one adult's."""
    return {name: Decimal(text) for name, (_, _, text) in _BODY.items()}


_BODY = {
    "weight": (188736, 0x06C3, "72.6"),
    "height": (188740, 0x0511, "171.0"),
    "bmi": (188752, 0x07A0, "24.8"),
    "body_fat": (188748, 0x0220, "25.7"),
    "fat_free_mass": (188756, 0x06C3, "53.9"),
    "soft_lean_mass": (188760, 0x06C3, "51.1"),
    "body_water": (188764, 0x06C3, "39.5"),
}
"""Code, unit and value of what the scale tells, by metric."""
_BODY_OBJECTS = tuple(
    PhdObject(handle, code, unit, _SIMPLE_AT) for handle, (code, unit, _) in enumerate(_BODY.values(), 1)
)
_PLACES = ("temp_body", "temp_tymp", "temp_oral", "temp_rect", "temp_axil", "temp_skin", "temp_core", "temp")
_PLACE_CODES = (150364, 150392, 188424, 188420, 188452, 188432, 188456, 188428)
_PLACE_OBJECTS = tuple(
    PhdObject(handle, code, 0x17A0, _SIMPLE_AT) for handle, code in enumerate(_PLACE_CODES, 1)
)
_SAMPLES = (
    PhdObject(1, 160184, 0x0852, _BASIC_AT),
    PhdObject(2, 160196, 0x0852, _BASIC_AT),
    PhdObject(3, 160212, 0x0852, _BASIC_AT),
)
_GLUCOSES = ("glucose_cap", "glucose", "glucose_isf")

_KINDS = {
    "phd-pulse-oximeter": Kind(
        "PulseOx",
        0x0190,
        1.0,
        lambda patient, at: {
            "spo2": _rounded(patient.spo2(at)),
            "pr_spo2": _rounded(patient.heart_rate(at)),
        },
        lambda numbers: {1: sfloat(numbers["spo2"]), 10: sfloat(numbers["pr_spo2"])},
        stamped=False,
    ),
    "phd-blood-pressure": Kind("Cuff", 0x02BC, 5.0, _pressure, _pressure_values),
    "phd-weighing-scale": Kind(
        "Scale",
        0x4000,
        5.0,
        _body,
        lambda numbers: {handle: float32(numbers[name]) for handle, name in enumerate(_BODY, 1)},
        _BODY_OBJECTS,
    ),
    "phd-thermometer": Kind(
        "Thermometer",
        0x4001,
        5.0,
        lambda patient, at: dict.fromkeys(_PLACES, _rounded(patient.temperature(at), 1)),
        lambda numbers: {handle: float32(numbers[name]) for handle, name in enumerate(_PLACES, 1)},
        _PLACE_OBJECTS,
    ),
    "phd-glucose-meter": Kind(
        "Meter",
        0x4002,
        5.0,
        lambda _patient, at: dict.fromkeys(_GLUCOSES, _rounded(_GLUCOSE.at(at))),
        lambda numbers: {handle: sfloat(numbers[name]) for handle, name in enumerate(_GLUCOSES, 1)},
        _SAMPLES,
    ),
}


def _made(kind: Kind) -> MakeSim:
    return lambda patient: PhdSim(kind, patient)


SIMULATORS: dict[str, MakeSim] = {name: _made(kind) for name, kind in _KINDS.items()}
