"""What an observation says, as readings and events."""

from collections.abc import Iterator, Mapping

from devices.codecs import Said
from devices.codecs.gatt import reading
from devices.codecs.health import Conditions
from devices.codecs.phd.mder import Reader, readable
from devices.codecs.phd.nomenclature import (
    OXIMETER_STATUS,
    SCADA,
    UNITS,
    Attribute,
    in_unit_of,
    metric_of,
)
from devices.codecs.phd.objects import PhdObject
from devices.codecs.phd.observations import (
    CALIBRATING,
    DEMONSTRATION,
    EARLY,
    ONGOING,
    QUESTIONABLE,
    TEST,
    Value,
    values_of,
)
from devices.codecs.phd.stamps import Moment
from devices.codecs.plx_status import Sensor, Status
from devices.errors import UnknownUnit
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality

SYSTEM = "MDC"
"""`system` of UNMAPPED events whose `code` is context-free: partition × 65536 + term."""
_Key = tuple[int, int, int]
"""Handle, place among the object's numbers, code."""


class Speaker:
    """Puts into words what objects tell; of what has no metric, only what changes."""

    def __init__(self) -> None:
        self._told: dict[_Key, tuple[str, str]] = {}
        self._conditions = Conditions()
        self._sensor = Status()

    def says(self, one: PhdObject, told: Mapping[int, bytes], moment: Moment) -> list[Said]:
        """What the attributes `told` of `one` say. Raises BadBytes."""
        said: list[Said] = []
        for index, value in enumerate(values_of(one, told)):
            said += self._number(one, index, value, moment)
        for text in _enumerations(told):
            if one.code == OXIMETER_STATUS and text.isdecimal():
                said += self._oximeter(int(text), moment.at)
            else:
                said += self._unmapped((one.handle, 0, one.code), text, "", moment.at)
        if Attribute.SAMPLES in told:
            said += self._unmapped((one.handle, 0, one.code), "samples", "", moment.at)
        return said

    def _number(self, one: PhdObject, index: int, value: Value, moment: Moment) -> list[Said]:
        metric = metric_of(value.code, value.unit) if one.maps else None
        number = value.counted
        if metric:
            try:
                number = in_unit_of(metric, number, value.unit)
            except UnknownUnit:
                metric = None
        if metric is None:
            text = number.name if isinstance(number, NoValue) else f"{number:f}"
            unit = UNITS.get(value.unit, f"MDC {value.unit}" if value.unit else "")
            return [*self._unmapped((one.handle, index, value.code), text, unit, moment.at)]
        quality = moment.quality | _quality(value.status)
        if metric in ("spo2", "pr_spo2"):
            number = self._sensor.no_value or number
            quality |= self._sensor.quality
        return [reading(metric, moment.at, number, quality)]

    def _oximeter(self, bits: int, at: Instant) -> list[DeviceEvent]:
        self._sensor = Status(sensor=Sensor(bits & 0xFFFF))
        return self._conditions.become(self._sensor.conditions, at)

    def _unmapped(self, key: _Key, text: str, unit: str, at: Instant) -> list[DeviceEvent]:
        if self._told.get(key) == (text, unit):
            return []
        self._told[key] = text, unit
        detail: dict[str, str | int] = {"code": str(key[2]), "system": SYSTEM, "value": text, "unit": unit}
        return [DeviceEvent(EventKind.UNMAPPED, at, detail)]


def _enumerations(told: Mapping[int, bytes]) -> Iterator[str]:
    """Each enumerated value as text: bits and object ids as numbers. Raises BadBytes."""
    for attribute, data in told.items():
        reader = Reader(data)
        match attribute:
            case Attribute.ENUMERATION_BITS_16:
                yield str(reader.u16())
            case Attribute.ENUMERATION_BITS_32:
                yield str(reader.u32())
            case Attribute.ENUMERATION_OID:
                yield str(SCADA << 16 | reader.u16())
            case Attribute.ENUMERATION_STRING:
                yield readable(reader.octets())
            case Attribute.ENUMERATION:
                yield data.hex()
            case _:
                continue


def _quality(status: int) -> Quality:
    quality = Quality.GOOD
    if status & (QUESTIONABLE | CALIBRATING | EARLY | ONGOING):
        quality |= Quality.QUESTIONABLE
    return quality | Quality.TEST_DATA if status & (TEST | DEMONSTRATION) else quality
