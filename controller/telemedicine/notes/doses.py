"""How a medicine is taken, in plain words for its patient; what they do not know is said as it is written.

dose_words(wanted, "zh")         # "每次 1 粒，口服，每天 3 次，共 10 天"
"""

from collections.abc import Mapping

from controller.prescriptions.model import Timing, Wanted
from controller.telemedicine.model import Language

_UNITS: Mapping[str, Mapping[Language, str]] = {
    "{tablet}": {"en": "tablet", "zh": "片"},
    "{capsule}": {"en": "capsule", "zh": "粒"},
    "{puff}": {"en": "puff", "zh": "喷"},
    "{drop}": {"en": "drop", "zh": "滴"},
    "[iU]": {"en": "IU", "zh": "单位"},
    "ug": {"en": "µg", "zh": "微克"},
    "mg": {"en": "mg", "zh": "毫克"},
    "mL": {"en": "mL", "zh": "毫升"},
}
"""UCUM, as people say it."""
_ROUTES: Mapping[str, str] = {
    "26643006": "口服",
    "37839007": "舌下",
    "37161004": "直肠",
    "47625008": "静脉",
    "78421000": "肌内",
    "34206005": "皮下",
    "447694001": "吸入",
    "46713006": "鼻腔",
    "54485002": "眼部",
    "6064005": "外用",
    "45890007": "透皮",
}
"""Routes of SNOMED CT in Chinese; in English a prescription names them itself."""
_APART: Mapping[Language, str] = {"en": ", at least {n} h apart", "zh": "，间隔至少 {n} 小时"}


def dose_words(wanted: Wanted, language: Language) -> str:
    """How much, which way, when, and for how long."""
    unit = _UNITS.get(wanted.dose.unit, {}).get(language, wanted.dose.unit)
    when = _when(wanted.timing, language)
    if language == "zh":
        route = _ROUTES.get(wanted.route.code, wanted.route.display)
        days = f"，共 {wanted.days} 天" if wanted.days else ""
        return f"每次 {wanted.dose.value} {unit}，{route}，{when}{days}"
    days = f", for {wanted.days} days" if wanted.days else ""
    return f"{wanted.dose.value} {unit}, {wanted.route.display.lower()}, {when}{days}"


def _when(timing: Timing, language: Language) -> str:
    parts = {"times": timing.times, "hours": timing.hours, "at": ", ".join(timing.at), "for": timing.reason}
    said = _RHYTHMS[timing.rhythm][language].format(**parts)
    is_apart = timing.rhythm == "as-needed" and timing.hours
    return said + (_APART[language].format(n=timing.hours) if is_apart else "")


_RHYTHMS: Mapping[str, Mapping[Language, str]] = {
    "per-day": {"en": "{times} times a day", "zh": "每天 {times} 次"},
    "every": {"en": "every {hours} hours", "zh": "每 {hours} 小时一次"},
    "at": {"en": "at {at}", "zh": "于 {at}"},
    "once": {"en": "once", "zh": "一次"},
    "as-needed": {
        "en": "as needed for {for}, at most {times} times in 24 h",
        "zh": "需要时用于{for}，24 小时内最多 {times} 次",
    },
}
