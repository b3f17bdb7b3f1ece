"""The fields of a Puritan Bennett ventilator's reports: what each number of a field means, and in which unit.

Source: Puritan Bennett 840 Operator's and Technical Reference Manual (10067720), tables of MISCA and MISCF;
the 980 has the same fields, and other meanings for a few of the last ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What becomes of a field."""

    MEASURED = "measured"
    """A reading of its metric in every report; without a metric, told when it changes."""
    MANOEUVRE = "manoeuvre"
    """The result of a manoeuvre that a person started, repeated until the next; 0 until the first."""
    SETTING = "setting"
    """A setting or a limit, told when it changes; if it has a metric, a reading of it in every report."""
    ALARM = "alarm"
    """NORMAL, RESET, ALARM, or LOW, MEDIUM, HIGH: how urgent it is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a report. `unit` is UCUM; empty for text and plain numbers."""

    text: str
    unit: str = ""
    metric: str = ""
    kind: Kind = Kind.SETTING


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
"""The text of a field that is a number."""
_P, _F, _V, _T, _R = "cm[H2O]", "L/min", "L", "s", "/min"
_RAW, _C = "cm[H2O].s/L", "mL/cm[H2O]"


def _measured(text: str, unit: str = "", metric: str = "") -> Field:
    return Field(text, unit, metric, Kind.MEASURED)


def _manoeuvre(text: str, unit: str, metric: str = "") -> Field:
    return Field(text, unit, metric, Kind.MANOEUVRE)


def _alarm(text: str) -> Field:
    return Field(text, kind=Kind.ALARM)


def _alarms(first: int, texts: str) -> dict[int, Field]:
    return {n: _alarm(text.strip()) for n, text in enumerate(texts.split(","), first)}


MISCF: Mapping[int, Field] = {
    8: Field("ventilation type"),
    9: Field("mode"),
    10: Field("mandatory type"),
    11: Field("spontaneous type"),
    12: Field("trigger type"),
    13: Field("respiratory rate", _R, "vent_rr_set"),
    14: Field("tidal volume", _V),
    15: Field("peak flow", _F),
    16: Field("oxygen", "%"),
    17: Field("pressure sensitivity", _P),
    18: Field("PEEP", _P),
    19: Field("plateau time", _T),
    20: Field("apnoea interval", _T),
    21: Field("apnoea tidal volume", _V),
    22: Field("apnoea respiratory rate", _R),
    23: Field("apnoea peak flow", _F),
    24: Field("apnoea oxygen", "%"),
    25: Field("apnoea inspiratory pressure", _P),
    26: Field("apnoea inspiratory time", _T),
    27: Field("apnoea flow pattern"),
    28: Field("apnoea mandatory type"),
    29: Field("apnoea I:E ratio, I"),
    30: Field("apnoea I:E ratio, E"),
    31: Field("pressure support", _P),
    32: Field("flow pattern"),
    33: Field("100 % O2"),
    34: Field("high limit of inspiratory pressure", _P),
    35: Field("low limit of inspiratory pressure", _P),
    36: Field("high limit of exhaled minute volume", _F),
    37: Field("low limit of exhaled minute volume", _F),
    38: Field("high limit of exhaled mandatory tidal volume", "mL"),
    39: Field("low limit of exhaled mandatory tidal volume", "mL"),
    40: Field("high limit of exhaled spontaneous tidal volume", "mL"),
    41: Field("low limit of exhaled spontaneous tidal volume", "mL"),
    42: Field("high limit of respiratory rate", _R),
    43: Field("high limit of inspired tidal volume", "mL"),
    44: Field("base flow", _F),
    45: Field("flow sensitivity", _F),
    46: Field("inspiratory pressure", _P),
    47: Field("inspiratory time", _T),
    48: Field("I:E or H:L ratio, first part"),
    49: Field("I:E or H:L ratio, second part"),
    50: Field("constant during rate change"),
    51: Field("tube inner diameter", "mm"),
    52: Field("tube type"),
    53: Field("humidification"),
    54: Field("humidifier volume", _V),
    55: Field("O2 sensor"),
    56: Field("disconnect sensitivity", "%"),
    57: Field("rise time", "%"),
    58: Field("PAV support", "%"),
    59: Field("expiratory sensitivity"),
    60: Field("ideal body weight", "kg"),
    61: Field("target support volume", _V),
    62: Field("high PEEP", _P),
    63: Field("low PEEP", _P),
    64: Field("high PEEP time", _T),
    65: Field("limit of spontaneous inspiratory time", _T),
    66: Field("circuit type"),
    67: Field("low PEEP time", _T),
    68: Field("expiratory time", _T),
    69: _measured("end inspiratory pressure", _P),
    70: _measured("total respiratory rate", _R, "vent_rr_total"),
    71: _measured("exhaled tidal volume", _V, "vent_vt"),
    72: _measured("exhaled minute volume", _F, "vent_mv"),
    73: _measured("peak airway pressure", _P, "vent_pip"),
    74: _measured("mean airway pressure", _P, "vent_pmean"),
    75: _measured("I:E ratio, E for I = 1"),
    76: _measured("I:E ratio"),
    77: _measured("delivered oxygen", "%", "fio2"),
    78: _measured("inspired tidal volume", _V, "vent_vt_insp"),
    79: _measured("intrinsic PEEP (PAV)", _P),
    80: _measured("total resistance (PAV)", _RAW),
    81: _measured("patient resistance (PAV)", _RAW),
    82: _measured("patient elastance (PAV)", "cm[H2O]/L"),
    83: _measured("patient compliance (PAV)", _C),
    84: _measured("normalised rapid shallow breathing index"),
    85: _measured("rapid shallow breathing index"),
    86: _measured("spontaneous inspiratory time ratio"),
    87: _measured("PEEP", _P, "vent_peep"),
    88: _measured("spontaneous inspiratory time", _T),
    89: _measured("exhaled spontaneous minute volume", _F, "vent_mv_spont"),
    90: _manoeuvre("intrinsic PEEP", _P, "vent_peep_i"),
    91: _manoeuvre("total PEEP", _P),
    92: _manoeuvre("static compliance", _C, "vent_cstat"),
    93: _manoeuvre("static resistance", _RAW),
    94: _manoeuvre("plateau pressure", _P, "vent_pplat"),
    95: _alarm("spontaneous inspiratory time high"),
    96: _measured("dynamic compliance", _C, "vent_cdyn"),
    97: _measured("dynamic resistance", _RAW, "vent_raw"),
    98: _measured("peak spontaneous flow", _F),
    99: _measured("peak expiratory flow", _F, "vent_flow_exp"),
    100: _measured("end expiratory flow", _F),
    102: _manoeuvre("negative inspiratory force", _P),
    103: _manoeuvre("P0.1", _P),
    104: _manoeuvre("vital capacity", _V),
    **_alarms(
        106,
        "apnoea ventilation, exhaled minute volume high, exhaled tidal volume high, O2 high,"
        "inspiratory pressure high, ventilator pressure high, respiratory rate high, AC power loss,"
        "inoperative battery, low battery, loss of power, exhaled mandatory tidal volume low,"
        "exhaled minute volume low, exhaled spontaneous tidal volume low, O2 low, low air supply pressure,"
        "low O2 supply pressure, compressor inoperative, circuit disconnect, severe occlusion,"
        "inspiration too long, procedure error, compliance limited tidal volume,"
        "inspired spontaneous tidal volume high, inspired mandatory tidal volume high,"
        "compensation limit reached, PAV startup too long, PAV R and C not assessed,"
        "volume not delivered (VC+), volume not delivered (VS), inspiratory pressure low",
    ),
    **{n: _alarm(f"technical malfunction A{5 * (n - 136)}") for n in range(137, 154)},
    154: _measured("spontaneous tidal volume", _V, "vent_vt_spont"),
    155: _measured("total work of breathing", "J/L"),
    156: Field("leak compensation"),
    157: _measured("leak", "%", "vent_leak"),
    158: _measured("leak at PEEP", _F),
    159: _measured("inspiratory leak volume", "mL"),
}

ONLY_980: Mapping[int, Field] = {
    153: _alarm("end-tidal CO2 high"),
    160: _alarm("proximal flow sensor inoperative"),
}
"""Fields of MISCF that a 980 uses for something else."""

MISCA: Mapping[int, Field] = {
    9: Field("mode"),
    10: Field("respiratory rate", _R, "vent_rr_set"),
    11: Field("tidal volume", _V),
    12: Field("peak flow", _F),
    13: Field("oxygen", "%"),
    14: Field("pressure sensitivity", _P),
    15: Field("PEEP or low PEEP", _P),
    16: Field("plateau time", _T),
    21: Field("apnoea interval", _T),
    22: Field("apnoea tidal volume", _V),
    23: Field("apnoea respiratory rate", _R),
    24: Field("apnoea peak flow", _F),
    25: Field("apnoea oxygen", "%"),
    26: Field("pressure support", _P),
    27: Field("flow pattern"),
    30: Field("100 % O2"),
    34: _measured("total respiratory rate", _R, "vent_rr_total"),
    35: _measured("exhaled tidal volume", _V, "vent_vt"),
    36: _measured("exhaled minute volume", _F, "vent_mv"),
    37: _measured("spontaneous minute volume", _F, "vent_mv_spont"),
    38: _measured("maximum circuit pressure", _P, "vent_pip"),
    39: _measured("mean airway pressure", _P, "vent_pmean"),
    40: _measured("end inspiratory pressure", _P),
    41: _measured("I:E ratio, E for I = 1"),
    42: Field("high limit of circuit pressure", _P),
    45: Field("low limit of exhaled tidal volume", _V),
    46: Field("low limit of exhaled minute volume", _V),
    47: Field("high limit of respiratory rate", _R),
    48: _alarm("circuit pressure high"),
    51: _alarm("exhaled tidal volume low"),
    52: _alarm("exhaled minute volume low"),
    53: _alarm("respiratory rate high"),
    54: _alarm("no O2 supply"),
    55: _alarm("no air supply"),
    57: _alarm("apnoea"),
    63: _manoeuvre("static compliance", _C, "vent_cstat"),
    64: _manoeuvre("static resistance", _RAW),
    65: _measured("dynamic compliance", _C, "vent_cdyn"),
    66: _measured("dynamic resistance", _RAW, "vent_raw"),
    67: _manoeuvre("negative inspiratory force", _P),
    68: _manoeuvre("vital capacity", _V),
    69: _measured("peak spontaneous flow", _F),
    70: Field("base flow", _F),
    71: Field("flow sensitivity", _F),
    85: Field("inspiratory pressure or high PEEP", _P),
    86: Field("inspiratory time or high PEEP time", _T),
    88: Field("apnoea inspiratory pressure", _P),
    90: Field("apnoea inspiratory time", _T),
    95: _alarm("severe occlusion or disconnect"),
    96: Field("I:E or H:L ratio, first part"),
    97: Field("I:E or H:L ratio, second part"),
    98: Field("apnoea I:E ratio, I"),
    99: Field("apnoea I:E ratio, E"),
    100: Field("constant during rate change"),
    101: _measured("I:E ratio"),
}

TIME, IDENTITY = 5, 6
"""Fields of both reports: the time, and model and serial number."""
DATE = {"MISCA": 8, "MISCF": 7}
SILENCE = {"MISCA": 93, "MISCF": 105}
"""Whether alarms are silenced: ON or OFF."""


def fields_of(name: str, model: str) -> Mapping[int, Field]:
    """The fields of report `name`, MISCA or MISCF, of a `model`."""
    if name == "MISCA":
        return MISCA
    return {**MISCF, **ONLY_980} if model == "980" else MISCF
