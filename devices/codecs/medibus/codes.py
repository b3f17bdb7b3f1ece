"""MEDIBUS: what the codes of measured data, settings and realtime data mean, and in which unit.

A device may send the same quantity by several codes: with another unit, of another codepage, by another way
to measure it. For a metric the first of its codes below that has a number counts; the others are told as
UNMAPPED. An agent told as a pressure, and CO2 told in %, have none: they would need the ambient pressure.
Source: Draeger, MEDIBUS for Draeger Intensive Care Devices; MEDIBUS for Primus, Primus IE, Apollo and Pallas;
MEDIBUS.X Profile Definition; as tabulated by mdpnp/mdpnp (devices/draeger, *.map), by
xeonfusion/VSCaptureDrgVent (Class2.cs) and by wlbaker/mdrepo (idea-core, Drager*_Measurements). Codes of
which these say different things have no metric here: 8BH is the inspiratory tidal volume of an anaesthesia
machine and in MEDIBUS.X, but an Evita's volume of supported spontaneous breaths.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.codecs.medibus.frames import Code


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code's meaning. `unit` is UCUM; `metric` is empty where the metric table has none."""

    text: str
    unit: str = ""
    metric: str = ""


Key = tuple[Code, int]
"""The command whose response has the code, and the code."""

_1, _2, _SET = Code.DATA_1, Code.DATA_2, Code.SETTINGS

_MEASURED: Mapping[Key, Meaning] = {
    (_2, 0x21): Meaning("expiratory tidal volume", "mL", "vent_vt"),
    (_1, 0x88): Meaning("tidal volume", "mL", "vent_vt"),
    (_1, 0x82): Meaning("tidal volume", "L", "vent_vt"),
    (_2, 0x22): Meaning("inspiratory tidal volume", "mL", "vent_vt_insp"),
    (_1, 0x84): Meaning("spontaneous expiratory tidal volume", "mL", "vent_vt_spont"),
    (_2, 0x00): Meaning("spontaneous tidal volume", "mL", "vent_vt_spont"),
    (_1, 0x7F): Meaning("spontaneous tidal volume", "L", "vent_vt_spont"),
    (_1, 0xB9): Meaning("minute volume", "L/min", "vent_mv"),
    (_1, 0xB7): Meaning("spontaneous minute volume", "L/min", "vent_mv_spont"),
    (_1, 0x7D): Meaning("peak inspiratory pressure", "mbar", "vent_pip"),
    (_1, 0x73): Meaning("mean airway pressure", "mbar", "vent_pmean"),
    (_1, 0x74): Meaning("plateau pressure", "mbar", "vent_pplat"),
    (_1, 0x78): Meaning("PEEP", "mbar", "vent_peep"),
    (_1, 0x07): Meaning("dynamic compliance", "mL/mbar", "vent_cdyn"),
    (_1, 0x08): Meaning("resistance", "mbar.s/L", "vent_raw"),
    (_1, 0xD6): Meaning("respiratory rate", "/min", "vent_rr_total"),
    (_1, 0xD7): Meaning("respiratory rate from volume or flow", "/min", "vent_rr_total"),
    (_1, 0xD9): Meaning("respiratory rate", "/min", "vent_rr_total"),
    (_1, 0xB4): Meaning("respiratory rate from pressure", "/min", "vent_rr_total"),
    (_1, 0xB5): Meaning("spontaneous respiratory rate", "/min", "vent_rr_spont"),
    (_1, 0xD5): Meaning("respiratory rate from CO2", "/min", "rr_co2"),
    (_1, 0xB3): Meaning("leak", "%", "vent_leak"),
    (_1, 0xC1): Meaning("airway temperature", "Cel", "temp_airway"),
    (_1, 0xF0): Meaning("inspiratory O2", "%", "fio2"),
    (_1, 0xEF): Meaning("end-tidal O2", "%", "eto2"),
    (_1, 0xE6): Meaning("end-tidal CO2", "mm[Hg]", "etco2"),
    (_1, 0xE3): Meaning("end-tidal CO2", "kPa", "etco2"),
    (_1, 0xE5): Meaning("inspiratory CO2", "mm[Hg]", "fico2"),
    (_1, 0xFF): Meaning("inspiratory CO2", "kPa", "fico2"),
    (_1, 0xFB): Meaning("inspiratory N2O", "%", "fin2o"),
    (_1, 0xFC): Meaning("end-tidal N2O", "%", "etn2o"),
    (_1, 0xB0): Meaning("inspiratory sevoflurane", "%", "fisev"),
    (_1, 0xB1): Meaning("end-tidal sevoflurane", "%", "etsev"),
    (_1, 0xAE): Meaning("inspiratory desflurane", "%", "fides"),
    (_1, 0xAF): Meaning("end-tidal desflurane", "%", "etdes"),
    (_1, 0xF8): Meaning("inspiratory isoflurane", "%", "fiiso"),
    (_1, 0xF9): Meaning("end-tidal isoflurane", "%", "etiso"),
    (_1, 0xAD): Meaning("MAC, expired", "1", "mac"),
    (_1, 0xEB): Meaning("oxygen saturation", "%", "spo2"),
    (_1, 0xE1): Meaning("pulse rate", "/min", "pr_spo2"),
    (_2, 0x0A): Meaning("static compliance", "mL/mbar", "vent_cstat"),
}

_MEASURED_ELSE: Mapping[Key, Meaning] = {
    (_1, 0x03): Meaning("expiratory minute volume", "L/min"),
    (_1, 0x05): Meaning("airway pressure", "mbar"),
    (_1, 0x09): Meaning("CO2 production", "mL/min"),
    (_1, 0x0B): Meaning("patient airway resistance", "mbar.s/L"),
    (_1, 0x2A): Meaning("r²"),
    (_1, 0x6B): Meaning("ambient pressure", "mbar"),
    (_1, 0x71): Meaning("minimum airway pressure", "mbar"),
    (_1, 0x72): Meaning("occlusion pressure P0.1", "mbar"),
    (_1, 0x76): Meaning("inspiratory peak flow", "mL/s"),
    (_1, 0x79): Meaning("intrinsic PEEP", "mbar"),
    (_1, 0x7B): Meaning("mandatory respiratory rate", "/min"),
    (_1, 0x7E): Meaning("mandatory tidal volume", "L"),
    (_1, 0x81): Meaning("trapped volume", "mL"),
    (_1, 0x83): Meaning("mandatory expiratory tidal volume", "mL"),
    (_1, 0x85): Meaning("mandatory inspiratory tidal volume", "mL"),
    (_1, 0x89): Meaning("dead space", "mL"),
    (_1, 0x8A): Meaning("relative dead space", "%"),
    (_1, 0x8B): Meaning("inspiratory tidal volume, or of supported breaths only", "mL"),
    (_1, 0x8D): Meaning("negative inspiratory force", "mbar"),
    (_1, 0xAC): Meaning("MAC, inspired", "1"),
    (_1, 0xB2): Meaning("leakage", "mL/min"),
    (_1, 0xB6): Meaning("spontaneous part of minute volume", "%"),
    (_1, 0xBD): Meaning("apnoea duration", "s"),
    (_1, 0xC4): Meaning("inspiratory to expiratory O2", "%"),
    (_1, 0xC9): Meaning("rapid shallow breathing index"),
    (_1, 0xDA): Meaning("inspiratory CO2", "%"),
    (_1, 0xDB): Meaning("end-tidal CO2", "%"),
    (_1, 0xDD): Meaning("N2O flow", "mL/min"),
    (_1, 0xDE): Meaning("air flow", "mL/min"),
    (_1, 0xE2): Meaning("O2 flow", "mL/min"),
    (_1, 0xE7): Meaning("I:E, I"),
    (_1, 0xE8): Meaning("I:E, E"),
    (_1, 0xE9): Meaning("inspiratory agent", "%"),
    (_1, 0xEA): Meaning("end-tidal agent", "%"),
    (_1, 0xED): Meaning("inspiratory second agent", "%"),
    (_1, 0xEE): Meaning("end-tidal second agent", "%"),
    (_1, 0xF4): Meaning("inspiratory halothane", "%"),
    (_1, 0xF5): Meaning("end-tidal halothane", "%"),
    (_1, 0xF6): Meaning("inspiratory enflurane", "%"),
    (_1, 0xF7): Meaning("end-tidal enflurane", "%"),
    (_2, 0x06): Meaning("elastance", "mbar/L"),
    (_2, 0x07): Meaning("time constant", "s"),
    (_2, 0x23): Meaning("end-inspiratory pressure", "mbar"),
    (_2, 0x37): Meaning("leakage minute volume", "L/min"),
    (_2, 0x38): Meaning("inspiratory time", "s"),
}

_SETTINGS: Mapping[Key, Meaning] = {
    (_SET, 0x09): Meaning("respiratory rate", "/min", "vent_rr_set"),
    (_SET, 0x0A): Meaning("IPPV or least respiratory rate", "/min", "vent_rr_set"),
    (_SET, 0x01): Meaning("oxygen", "%"),
    (_SET, 0x02): Meaning("inspiratory flow", "L/min"),
    (_SET, 0x04): Meaning("inspiratory tidal volume", "L"),
    (_SET, 0x05): Meaning("inspiratory time", "s"),
    (_SET, 0x07): Meaning("I:E, I"),
    (_SET, 0x08): Meaning("I:E, E"),
    (_SET, 0x0B): Meaning("PEEP", "mbar"),
    (_SET, 0x0C): Meaning("intermittent PEEP", "mbar"),
    (_SET, 0x0D): Meaning("lower pressure level", "mbar"),
    (_SET, 0x0E): Meaning("upper pressure level", "mbar"),
    (_SET, 0x0F): Meaning("time of lower pressure level", "s"),
    (_SET, 0x10): Meaning("time of upper pressure level", "s"),
    (_SET, 0x11): Meaning("apnoea time", "s"),
    (_SET, 0x12): Meaning("pressure support", "mbar"),
    (_SET, 0x13): Meaning("pressure limit", "mbar"),
    (_SET, 0x15): Meaning("trigger pressure", "mbar"),
    (_SET, 0x16): Meaning("tachypnoea rate", "/min"),
    (_SET, 0x27): Meaning("plateau time of inspiratory time", "%"),
    (_SET, 0x29): Meaning("flow trigger", "L/min"),
    (_SET, 0x2E): Meaning("pressure rise time", "s"),
    (_SET, 0x2F): Meaning("fresh gas flow", "mL/min"),
    (_SET, 0x40): Meaning("inspiratory tidal volume", "mL"),
    (_SET, 0x42): Meaning("respiratory rate for apnoea ventilation", "/min"),
    (_SET, 0x45): Meaning("inspiratory pressure", "mbar"),
    (_SET, 0x4A): Meaning("age", "a"),
    (_SET, 0x4B): Meaning("weight", "kg"),
}

MEANINGS: Mapping[Key, Meaning] = {**_MEASURED, **_MEASURED_ELSE, **_SETTINGS}
METRICS = tuple(dict.fromkeys(meaning.metric for meaning in MEANINGS.values() if meaning.metric))
"""All metrics of numbers."""
RANKED: Mapping[str, tuple[Key, ...]] = {
    metric: tuple(key for key, meaning in MEANINGS.items() if meaning.metric == metric) for metric in METRICS
}
"""The codes of each metric, the best first."""

LIMITS: Mapping[Code, Code] = {
    Code.LOW_LIMITS_1: Code.DATA_1,
    Code.HIGH_LIMITS_1: Code.DATA_1,
    Code.LOW_LIMITS_2: Code.DATA_2,
    Code.HIGH_LIMITS_2: Code.DATA_2,
}
"""Whose codes the alarm limits have."""

WAVES: Mapping[int, Meaning] = {
    0x00: Meaning("airway pressure", "mbar", "paw_wave"),
    0x01: Meaning("flow", "L/min", "flow_wave"),
    0x06: Meaning("CO2", "mm[Hg]", "co2_wave"),
    0x07: Meaning("CO2", "kPa", "co2_wave"),
}
"""Curves, by their codes, the best first."""

STANDBY = {0x1E, 0x54}
"""Text messages that say that nobody is ventilated."""


def rank(priority: int) -> str:
    """An alarm's priority, 1–31, as low (advisory), medium (caution) or high (warning)."""
    return "low" if priority <= 10 else "medium" if priority <= 24 else "high"
