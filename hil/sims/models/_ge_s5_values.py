"""What a simulated GE S/5 monitor shows, class by class and group by group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.codecs.dri.physiological import ACTIVE, CLASSES, EXISTS, INVALID, Measured

AMBIENT_MMHG = 760
ONCE = {"nibp_sys", "nibp_dia", "nibp_map", "pr_nibp", "co", "pawp"}
"""Measured now and then, and shown until they are measured again."""
_SOURCE_ECG, _LEAD_II = 9 << 3, 2 << 8
_COUNT_3, _SVO2, _SEVOFLURANE = 3 << 5 | 31, 2, 6
_NIBP_IS_OLD, _OUTPUT_IS_OLD = 1 << 8, 3


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its metric (empty: none), how it is sent, and the factor that makes it the metric's."""

    metric: str
    raw: int
    exponent: int = 0
    factor: float = 1.0

    @classmethod
    def of(cls, metric: str, number: float, exponent: int = 0, factor: float = 1.0) -> "Value":
        """`number` as it is sent: a whole number of 10^`exponent`."""
        return cls(metric, round(number * 10**-exponent), exponent, factor)

    @property
    def said(self) -> float:
        """What it says, in the metric's unit."""
        return self.raw / 10**-self.exponent * self.factor


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the monitor shows it."""

    name: str
    values: Sequence[Value]
    label: int = 0
    status: int = 0

    def measured(self, number: int, on_patient: bool) -> Measured:
        """The group of class `number`; off the patient its module is there and measures nothing."""
        group = next(group for group in CLASSES[number] if group.name == self.name)
        raw = [value.raw for value in self.values] if on_patient else []
        status = self.status | EXISTS | (ACTIVE if on_patient else 0)
        padded = [*raw, *[INVALID] * (len(group.fields) - len(raw))]
        return Measured(group, status, self.label, tuple(padded))


@dataclass(frozen=True, slots=True)
class Now:
    """What the patient and the monitor's last measurements give."""

    rate: int
    spo2: float
    core: float
    cuff_rate: int
    turn: int
    """Of the measurements that are made once."""
    is_old: bool


def basic(now: Now) -> list[Shown]:
    """Class 0."""
    bump = now.turn % 7
    cuff = [*_many(-2, nibp_sys=118 + bump, nibp_dia=72, nibp_map=87), Value("pr_nibp", now.cuff_rate)]
    output = [
        Value("co", 5200 + 10 * bump, 0, 0.001),
        Value.of("temp_blood", now.core, -2),
        Value("", INVALID),
    ]
    return [
        Shown("ecg", _ecg(now.rate), _LEAD_II, _SOURCE_ECG),
        Shown("p1", [*_many(-2, abp_sys=121, abp_dia=68, abp_map=86), Value("pr_ibp", now.rate)], 1),
        Shown("p2", [_NONE, _NONE, Value.of("cvp", 6.5, -2), _NONE], 2),
        Shown("p3", [*_many(-2, pap_sys=27, pap_dia=12, pap_map=18), _NONE], 3),
        Shown("p4", [_NONE, _NONE, Value.of("icp", 11, -2), _NONE], 7),
        Shown("nibp", cuff, _NIBP_IS_OLD * now.is_old),
        Shown("t1", [Value.of("temp_core", now.core, -2)], 15),
        Shown("t2", [Value.of("temp_skin", now.core - 3, -2)], 7),
        Shown("t3", [Value.of("temp_esoph", now.core - 0.1, -2)], 1),
        Shown("t4", [Value.of("temp_blad", now.core + 0.1, -2)], 5),
        Shown("spo2", [Value.of("spo2", now.spo2, -2), Value("pr_spo2", now.rate)]),
        Shown("co2", _co2()),
        Shown("o2", _many(-2, eto2=34.5, fio2=40)),
        Shown("n2o", _many(-2, etn2o=1.5, fin2o=2)),
        Shown("aa", _many(-2, etsev=1.8, fisev=2.1, mac=0.95), _SEVOFLURANE),
        Shown("flow_vol", _flow()),
        Shown("co_wedge", [*output, Value.of("pawp", 9 + bump, -2)], _OUTPUT_IS_OLD * now.is_old),
        Shown("nmt", [_NONE, Value.of("tof_ratio", 45, -1), Value("", _COUNT_3)]),
        Shown("ecg_extra", [Value("", now.rate)] * 3),
        Shown("svo2", [Value.of("svo2", 71, -2)], _SVO2),
        Shown("p5", [*_many(-2, ibp_sys=110, ibp_dia=60, ibp_map=77), _NONE], 13),
    ]


def extended(now: Now) -> list[list[Shown]]:
    """Classes 1 to 3."""
    leads = [_NONE, Value.of("", 0.05, -3), *[_NONE] * 8, Value.of("st_v5", -0.02, -3)]
    ext1 = [
        Shown("arrh_ecg", [Value("", now.rate), _NONE, Value("pvc_rate", 2), Value("", 0), Value("", 0)]),
        Shown("ecg_12", leads),
        Shown("t5", [Value.of("temp_rect", now.core + 0.2, -2)], 4),
        Shown("t6", [Value.of("temp", now.core - 1, -2)], 18),
    ]
    ext2 = [
        Shown("nmt2", [Value("tof_count", 3)]),
        Shown("eeg_bis", [Value("bis", 47), _NONE, _NONE, Value("suppression_ratio", 1)]),
        Shown("entropy", [*_many(0, state_entropy=44, response_entropy=48), Value("", 1)]),
        Shown("spi", [Value("surgical_pleth_index", 38)]),
    ]
    flow = [
        *_many(-2, vent_peep_i=0.8, vent_pmean=9.2, vent_raw=11),
        *(_NONE, _NONE, Value.of("vent_mv_spont", 1.2, -2), _NONE, _NONE, _NONE),
        Value.of("vent_cstat", 48, -2),
    ]
    ext3 = [
        Shown("flow_vol2", flow),
        Shown("delp", [_NONE, Value.of("ppv", 8, -2)]),
        Shown("cpp", [Value.of("cpp", 75, -2)]),
    ]
    return [ext1, ext2, ext3]


_NONE = Value("", INVALID)


def _many(exponent: int, **numbers: float) -> list[Value]:
    return [Value.of(metric, number, exponent) for metric, number in numbers.items()]


def _ecg(rate: int) -> list[Value]:
    return [Value("hr", rate), Value.of("st_ii", 0.05, -3), _NONE, _NONE, Value("rr_imped", 15)]


def _co2() -> list[Value]:
    pressures = [
        Value.of(metric, percent, -2, AMBIENT_MMHG / 100) for metric, percent in _CO2_PERCENT.items()
    ]
    return [*pressures, Value("rr_co2", 15), Value("", AMBIENT_MMHG * 10)]


_CO2_PERCENT: Mapping[str, float] = {"etco2": 5.0, "fico2": 0.1}


def _flow() -> list[Value]:
    return [
        Value("vent_rr_total", 15),
        *_many(-2, vent_pip=19, vent_peep=5, vent_pplat=16),
        *_many(-1, vent_vt_insp=480, vent_vt=470),
        *_many(-2, vent_cdyn=42, vent_mv=7.05),
    ]
