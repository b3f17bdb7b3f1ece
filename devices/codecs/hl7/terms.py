"""Which metric a monitor's HL7 observation is, and in which unit: by IEEE 11073 terms, or not at all.

`metric_of` reads OBX-3. An IEEE term ("MDC") has a number (partition × 65536 + term) and a name (reference
id); devices tell both, one of them, or the number 0 (WCM). If the two name different metrics, or different
units, the observation is of no known kind: a wrong label is worse than none. The term may also be the
alternate triplet, behind LOINC. Alone, the LOINC codes of vital signs are read as what plain monitors mean
with them: 8867-4 is the heart rate and 8480-6 the cuff's. Philips' coding system MDIL writes partition and
term in hexadecimal. Texts of other coding systems are taken only where one system names them without doubt
(Edan, Mindray's older gateway); their units, where OBX-6 says none, are taken only if the number can have but
one.
Source: metrics.csv; IHE PCD TF-2 (OBX-3, OBX-6); IEEE 11073-10101 as in mdpnp and Philips NOM tables; HL7
messages of Mindray VS 8, VS 900 and eGateway, Philips IntelliVue Information Center and Efficia, Edan.
"""

import re
from decimal import Decimal

from devices.codecs.hl7.message import Segment
from devices.errors import UnknownUnit
from devices.model.metrics import METRICS, Metric
from devices.model.units import converted

_BY_CODE = {metric.mdc_code: metric for metric in reversed(METRICS.values()) if metric.mdc_code}
_BY_NAME = {metric.mdc_refid: metric for metric in reversed(METRICS.values()) if metric.mdc_refid}

_ALIAS_CODES = {
    150301: "nibp_sys",
    150302: "nibp_dia",
    150303: "nibp_map",
    151728: "etco2",
    150448: "pi",
    149538: "pr_spo2",
    150032: "abp_wave",
    150033: "abp_sys",
    150034: "abp_dia",
    150035: "abp_map",
}
"""150301 to 150303: PRESS_CUFF as Mindray uses it. 151728: AWAY_CO2_ET. 150448: PULS_OXIM_PERF_REL, the older
term. 149538: Philips NOM_PLETH_PULS_RATE (0x4822). 150032 to 150035: the label ART of GE and Mindray; it is
shown as ABP, as all codecs do."""
_ALIAS_NAMES = {
    "MDC_PRESS_CUFF_SYS": "nibp_sys",
    "MDC_PRESS_CUFF_DIA": "nibp_dia",
    "MDC_PRESS_CUFF_MEAN": "nibp_map",
    "MDC_AWAY_CO2_ET": "etco2",
    "MDC_PULS_OXIM_PERF_REL": "pi",
    "MDC_ECG_CARD_BEAT_RATE": "hr",
    "MDC_PRESS_BLD_ART": "abp_wave",
    "MDC_PRESS_BLD_ART_SYS": "abp_sys",
    "MDC_PRESS_BLD_ART_DIA": "abp_dia",
    "MDC_PRESS_BLD_ART_MEAN": "abp_map",
    "MDC_ECG_LEAD_I": "ecg_i",
    "MDC_ECG_LEAD_II": "ecg_ii",
    "MDC_ECG_LEAD_III": "ecg_iii",
}
_LOINC_SYSTEMS = frozenset({"LN", "LOINC", "LNC", ""})
_LOINC = {
    "8867-4": "hr",
    "8889-8": "pr_spo2",
    "59408-5": "spo2",
    "2708-6": "spo2",
    "61006-3": "pi",
    "9279-1": "rr",
    "8480-6": "nibp_sys",
    "8462-4": "nibp_dia",
    "8478-0": "nibp_map",
    "8310-5": "temp",
    "8329-5": "temp_core",
    "8331-1": "temp_oral",
    "8332-9": "temp_rect",
    "8333-7": "temp_tymp",
    "8328-7": "temp_axil",
    "19891-1": "etco2",
    "2339-0": "glucose",
    "15074-8": "glucose",
    "41653-7": "glucose_cap",
    "14743-9": "glucose_cap",
    "8302-2": "height",
    "29463-7": "weight",
    "39156-5": "bmi",
    "9269-2": "gcs",
}
"""Codes of metrics.csv that plain monitors send; 2708-6, which some send for SpO2; glucose in mmol/L, too.
8867-4 is also told for pulses, 8480-6 for any pressure: who measures several of them tells IEEE's terms."""
_GENERIC = frozenset({150017, 150018, 150019})
"""MDC_PRESS_BLD_SYS, _DIA, _MEAN: a name beside one (Comen: NONINV) says which pressure it is."""
_OTHER_TERMS = {"MDC_PULS_RATE": 149514, "MDC_BLD_PULS_RATE_INV": 149522}
"""Terms that must not be taken for the number that some device puts beside them, if the table lacks them."""
_TEXTS = {
    ("EHC", "393216", "NIBP_SYS"): "nibp_sys",
    ("EHC", "393217", "NIBP_DIA"): "nibp_dia",
    ("EHC", "393219", "NIBP_PR"): "pr_nibp",
    ("EHC", "327680", "SPO2_SPO2"): "spo2",
    ("EHC", "131072", "ECG_HR"): "hr",
    ("EHC", "458752", "TEMP_T1"): "temp",
    ("", "101", "HR"): "hr",
    ("", "151", "RR"): "rr",
    ("", "160", "SPO2"): "spo2",
    ("", "161", "PR"): "pr_spo2",
}
_MDIL = re.compile(r"([0-9a-f]{4})-([0-9a-f]{4})", re.I)
_MDIL_RESP = 151552
"""MDIL's `Resp` is the number of the respiration's wave: a numeric value with it is the rate."""

_DIMENSIONS = {
    512: "1",
    544: "%",
    1280: "m",
    1297: "cm",
    1376: "[in_i]",
    1600: "L",
    1618: "mL",
    1728: "g",
    1731: "kg",
    1760: "[lb_av]",
    2130: "mg/dL",
    4722: "mmol/L",
    2496: "Hz",
    2464: "Hz",
    2528: "/min",
    2720: "/min",
    2784: "/min",
    3072: "L/min",
    3090: "mL/min",
    3122: "mL/h",
    3843: "kPa",
    3872: "mm[Hg]",
    3904: "cm[H2O]",
    4274: "mV",
    4275: "uV",
    4384: "K",
    4416: "[degF]",
    6048: "Cel",
}
"""Terms of the partition of dimensions (4) that monitors' messages use."""
_DIMENSION_NAMES = {
    "MDC_DIM_DIMLESS": "1",
    "MDC_DIM_PERCENT": "%",
    "MDC_DIM_BEAT_PER_MIN": "/min",
    "MDC_DIM_RESP_PER_MIN": "/min",
    "MDC_DIM_BREATH_PER_MIN": "/min",
    "MDC_DIM_PER_MIN": "/min",
    "MDC_DIM_MMHG": "mm[Hg]",
    "MDC_DIM_KILO_PASCAL": "kPa",
    "MDC_DIM_CM_H2O": "cm[H2O]",
    "MDC_DIM_DEGC": "Cel",
    "MDC_DIM_FAHR": "[degF]",
    "MDC_DIM_KELVIN": "K",
    "MDC_DIM_MILLI_VOLT": "mV",
    "MDC_DIM_MICRO_VOLT": "uV",
    "MDC_DIM_HZ": "Hz",
    "MDC_DIM_PER_SEC": "Hz",
    "MDC_DIM_X_L_PER_MIN": "L/min",
    "MDC_DIM_L_PER_MIN": "L/min",
    "MDC_DIM_MILLI_L_PER_MIN": "mL/min",
    "MDC_DIM_MILLI_L_PER_HR": "mL/h",
    "MDC_DIM_MILLI_L": "mL",
    "MDC_DIM_X_L": "L",
    "MDC_DIM_KILO_G": "kg",
    "MDC_DIM_X_G": "g",
    "MDC_DIM_LB": "[lb_av]",
    "MDC_DIM_CENTI_M": "cm",
    "MDC_DIM_X_M": "m",
    "MDC_DIM_INCH": "[in_i]",
    "MDC_DIM_MILLI_G_PER_DL": "mg/dL",
    "MDC_DIM_MILLI_MOLE_PER_L": "mmol/L",
}
_SPELLINGS = {
    "bpm": "/min",
    "rpm": "/min",
    "1/min": "/min",
    "{beat}/min": "/min",
    "{beats}/min": "/min",
    "{breath}/min": "/min",
    "{breaths}/min": "/min",
    "{resp}/min": "/min",
    "beats/min": "/min",
    "breaths/min": "/min",
    "mmhg": "mm[Hg]",
    "mm(hg)": "mm[Hg]",
    "cmh2o": "cm[H2O]",
    "kpa": "kPa",
    "cel": "Cel",
    "degc": "Cel",
    "°c": "Cel",
    "c": "Cel",
    "degf": "[degF]",
    "°f": "[degF]",
    "f": "[degF]",
    "l/min": "L/min",
    "ml": "mL",
    "ml/h": "mL/h",
    "mv": "mV",
    "uv": "uV",
    "hz": "Hz",
    "mg/dl": "mg/dL",
    "mmol/l": "mmol/L",
}
_UNAMBIGUOUS = frozenset({"%", "/min", "{score}"})
"""Units that a number without a unit can be taken to have, where the metric has them."""


def metric_of(obx: Segment) -> Metric | None:
    """The metric that OBX-3 names; None if none, or not without doubt."""
    triplets = [tuple(obx.component(3, at + place) for place in range(3)) for at in (1, 4)]
    found = [metric for code, name, system in triplets if (metric := _named(code, name, system.upper()))]
    if any(system.upper() == "MDC" for _, _, system in triplets) or found:
        return found[0] if found and all(metric is found[0] for metric in found) else None
    told = {
        _LOINC[code] for code, _, system in triplets if code in _LOINC and system.upper() in _LOINC_SYSTEMS
    }
    return METRICS[told.pop()] if len(told) == 1 else None


def _named(code: str, name: str, system: str) -> Metric | None:
    if system == "MDIL":
        match = _MDIL.fullmatch(code)
        number = int(match[1], 16) * 65536 + int(match[2], 16) if match else 0
        return METRICS["rr"] if number == _MDIL_RESP else _by_code(number)
    if system == "MDC" or name.startswith("MDC_") or code.startswith("MDC_"):
        return _by_term(code, name)
    alias = _TEXTS.get((system, code, name.upper()))
    return METRICS[alias] if alias else None


def _by_term(code: str, name: str) -> Metric | None:
    name = name or (code if code.startswith("MDC_") else "")
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else 0
    by_code, by_name = _by_code(number), _by_refid(name)
    if by_code and by_name and number not in _GENERIC:
        return by_name if by_code is by_name else None
    if _OTHER_TERMS.get(name, number) != number:
        return None
    return by_name or by_code


def _by_code(number: int) -> Metric | None:
    alias = _ALIAS_CODES.get(number)
    return METRICS[alias] if alias else _BY_CODE.get(number)


def _by_refid(name: str) -> Metric | None:
    alias = _ALIAS_NAMES.get(name)
    return METRICS[alias] if alias else _BY_NAME.get(name)


def unit_of(obx: Segment) -> str:
    """OBX-6 as UCUM; "" if there is none, its own text if it is unknown or contradicts itself."""
    parts = [part for part in (obx.component(6, place) for place in (1, 2, 4, 5)) if part]
    units = {unit for part in parts if (unit := _ucum(part))}
    return units.pop() if len(units) == 1 else obx.text(6)


def _ucum(text: str) -> str:
    if match := _MDIL.fullmatch(text):
        return _DIMENSIONS.get(int(match[2], 16), "") if int(match[1], 16) == 4 else ""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return _DIMENSIONS.get(int(text) - 4 * 65536, "")
    plain = text.replace("º", "°")
    known = plain in set(_DIMENSIONS.values()) | {"{score}", "kg/m2"}
    return plain if known else _DIMENSION_NAMES.get(plain) or _SPELLINGS.get(plain.lower(), "")


def in_metric_unit(value: Decimal, unit: str, metric: Metric) -> Decimal | None:
    """`value` in the metric's unit; None if `unit` is none that can become it without doubt.

    A ratio (1) is not taken for a percentage: some perfusion indices are told so, and mean percent.
    """
    if not unit:
        return value if metric.unit in _UNAMBIGUOUS else None
    if unit == "1" and metric.unit != "1":
        return None
    try:
        return converted(value, unit, metric.unit)
    except UnknownUnit:
        return None
