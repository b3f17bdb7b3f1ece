"""Nomenclature of 11073-10101 that 20601 and its specialisations use, and the metrics that it means.

Numbers checked in signove/antidote (src/dim/nomenclature.h); temperatures and glucoses by 11073-10408 and
-10417, table 3, as the Bluetooth SIG's Personal Health Devices Transcoding White Paper repeats them.
"""

from decimal import Decimal
from enum import IntEnum

from devices.codecs.ieee11073 import Number
from devices.errors import UnknownUnit
from devices.model.glucose import measured_in
from devices.model.metrics import METRICS
from devices.model.observation import NoValue
from devices.model.units import converted

SCADA = 2
"""The partition of what is measured."""
PRIVATE = 0xF000
"""From here on every maker has terms of his own: the same number means another thing with another maker."""


class Attribute(IntEnum):
    """Attribute ids (MDC_ATTR_…)."""

    METRIC_ID = 0x092B
    ID_MODEL = 0x0928
    PRODUCTION_SPECIFICATION = 0x092D
    TYPE = 0x092F
    MEASUREMENT_STATUS = 0x0947
    COMPOUND_VALUE = 0x094B
    VALUE = 0x0950
    SYSTEM_ID = 0x0984
    TIME_ABSOLUTE = 0x0987
    TIME_RELATIVE = 0x098F
    STAMP_ABSOLUTE = 0x0990
    STAMP_RELATIVE = 0x0991
    UNIT_CODE = 0x0996
    BATTERY_LEVEL = 0x099C
    ENUMERATION = 0x099E
    STAMP_HIGH_RESOLUTION = 0x09E9
    METRIC_SPECIFICATION = 0x0A46
    SAMPLES = 0x0A48
    ENUMERATION_OID = 0x0A49
    ENUMERATION_STRING = 0x0A4A
    VALUE_BASIC = 0x0A4C
    VALUE_MAP = 0x0A55
    VALUE_SIMPLE = 0x0A56
    METRIC_ID_PARTITION = 0x0A5F
    SUPPLEMENTAL_TYPES = 0x0A61
    ENUMERATION_BITS_32 = 0x0A65
    ENUMERATION_BITS_16 = 0x0A66
    COMPOUND_SIMPLE = 0x0A74
    COMPOUND_BASIC = 0x0A75
    METRIC_ID_LIST = 0x0A76
    TIME_BASE_OFFSET = 0x0A81
    STAMP_BASE_OFFSET = 0x0A82


class Event(IntEnum):
    """Event types (MDC_NOTI_…). Those of scanners (from 0x0D22) are laid out as those of the MDS."""

    CONFIGURATION = 0x0D1C
    SCAN_FIXED = 0x0D1D
    SCAN_VAR = 0x0D1E
    SCAN_MP_FIXED = 0x0D1F
    SCAN_MP_VAR = 0x0D20
    UNBUFFERED_VAR = 0x0D22
    UNBUFFERED_FIXED = 0x0D23
    UNBUFFERED_MP_VAR = 0x0D25
    UNBUFFERED_MP_FIXED = 0x0D26
    BUFFERED_VAR = 0x0D28
    BUFFERED_FIXED = 0x0D29
    BUFFERED_MP_VAR = 0x0D2B
    BUFFERED_MP_FIXED = 0x0D2C


UNITS: dict[int, str] = {
    0x0200: "1",
    0x0220: "%",
    0x0500: "m",
    0x0511: "cm",
    0x0560: "[in_i]",
    0x06C0: "g",
    0x06C3: "kg",
    0x06E0: "[lb_av]",
    0x07A0: "kg/m2",
    0x0852: "mg/dL",
    0x0AA0: "/min",
    0x0AE0: "/min",
    0x0F03: "kPa",
    0x0F20: "mm[Hg]",
    0x1140: "[degF]",
    0x1272: "mmol/L",
    0x17A0: "Cel",
}
"""MDC_DIM_… as UCUM."""

_ALIASES = {
    188428: "temp",  # ear
    188432: "temp_skin",  # finger
    188448: "temp_skin",  # toe
    188452: "temp_axil",
    188456: "temp_core",  # gastro-intestinal
    160188: "glucose_cap",  # capillary plasma
    160192: "glucose",  # venous whole blood
    160196: "glucose",  # venous plasma
    160200: "glucose",  # arterial whole blood
    160204: "glucose",  # arterial plasma
    160364: "glucose",  # undetermined whole blood
    160368: "glucose",  # undetermined plasma
}
OXIMETER_STATUS = 150604
"""MDC_PULS_OXIM_DEV_STATUS: its bits are those of the Pulse Oximeter Service's Device and Sensor Status."""
SECONDARY_MODALITIES = frozenset({150580, 150584})
"""MDC_MODALITY_FAST and _SLOW: another average of what is measured already."""


def _by_code() -> dict[int, str]:
    found = dict(_ALIASES)
    for metric in METRICS.values():
        if metric.mdc_code is not None and not metric.is_waveform and metric.mdc_code & 0xFFFF < PRIVATE:
            found.setdefault(metric.mdc_code, metric.name)
    return found


_METRICS = _by_code()


def metric_of(code: int, unit_code: int = 0) -> str | None:
    """The metric that the context-free `code` (partition × 65536 + term) means with this unit, if the table
    has one: of glucose there is one for each of its units.

    A control solution is nobody's glucose, and a private term is nobody else's: both have none.
    """
    metric = _METRICS.get(code)
    return metric and measured_in(metric, UNITS.get(unit_code, ""))


def in_unit_of(metric: str, number: Number, unit_code: int) -> Number:
    """`number` in the metric's own unit. Raises UnknownUnit."""
    unit = UNITS.get(unit_code)
    if unit is None:
        raise UnknownUnit(f"expected a known MDC_DIM code, got {unit_code}")
    wanted = METRICS[metric].unit
    exact = Decimal(0) if isinstance(number, NoValue) else number
    value = converted(exact, unit, wanted)
    return number if isinstance(number, NoValue) else value
