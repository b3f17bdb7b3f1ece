"""What the labels and the status of a DRI group make of its values: which metric they are, what is wrong.

Source: DRI sections 3.5 to 3.7, whose numbers of tables are given here.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from devices.codecs.device_alarms import Alarm
from devices.codecs.dri.physiological import ACTIVE, EXISTS, Field, Measured
from devices.codecs.ieee11073 import Number
from devices.model.observation import NoValue, Quality

SYSTEM = "GE-DRI"
"""Of the codes in UNMAPPED events: group and field as the specification names them."""

_PRESSURES = (
    *("", "ART", "CVP", "PA", "RAP", "RVP", "LAP", "ICP", "ABP", "P1", "P2", "P3", "P4", "P5", "P6", "SP"),
    *("FEM", "UAC", "UVC", "ICP2", "P7", "P8", "FEMV"),
)
"""Table 3-16."""
_ARTERIAL = {"sys": "abp_sys", "dia": "abp_dia", "mean": "abp_map"}
_PRESSURE_METRICS: Mapping[str, Mapping[str, str]] = {
    "ART": _ARTERIAL,
    "ABP": _ARTERIAL,
    "CVP": {"mean": "cvp"},
    "PA": {"sys": "pap_sys", "dia": "pap_dia", "mean": "pap_map"},
    "RAP": {"mean": "rap"},
    "LAP": {"mean": "lap"},
    "ICP": {"mean": "icp"},
    **{f"P{n}": {"sys": "ibp_sys", "dia": "ibp_dia", "mean": "ibp_map"} for n in range(1, 9)},
}
PRESSURE_WAVES = {
    **{"ART": "abp_wave", "ABP": "abp_wave", "CVP": "cvp_wave", "PA": "pap_wave", "ICP": "icp_wave"},
    **{f"P{n}": "ibp_wave" for n in range(1, 9)},
}
_TEMPERATURES = (
    *("", "temp_esoph", "temp_nasoph", "temp_tymp", "temp_rect", "temp_blad", "temp_axil", "temp_skin"),
    *("temp_airway", "", "", "temp", "temp", "temp", "temp", "temp_core", "temp_skin", "temp", "temp"),
)
"""Table 3-20. A room (9) and the heart's muscle (10) are no body temperature."""
_AGENTS = {4: "iso", 5: "des", 6: "sev"}
"""Table 3-35, those that have metrics."""
_LEADS = ("", "i", "ii", "iii", "avr", "avl", "avf", "v")
"""Table 3-13."""
_BY_ECG, _BY_PRESSURE, _BY_PLETH = (0, 1, 9), dict.fromkeys((2, 3, 4, 5, 7, 8, 10, 11), "pr_ibp"), 6
"""Heart rate sources, table 3-11. 0 is "not selected", what monitors say that do not tell it."""
_LEVEL_2003 = 8
_IMPEDANCE = 2
_TRAIN_OF_FOUR, _SVO2 = 0, 2
_WATER_VAPOUR = Decimal(47)
"""Its pressure at 37 °C, mmHg."""

_STATES: Mapping[str, Mapping[int, str]] = {
    "ecg": {7: "ecg-noise", 8: "ecg-artifact", 9: "ecg-learning"},
    "co2": {3: "co2-calibrating", 4: "co2-zeroing", 5: "co2-occlusion", 6: "co2-air-leak"},
    "flow_vol": {2: "airway-disconnected", 5: "airway-obstruction", 6: "airway-leak"},
    "svo2": {3: "svo2-cable-faulty", 4: "svo2-no-cable", 5: "svo2-not-calibrated"},
    "entropy": {2: "entropy-cable-off", 3: "entropy-no-sensor", 4: "entropy-sensor-off"},
    **{f"p{n}": {2: f"ibp-{n}-zeroing"} for n in range(1, 9)},
}
_ALARMS: Mapping[str, Mapping[int, str]] = {"ecg": {2: "asystole"}, "co2": {2: "co2-apnea", 7: "resp-apnea"}}
_APNEA_DEACTIVATED = 8
_NIBP_MEASURING = 5
_ARRHYTHMIAS = (
    *("asystole", "ventricular fibrillation", "rapid ventricular tachycardia", "ventricular tachycardia"),
    *("extreme bradycardia", "extreme tachycardia", "PVC run", "long R-to-R interval", "PVC triplet"),
    *("PVC couplet", "R-on-T PVC", "idioventricular rhythm", "ventricular bigeminy", "ventricular trigeminy"),
    *("frequent PVCs", "multifocal PVCs", "supraventricular tachycardia", "frequent SVCs", "missing beat"),
    *(
        "unclassified arrhythmia",
        "noisy ECG",
        "problem QRS",
        "low amplitude",
        "salvo",
        "pacer non-functional",
    ),
    *("pacer non-capture", "new QRS", "bradycardia", "tachycardia", "ventricular bradycardia"),
)
"""Table 3-51, bits 0 to 29; "arrhythmia off" and "no telemetry" are no alarms."""


def pressure_label(label: int) -> str:
    """What a pressure channel is called; empty where it is not said."""
    return _PRESSURES[label] if label < len(_PRESSURES) else ""


def ecg_lead(label: int, channel: int) -> str:
    """The lead of ECG channel 1 to 3 by the label of group `ecg`; empty where it is not said."""
    return lead(label >> 4 * (3 - channel) & 15)


def lead(number: int) -> str:
    """The lead with a number of table 3-13; empty where it is not said."""
    return _LEADS[number] if number < len(_LEADS) else ""


def metric(one: Measured, field: Field, level: int) -> str | None:
    """The metric of a field, if it has one. `level` is the record's."""
    if field.metric is not None:
        return field.metric
    by_label = _BY_LABEL.get(one.group.name)
    return by_label(one, field.name, level) if by_label else None


def _ecg(one: Measured, field: str, _: int) -> str | None:
    if field == "hr":
        source = one.bits(3, 6)
        return "hr" if source in _BY_ECG else {**_BY_PRESSURE, _BY_PLETH: "pr_spo2"}.get(source)
    shown = ecg_lead(one.label, int(field.removeprefix("st")))
    return f"st_{shown}" if shown not in ("", "v") else None


def _pressure(one: Measured, field: str, _: int) -> str | None:
    return _PRESSURE_METRICS.get(pressure_label(one.label), {}).get(field)


def _temperature(one: Measured, _field: str, _: int) -> str | None:
    return (_TEMPERATURES[one.label] if one.label < len(_TEMPERATURES) else "") or None


def _breaths(one: Measured, _field: str, level: int) -> str:
    """Before '03 the label says what the rate was taken from; since then it is always the CO2."""
    is_impedance = level < _LEVEL_2003 and one.label & 7 == _IMPEDANCE
    return "rr_imped" if is_impedance else "rr_co2"


def _agent(one: Measured, field: str, _: int) -> str | None:
    agent = _AGENTS.get(one.label)
    return f"{field}{agent}" if agent else None


def _ratio(one: Measured, field: str, _: int) -> str | None:
    return "tof_ratio" if field == "tratio" and one.bits(2, 3) == _TRAIN_OF_FOUR else None


def _saturation(one: Measured, field: str, _: int) -> str | None:
    return "svo2" if field.lower() == "svo2" and one.label & 3 == _SVO2 else None


_BY_LABEL: Mapping[str, Callable[[Measured, str, int], str | None]] = {
    "ecg": _ecg,
    "co2": _breaths,
    "aa": _agent,
    "nmt": _ratio,
    "spo2": _saturation,
    "svo2": _saturation,
    **{f"p{n}": _pressure for n in range(1, 9)},
    **{f"t{n}": _temperature for n in range(1, 7)},
}
"""By the group's name."""


def partial_pressure(one: Measured, percent: Number) -> Number:
    """The pressure, mmHg to 0.01, of a CO2 concentration: its part of the ambient pressure.

    With the WET bit (9) the monitor shows it at body temperature, saturated: without the water's pressure.
    """
    ambient = one.number("amb_press")
    if isinstance(percent, NoValue) or isinstance(ambient, NoValue) or ambient <= _WATER_VAPOUR:
        return percent if isinstance(percent, NoValue) else NoValue.NOT_AVAILABLE
    dry = ambient - _WATER_VAPOUR if one.bits(9, 9) else ambient
    return round(percent * dry / 100, 2)


def text(one: Measured) -> str:
    """What a person calls the group, where its label says it: the name of a pressure channel."""
    return pressure_label(one.label) if one.group.name.startswith("p") and one.group.size == 14 else ""


def conditions(groups: Mapping[str, Measured]) -> list[str]:
    """The conditions that are true by the status of `groups`."""
    names = [name for one in groups.values() for name in _named(one, _STATES)]
    nibp = groups.get("nibp")
    is_measuring = nibp is not None and nibp.is_active and nibp.label >> _NIBP_MEASURING & 1
    return [*names, "nibp-measuring"] if is_measuring else names


def _named(one: Measured, table: Mapping[str, Mapping[int, str]]) -> list[str]:
    if not one.status & EXISTS:
        return []
    return [name for bit, name in table.get(one.group.name, {}).items() if one.bits(bit, bit)]


def alarms(groups: Mapping[str, Measured]) -> dict[str, Alarm]:
    """Asystole, apnea and arrhythmias by code. Apnea does not count where the monitor deactivated it."""
    codes: list[str] = []
    for one in groups.values():
        deactivated = one.group.name == "co2" and one.bits(_APNEA_DEACTIVATED, _APNEA_DEACTIVATED)
        codes += [] if deactivated or not one.is_active else _named(one, _ALARMS)
    found = {code: Alarm(code) for code in codes}
    arrhythmia = groups.get("arrh_ecg")
    if arrhythmia is not None and arrhythmia.status & ACTIVE:
        low, high = (word & 0xFFFF for word in arrhythmia.raw[-2:])
        bits = low | high << 16
        active = [name for bit, name in enumerate(_ARRHYTHMIAS) if bits >> bit & 1]
        found |= {f"arrhythmia-{name.lower().replace(' ', '-')}": Alarm(name) for name in active}
    return found


def quality(one: Measured) -> Quality:
    """What the status says against the group's values."""
    is_ecg = one.group.name in ("ecg", "ecg_extra")
    return Quality.ARTIFACT if is_ecg and one.bits(7, 8) else Quality.GOOD
