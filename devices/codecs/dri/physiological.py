"""The physiological database of the DRI: four classes of groups, each of a header and signed 16-bit values.

    time (4)  groups (270)  marker (1)  reserved (1)  class in bits 8 to 11 (2)

A group's header is status (4) and label (2); bit 0 of status says that its module exists, bit 1 that it
measures. Groups that a monitor does not have are filled with zeros or with "invalid": their numbers mean
nothing. A field is written here as `name exponent unit metric`; one without a metric of its own gets it from
labels and status (`labels`), or has none. Source: DRI chapter 3.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs.ieee11073 import Number
from devices.errors import BadBytes
from devices.model.observation import NoValue

SUBRECORD_BYTES = 278
DISPLAYED, TREND_10_S, TREND_60_S = 1, 2, 3
"""Subrecord types. Their form is the same; hosts here ask for what the monitor displays."""
_TIME, _TAIL, _GROUP = struct.Struct("<I"), struct.Struct("<BBH"), struct.Struct("<IH")
INVALID = -32767
_LIMIT = -32000
"""The least number; what is less is a reason for having none (DRI table 3-9)."""
_REASONS = {
    INVALID: NoValue.NOT_AVAILABLE,
    -32766: NoValue.NOT_AVAILABLE,  # not updated
    -32765: NoValue.NOT_AVAILABLE,  # discontinuity; not in the 12th edition, other readers name it
    -32764: NoValue.UNDERFLOW,
    -32763: NoValue.OVERFLOW,
    -32762: NoValue.INVALID,  # not calibrated
}
EXISTS, ACTIVE = 1, 2


@dataclass(frozen=True, slots=True)
class Field:
    """One value: `raw` × 10^`exponent` in `unit`."""

    name: str
    exponent: int
    unit: str
    metric: str | None

    def number(self, raw: int) -> Number:
        """What `raw` means, in `unit`."""
        if raw < _LIMIT:
            return _REASONS.get(raw, NoValue.RESERVED)
        return Decimal(raw).scaleb(self.exponent)


@dataclass(frozen=True, slots=True)
class Group:
    """A group's place in its class. Without a `header` it goes by the one of group `ecg`."""

    name: str
    offset: int
    fields: tuple[Field, ...]
    header: bool = True

    @property
    def size(self) -> int:
        """Bytes, of what is read here."""
        return _GROUP.size * self.header + 2 * len(self.fields)


@dataclass(frozen=True, slots=True)
class Measured:
    """A group as it was sent."""

    group: Group
    status: int
    label: int
    raw: tuple[int, ...]

    @property
    def is_active(self) -> bool:
        """Whether its module is there and measures: only then do its values mean anything."""
        return self.status & (EXISTS | ACTIVE) == EXISTS | ACTIVE

    def number(self, name: str) -> Number:
        """The value of the field called `name`."""
        for field, raw in zip(self.group.fields, self.raw, strict=True):
            if field.name == name:
                return field.number(raw)
        raise KeyError(name)

    def bits(self, first: int, last: int) -> int:
        """Bits `first` to `last` of the status."""
        return self.status >> first & (1 << last - first + 1) - 1


def _group(name: str, offset: int, fields: str, header: bool = True) -> Group:
    read: list[Field] = []
    for text in fields.split(", "):
        field, exponent, unit, *metric = text.split()
        read.append(Field(field, int(exponent), unit, metric[0] if metric else None))
    return Group(name, offset, tuple(read), header)


def _pressure(name: str, offset: int) -> Group:
    return _group(name, offset, "sys -2 mm[Hg], dia -2 mm[Hg], mean -2 mm[Hg], hr 0 /min pr_ibp")


def _saturation(name: str, offset: int) -> Group:
    return _group(name, offset, "SpO2 -2 % spo2, pr 0 /min pr_spo2, ir_amp -2 %, SvO2 -2 %")


def _temperature(name: str, offset: int) -> Group:
    return _group(name, offset, "temp -2 Cel")


_LEADS = ["I", "II", "III", "AVL", "AVR", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
_EEG = (
    "ampl_{n} -1 uV, sef_{n} -1 Hz, mf_{n} -1 Hz, delta_{n} 0 %, theta_{n} 0 %, alpha_{n} 0 %, beta_{n} 0 %, "
    "bsr_{n} 0 %"
)

BASIC = (
    _group("ecg", 0, "hr 0 /min, st1 -3 mV, st2 -3 mV, st3 -3 mV, imp_rr 0 /min rr_imped"),
    *(_pressure(f"p{n}", 16 + 14 * (n - 1)) for n in range(1, 5)),
    _group(
        "nibp",
        72,
        "sys -2 mm[Hg] nibp_sys, dia -2 mm[Hg] nibp_dia, mean -2 mm[Hg] nibp_map, hr 0 /min pr_nibp",
    ),
    *(_temperature(f"t{n}", 86 + 8 * (n - 1)) for n in range(1, 5)),
    _saturation("spo2", 118),
    _group("co2", 132, "et -2 %, fi -2 %, rr 0 /min, amb_press -1 mm[Hg]"),
    _group("o2", 146, "et -2 % eto2, fi -2 % fio2"),
    _group("n2o", 156, "et -2 % etn2o, fi -2 % fin2o"),
    _group("aa", 166, "et -2 %, fi -2 %, mac_sum -2 1 mac"),
    _group(
        "flow_vol",
        178,
        "rr 0 /min vent_rr_total, ppeak -2 cm[H2O] vent_pip, peep -2 cm[H2O] vent_peep, "
        "pplat -2 cm[H2O] vent_pplat, tv_insp -1 mL vent_vt_insp, tv_exp -1 mL vent_vt, "
        "compliance -2 mL/cm[H2O] vent_cdyn, mv_exp -2 L/min vent_mv",
    ),
    _group("co_wedge", 200, "co 0 mL/min co, blood_temp -2 Cel temp_blood, ref -2 %, pcwp -2 mm[Hg] pawp"),
    _group("nmt", 214, "t1 -1 %, tratio -1 %, ptc 0 1"),
    _group("ecg_extra", 226, "hr_ecg 0 /min hr, hr_max 0 /min, hr_min 0 /min", header=False),
    _group("svo2", 232, "svo2 -2 %"),
    _pressure("p5", 240),
    _pressure("p6", 254),
)
"""`st` is told in 1/100 mm: on paper at 10 mm/mV 1 mm is 0.1 mV."""
EXT1 = (
    _group("arrh_ecg", 0, "hr 0 /min, rr_time 0 ms, pvc 0 /min pvc_rate, low 0 1, high 0 1"),
    _group("ecg_12", 48, ", ".join(f"st{lead} -3 mV st_{lead.lower()}" for lead in _LEADS)),
    _pressure("p7", 78),
    _pressure("p8", 92),
    _saturation("spo2_2", 106),
    _temperature("t5", 120),
    _temperature("t6", 128),
)
"""`low` and `high` are the two words of the arrhythmia bits."""
EXT2 = (
    _group("nmt2", 0, "count 0 1, t1 0 1, t2 0 1, t3 0 1, t4 0 1"),
    _group("eeg", 24, "femg -1 uV, " + ", ".join(_EEG.format(n=n) for n in range(1, 5))),
    _group("eeg_bis", 96, "bis 0 1 bis, sqi_val 0 %, emg_val 0 dB, sr_val 0 % suppression_ratio"),
    _group(
        "entropy",
        112,
        "eeg_ent 0 1 state_entropy, emg_ent 0 1 response_entropy, bsr_ent 0 % suppression_ratio",
    ),
    _group("spi", 230, "spi_val 0 1 surgical_pleth_index"),
)
EXT3 = (
    _group("gasex", 0, "vo2 -1 mL/min, vco2 -1 mL/min, ee 0 kcal/d, rq -3 1"),
    _group(
        "flow_vol2",
        14,
        "ipeep -2 cm[H2O] vent_peep_i, pmean -2 cm[H2O] vent_pmean, raw -2 cm[H2O].s/L vent_raw, "
        "mv_insp -2 L/min, epeep -2 cm[H2O], mv_spont -2 L/min vent_mv_spont, ie_ratio -2 1, insp_time -2 s, "
        "exp_time -2 s, static_compliance -2 mL/cm[H2O] vent_cstat, static_pplat -2 cm[H2O], "
        "static_peepe -2 cm[H2O], static_peepi -2 cm[H2O]",
    ),
    _group("bal", 60, "et -2 %, fi -2 %"),
    _group(
        "tono",
        70,
        "prco2 -2 kPa, pr_et -2 kPa, pr_pa -2 kPa, pa_delay 0 min, phi -2 1, phi_delay 0 min, "
        "amb_press -1 mm[Hg]",
    ),
    _group("aa2", 92, "mac_age_sum -2 1"),
    _group("delp", 116, "spv -2 mm[Hg], ppv -2 % ppv"),
    _group("cpp", 126, "value -2 mm[Hg] cpp"),
    _group("cpp2", 134, "value -2 mm[Hg]"),
    _group(
        "picco",
        142,
        "cci 0 mL/min/m2, cco 0 mL/min, cfi -2 /min, ci 0 mL/min/m2, co 0 mL/min, cpi 0 mW/m2, cpo 0 mW, "
        "dpmax 0 mm[Hg]/s, elwi -1 mL/kg, evlw 0 mL, gedi 0 mL/m2, gedv 0 mL, gef -1 %, itbi 0 mL/m2, "
        "itbv 0 mL, ppv -1 %, pvpi -2 1, sv -1 mL, svi -1 mL/m2, svr 0 dyn.s/cm5, svri 0 dyn.s.m2/cm5, "
        "svv -1 %, tblood -2 Cel, tinj -2 Cel",
    ),
)
CLASSES: tuple[tuple[Group, ...], ...] = (BASIC, EXT1, EXT2, EXT3)


@dataclass(frozen=True, slots=True)
class Physiological:
    """One physiological subrecord."""

    number: int
    """Of its class: 0 basic, 1 to 3 extended."""
    groups: Mapping[str, Measured]
    time: int = 0
    """Seconds since 1970 by the monitor's clock."""
    marker: int = 0
    """Of the latest mark that a person set."""

    @classmethod
    def decode(cls, data: bytes) -> "Physiological":
        """Read a subrecord. Raises BadBytes."""
        if len(data) < SUBRECORD_BYTES:
            raise BadBytes("length", f"expected {SUBRECORD_BYTES} bytes, got {len(data)}")
        marker, _, kind = _TAIL.unpack_from(data, SUBRECORD_BYTES - _TAIL.size)
        number: int = kind >> 8 & 15
        if number >= len(CLASSES):
            raise BadBytes("range", f"there is no physiological class {number}")
        groups: dict[str, Measured] = {}
        for group in CLASSES[number]:
            at = _TIME.size + group.offset
            status, label = _GROUP.unpack_from(data, at) if group.header else (groups["ecg"].status, 0)
            raw = struct.unpack_from(f"<{len(group.fields)}h", data, at + _GROUP.size * group.header)
            groups[group.name] = Measured(group, status, label, raw)
        return cls(number, groups, _TIME.unpack_from(data)[0], marker)

    def encode(self) -> bytes:
        """The subrecord; groups that are not given do not exist."""
        data = bytearray(SUBRECORD_BYTES)
        _TIME.pack_into(data, 0, self.time)
        for group in CLASSES[self.number]:
            one = self.groups.get(group.name) or Measured(group, 0, 0, (INVALID,) * len(group.fields))
            at = _TIME.size + group.offset
            if group.header:
                _GROUP.pack_into(data, at, one.status, one.label)
            struct.pack_into(f"<{len(group.fields)}h", data, at + _GROUP.size * group.header, *one.raw)
        _TAIL.pack_into(data, SUBRECORD_BYTES - _TAIL.size, self.marker, 0, self.number << 8)
        return bytes(data)
